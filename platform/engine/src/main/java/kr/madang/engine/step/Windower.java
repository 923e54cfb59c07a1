package kr.madang.engine.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kr.madang.engine.step.FrameFields.FrameField;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.StateInput;
import kr.madang.sdk.transform.StateOutput;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/** Frames to windows of them. */
final class Windower implements Transform {
  private static final String STATE = "window";
  private static final int BATCH_BYTES = 1 << 20;
  private static final int SPARE_ROWS = 1024;

  private final TransformContext context;
  private final int length;
  private final int hop;
  private final int fields;
  private final boolean joined;
  private final boolean channels;
  private final boolean wide;
  private final boolean timed;
  private final int windowsPerBatch;
  private final Schema schema;
  private final WindowHistory history;

  /** The first row of the next window. */
  private long next;

  Windower(WindowStep.Config config, List<FrameField> chosen, TransformContext context) {
    this.context = context;
    length = config.length();
    hop = config.hop().orElse(length);
    fields = chosen.size();
    joined = config.as().isPresent();
    channels = config.layout() == WindowStep.Layout.CHANNELS;
    WindowStep.Type type =
        config.type().orElse(joined ? WindowStep.Type.FLOAT32 : WindowStep.Type.FLOAT64);
    wide = type == WindowStep.Type.FLOAT64;
    timed = config.times().isPresent();
    windowsPerBatch = Math.max(1, BATCH_BYTES / (Double.BYTES * length * fields));
    schema = schema(config, chosen);
    history = new WindowHistory(chosen, 2 * length + SPARE_ROWS, context.allocator());
  }

  private Schema schema(WindowStep.Config config, List<FrameField> chosen) {
    List<Field> columns = new ArrayList<>();
    if (config.as().isPresent()) {
      columns.add(list(config.as().get(), length * fields, unit(chosen)));
    } else {
      for (FrameField field : chosen) {
        columns.add(list(field.name(), length, field.field().getMetadata()));
      }
    }
    config
        .times()
        .ifPresent(times ->
            columns.add(
                new Field(
                    times,
                    FieldType.nullable(new ArrowType.FixedSizeList(length)),
                    List.of(
                        Field.notNullable(
                            "item", new ArrowType.Timestamp(TimeUnit.NANOSECOND, "UTC"))))));
    return Frames.schema(columns);
  }

  /** The unit that all of the fields have, if they have the same. */
  private static Map<String, String> unit(List<FrameField> fields) {
    List<String> units =
        fields.stream()
            .map(field -> field.field().getMetadata().getOrDefault(Frames.UNIT, ""))
            .distinct()
            .toList();
    return units.size() > 1 || units.getFirst().isEmpty()
        ? Map.of()
        : Map.of(Frames.UNIT, units.getFirst());
  }

  private Field list(String name, int size, Map<String, String> metadata) {
    ArrowType item =
        wide ? Frames.DOUBLE : new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
    return new Field(
        name,
        new FieldType(true, new ArrowType.FixedSizeList(size), null, metadata),
        List.of(Field.notNullable("item", item)));
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  public void apply(Batch in, BatchOutput out) throws InterruptedException {
    int done = 0;
    while (done < in.rows()) {
      if (history.room() == 0) {
        history.forgetBefore(next);
      }
      int rows = Math.min(in.rows() - done, history.room());
      history.append(in.root(), done, rows);
      done += rows;
      emitFull(out);
    }
  }

  private void emitFull(BatchOutput out) throws InterruptedException {
    long ready = (history.end() - next - length) / hop + 1;
    if (history.end() - next < length) {
      return;
    }
    while (ready > 0) {
      int windows = (int) Math.min(ready, windowsPerBatch);
      out.emit(windows(windows));
      next += (long) windows * hop;
      ready -= windows;
    }
  }

  private Batch windows(int windows) {
    List<Field> columns = schema.getFields();
    try (Assembly assembly = new Assembly(context.allocator())) {
      ArrowBuf times = assembly.add(columns.get(0), windows).getDataBuffer();
      for (int w = 0; w < windows; w++) {
        times.setLong((long) w << 3, history.time(start(w) + length - 1));
      }
      for (int column = 1; column < columns.size(); column += 2) {
        FieldVector lists = assembly.add(columns.get(column), windows);
        ArrowBuf data = ((FixedSizeListVector) lists).getDataVector().getDataBuffer();
        ArrowBuf status = assembly.add(columns.get(column + 1), windows).getDataBuffer();
        for (int w = 0; w < windows; w++) {
          if (timed && column == columns.size() - 2) {
            times(w, data);
            status.setInt((long) w << 2, Quality.GOOD);
          } else if (joined) {
            join(w, data, status);
          } else {
            int field = column / 2;
            write(field, start(w), data, (long) w * length, 1);
            status.setInt((long) w << 2, history.worst(field, start(w), length));
          }
        }
      }
      return assembly.take(schema, windows);
    }
  }

  private long start(int window) {
    return next + (long) window * hop;
  }

  private void times(int window, ArrowBuf to) {
    long at = (long) window * length;
    for (int i = 0; i < length; i++) {
      to.setLong((at + i) << 3, history.time(start(window) + i));
    }
  }

  private void join(int window, ArrowBuf data, ArrowBuf status) {
    int worst = Quality.GOOD;
    long start = (long) window * length * fields;
    for (int field = 0; field < fields; field++) {
      write(
          field,
          start(window),
          data,
          channels ? start + (long) field * length : start + field,
          channels ? 1 : fields);
      int code = history.worst(field, start(window), length);
      worst = field == 0 ? code : Quality.worst(worst, code);
    }
    status.setInt((long) window << 2, worst);
  }

  /** Writes a window of a field, one value every {@code stride} places from a place on. */
  private void write(int field, long row, ArrowBuf to, long at, int stride) {
    ArrowBuf values = history.values();
    long from = history.offset(field, row);
    if (wide && stride == 1) {
      to.setBytes(at << 3, values, from, (long) length << 3);
    } else if (wide) {
      for (int i = 0; i < length; i++) {
        to.setDouble((at + (long) i * stride) << 3, values.getDouble(from + ((long) i << 3)));
      }
    } else {
      for (int i = 0; i < length; i++) {
        to.setFloat(
            (at + (long) i * stride) << 2, (float) values.getDouble(from + ((long) i << 3)));
      }
    }
  }

  @Override
  public void flush(BatchOutput out) {
    next = Math.max(next, history.end());
  }

  @Override
  public long held() {
    return Math.max(0, history.end() - next);
  }

  @Override
  public void save(StateOutput out) {
    out.putBytes(STATE, history.save(next));
  }

  @Override
  public void restore(StateInput in) {
    in.getBytes(STATE).ifPresent(saved -> next = history.restore(saved));
  }

  @Override
  public void close() {
    history.close();
  }
}
