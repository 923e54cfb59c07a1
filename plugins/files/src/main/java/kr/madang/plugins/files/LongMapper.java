package kr.madang.plugins.files;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import kr.madang.plugins.files.SourceConfig.ValueType;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.jspecify.annotations.Nullable;

/** Makes samples of the rows of a block. */
final class LongMapper implements Mapper {
  private final LongPlan plan;
  private final ValueType type;
  private final BufferAllocator allocator;
  private final InstantSource clock;
  private final TimeCells times;
  private final StatusParser statuses;
  private final Map<String, String> units = new HashMap<>();

  LongMapper(SourceConfig config, LongPlan plan, BufferAllocator allocator, InstantSource clock) {
    this.plan = plan;
    this.allocator = allocator;
    this.clock = clock;
    type = config.samples().type();
    times = new TimeCells(config);
    statuses = new StatusParser(config.statuses());
  }

  @Override
  public @Nullable Batch map(
      VectorSchemaRoot in, DictionaryProvider dictionaries, int from, int rows, Rejects rejects) {
    try (SampleWriter writer = new SampleWriter(allocator)) {
      Reader reader = new Reader(in, dictionaries, writer, rejects);
      writer.receivedAt(Nanos.of(clock.instant()));
      for (int row = from; row < from + rows; row++) {
        reader.read(row);
      }
      return writer.rows() == 0 ? null : writer.take();
    }
  }

  /** Reads the rows of one block. */
  private final class Reader {
    private final SampleWriter writer;
    private final Rejects rejects;
    private final FieldVector timeVector;
    private final Cells time;
    private final Cells tag;
    private final Cells value;
    private final @Nullable Cells status;
    private final @Nullable Cells unit;
    private final @Nullable Cells integer;
    private final @Nullable Cells text;
    private final @Nullable VarBinaryVector bytes;
    private final @Nullable Cells received;

    Reader(
        VectorSchemaRoot in,
        DictionaryProvider dictionaries,
        SampleWriter writer,
        Rejects rejects) {
      this.writer = writer;
      this.rejects = rejects;
      timeVector = in.getVector(plan.timeColumn());
      time = Cells.of(timeVector, dictionaries);
      tag = Cells.of(in.getVector(plan.tag()), dictionaries);
      value = Cells.of(in.getVector(plan.value()), dictionaries);
      status = plan.status() == null ? null : Cells.of(in.getVector(plan.status()), dictionaries);
      unit = plan.unit() == null ? null : Cells.of(in.getVector(plan.unit()), dictionaries);
      boolean all = plan.canonical();
      integer = all ? Cells.of(in.getVector("long"), dictionaries) : null;
      text = all ? Cells.of(in.getVector("text"), dictionaries) : null;
      bytes = all && in.getVector("bytes") instanceof VarBinaryVector binary ? binary : null;
      received = all ? Cells.of(in.getVector("receiveTime"), dictionaries) : null;
    }

    void read(int row) {
      long at = SampleWriter.NO_TIME;
      if (!time.isNull(row)) {
        at = times.at(timeVector, time, row);
        if (at == TimeParser.BAD) {
          rejects.reject(row, plan.timeColumn() + ": " + times.problem());
          return;
        }
      } else if (!plan.canonical()) {
        rejects.reject(row, plan.timeColumn() + ": expected a time, got null");
        return;
      }
      String name = tag.isNull(row) ? "" : tag.text(row);
      int length = name.getBytes(StandardCharsets.UTF_8).length;
      if (length == 0 || length > 255 || name.chars().anyMatch(Character::isISOControl)) {
        rejects.reject(
            row,
            plan.tag()
                + ": expected a name of 1 to 255 bytes without control characters, got '"
                + name
                + "'");
        return;
      }
      if (unit != null && !unit.isNull(row)) {
        String before = units.putIfAbsent(name, unit.text(row));
        if (before != null && !before.equals(unit.text(row))) {
          rejects.reject(
              row,
              plan.unit()
                  + ": expected the unit '"
                  + before
                  + "' of this tag, got '"
                  + unit.text(row)
                  + "'");
          return;
        }
      }
      if (received != null && !received.isNull(row)) {
        writer.receivedAt(received.integer(row));
      }
      int quality = status == null ? Quality.GOOD : Mapper.status(status, row, statuses);
      put(writer.tag(name), row, quality, at);
    }

    private void put(int tag, int row, int quality, long at) {
      if (integer != null && !integer.isNull(row)) {
        writer.putLong(tag, integer.integer(row), quality, at);
      } else if (text != null && !text.isNull(row)) {
        writer.putText(tag, text.text(row), quality, at);
      } else if (bytes != null && !bytes.isNull(row)) {
        writer.putBytes(tag, bytes.get(row), quality, at);
      } else if (value.isNull(row)) {
        missing(tag, quality, at);
      } else if (type == ValueType.TEXT || (type == ValueType.AUTO && isText(row))) {
        writer.putText(tag, value.text(row), quality, at);
      } else if (isText(row) || (type == ValueType.LONG && !isLong(row))) {
        rejects.reject(
            row,
            plan.value()
                + ": expected "
                + (type == ValueType.LONG ? "a 64-bit integer" : "a number")
                + ", got '"
                + value.text(row)
                + "'");
      } else if (type == ValueType.LONG) {
        writer.putLong(tag, value.integer(row), quality, at);
      } else if (Double.isNaN(value.number(row))) {
        missing(tag, quality, at);
      } else {
        writer.put(tag, value.number(row), quality, at);
      }
    }

    private void missing(int tag, int quality, long at) {
      writer.bad(tag, Quality.isBad(quality) ? quality : Quality.BAD_NO_DATA, at);
    }

    private boolean isText(int row) {
      return value.isText() && Double.isNaN(value.number(row));
    }

    private boolean isLong(int row) {
      return value.isWhole() || value.number(row) == value.integer(row);
    }
  }
}
