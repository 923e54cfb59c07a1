package kr.madang.engine.step;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** Samples of some tags, under other names. */
final class SelectTags implements Transform {
  private final List<Pattern> kept;
  private final Map<String, String> rename;
  private final SampleWriter writer;
  private final Schema schema;

  private @Nullable Object known;
  private int[] targets = new int[0];
  private boolean unchanged;

  SelectTags(
      List<String> globs,
      Map<String, String> rename,
      DeclaredTags declared,
      TransformContext context) {
    this.kept = globs.stream().map(SelectTags::pattern).toList();
    this.rename = rename;
    Map<String, String> units = new LinkedHashMap<>();
    declared
        .units()
        .forEach((tag, unit) -> {
          if (keeps(tag)) {
            units.put(rename.getOrDefault(tag, tag), unit);
          }
        });
    this.schema = new DeclaredTags(units, declared.all()).schema();
    this.writer = new SampleWriter(context.allocator());
  }

  private static Pattern pattern(String glob) {
    return Pattern.compile(
        Stream.of(glob.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")),
        Pattern.DOTALL);
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // the identity of the tags is what says they are the same
  public void apply(Batch in, BatchOutput out) throws InterruptedException {
    Samples samples = Samples.of(in);
    if (samples.rows() == 0) {
      return;
    }
    if (samples.tagsIdentity() != known) {
      learn(samples);
    }
    if (unchanged) {
      out.emit(in.retain());
      return;
    }
    long filtered = 0;
    for (int row = 0; row < samples.rows(); row++) {
      int target = targets[samples.tag(row)];
      if (target < 0) {
        filtered++;
      } else {
        copy(in, samples, row, target);
      }
    }
    if (filtered > 0) {
      out.filtered(filtered);
    }
    if (writer.rows() > 0) {
      out.emit(writer.take());
    }
  }

  private void learn(Samples samples) {
    targets = new int[samples.tagCount()];
    unchanged = true;
    for (int tag = 0; tag < targets.length; tag++) {
      String name = samples.tagName(tag);
      boolean keep = keeps(name);
      unchanged &= keep && !rename.containsKey(name);
      targets[tag] = keep ? writer.tag(rename.getOrDefault(name, name)) : -1;
    }
    known = samples.tagsIdentity();
  }

  private boolean keeps(String name) {
    return kept.isEmpty() || kept.stream().anyMatch(p -> p.matcher(name).matches());
  }

  private void copy(Batch in, Samples samples, int row, int tag) {
    int status = samples.status(row);
    long time = samples.hasSourceTime(row) ? samples.time(row) : SampleWriter.NO_TIME;
    writer.receivedAt(samples.receiveTime(row));
    if (samples.hasValue(row)) {
      writer.put(tag, samples.value(row), status, time);
    } else if (in.root().getVector(2) instanceof BigIntVector longs && !longs.isNull(row)) {
      writer.putLong(tag, longs.get(row), status, time);
    } else if (in.root().getVector(3) instanceof VarCharVector text && !text.isNull(row)) {
      writer.putText(tag, new String(text.get(row), StandardCharsets.UTF_8), status, time);
    } else if (in.root().getVector(4) instanceof VarBinaryVector bytes && !bytes.isNull(row)) {
      writer.putBytes(tag, bytes.get(row), status, time);
    } else {
      writer.bad(tag, status, time);
    }
  }

  @Override
  public void close() {
    writer.close();
  }
}
