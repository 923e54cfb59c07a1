package kr.madang.plugins.files;

import java.util.Arrays;
import java.util.List;
import kr.madang.plugins.files.WidePlan.FieldPlan;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.TimeStampNanoTZVector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.jspecify.annotations.Nullable;

/** Makes frames of the rows of a block, column by column. */
final class WideMapper implements Mapper {
  private static final double EXACT = 9_007_199_254_740_992.0;

  private final WidePlan plan;
  private final BufferAllocator allocator;
  private final TimeCells times;
  private final StatusParser statuses;
  private int[] kept = new int[0];
  private int count;

  WideMapper(SourceConfig config, WidePlan plan, BufferAllocator allocator) {
    this.plan = plan;
    this.allocator = allocator;
    times = new TimeCells(config);
    statuses = new StatusParser(config.statuses());
  }

  @Override
  public @Nullable Batch map(
      VectorSchemaRoot in, DictionaryProvider dictionaries, int from, int rows, Rejects rejects) {
    List<FieldPlan> fields = plan.fields();
    VectorSchemaRoot out =
        VectorSchemaRoot.create(
            Frames.schema(fields.stream().map(FieldPlan::field).toList()), allocator);
    try {
      for (FieldVector vector : out.getFieldVectors()) {
        vector.setInitialCapacity(rows);
        vector.allocateNew();
      }
      time(in, dictionaries, (TimeStampNanoTZVector) out.getVector(0), from, rows, rejects);
      for (int i = 0; i < fields.size(); i++) {
        FieldPlan field = fields.get(i);
        FieldVector statusIn = field.status() == null ? null : in.getVector(field.status());
        UInt4Vector status = (UInt4Vector) out.getVector(2 * i + 2);
        status(statusIn, dictionaries, status);
        values(in.getVector(field.column()), dictionaries, out.getVector(2 * i + 1), status);
      }
      out.setRowCount(count);
    } catch (RuntimeException e) {
      out.close();
      throw e;
    }
    if (count == 0) {
      out.close();
      return null;
    }
    return Batch.of(out);
  }

  private void time(
      VectorSchemaRoot in,
      DictionaryProvider dictionaries,
      TimeStampNanoTZVector out,
      int from,
      int rows,
      Rejects rejects) {
    if (kept.length < rows) {
      kept = Arrays.copyOf(kept, rows);
    }
    count = 0;
    FieldVector vector = in.getVector(plan.timeColumn());
    Cells cells = Cells.of(vector, dictionaries);
    for (int row = from; row < from + rows; row++) {
      if (cells.isNull(row)) {
        rejects.reject(row, plan.timeColumn() + ": expected a time, got null");
        continue;
      }
      long time = times.at(vector, cells, row);
      if (time == TimeParser.BAD) {
        rejects.reject(row, plan.timeColumn() + ": " + times.problem());
        continue;
      }
      out.set(count, time);
      kept[count++] = row;
    }
  }

  private void status(@Nullable FieldVector in, DictionaryProvider dictionaries, UInt4Vector out) {
    if (in == null) {
      for (int i = 0; i < count; i++) {
        out.set(i, Quality.GOOD);
      }
      return;
    }
    Cells cells = Cells.of(in, dictionaries);
    for (int i = 0; i < count; i++) {
      out.set(i, Mapper.status(cells, kept[i], statuses));
    }
  }

  private void values(
      FieldVector in, DictionaryProvider dictionaries, FieldVector out, UInt4Vector status) {
    switch (out) {
      case Float8Vector doubles -> doubles(Cells.of(in, dictionaries), doubles, status);
      case BigIntVector longs -> longs(Cells.of(in, dictionaries), longs, status);
      case VarCharVector texts -> {
        Cells cells = Cells.of(in, dictionaries);
        for (int i = 0; i < count; i++) {
          if (cells.isNull(kept[i])) {
            missing(status, i);
          } else {
            texts.setSafe(i, cells.text(kept[i]).getBytes(java.nio.charset.StandardCharsets.UTF_8));
          }
        }
      }
      default -> {
        for (int i = 0; i < count; i++) {
          if (in.isNull(kept[i])) {
            missing(status, i);
          } else {
            out.copyFromSafe(kept[i], i, in);
          }
        }
      }
    }
  }

  private void doubles(Cells cells, Float8Vector out, UInt4Vector status) {
    boolean whole = cells.isWhole();
    for (int i = 0; i < count; i++) {
      double value = cells.isNull(kept[i]) ? Double.NaN : cells.number(kept[i]);
      if (Double.isNaN(value)) {
        missing(status, i);
        continue;
      }
      out.set(i, value);
      if (whole && Math.abs(value) > EXACT) {
        status.set(i, Quality.worst(status.get(i), Quality.UNCERTAIN)); // digits were lost
      }
    }
  }

  private void longs(Cells cells, BigIntVector out, UInt4Vector status) {
    for (int i = 0; i < count; i++) {
      if (cells.isNull(kept[i])) {
        missing(status, i);
        continue;
      }
      long value = cells.integer(kept[i]);
      out.set(i, value);
      if (!cells.isWhole() && value != cells.number(kept[i])) {
        status.set(i, Quality.worst(status.get(i), Quality.UNCERTAIN));
      }
    }
  }

  private static void missing(UInt4Vector status, int row) {
    if (!Quality.isBad(status.get(row))) {
      status.set(row, Quality.BAD_NO_DATA);
    }
  }
}
