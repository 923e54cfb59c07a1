package kr.madang.plugins.files;

import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;

/** Makes frames. */
final class WideCsvRows extends CsvRows {
  private enum Kind {
    DOUBLE,
    LONG,
    TEXT
  }

  private final WidePlan plan;
  private final FrameWriter writer;
  private final Kind[] kinds;
  private final List<String> statusColumns = new ArrayList<>();

  /** For each field the number of its status column, or -1. */
  private final int[] statusOf;

  // The record at hand
  private final double[] doubles;
  private final long[] longs;
  private final @Nullable String[] texts;
  private final boolean[] set;
  private final int[] statuses;

  WideCsvRows(SourceConfig config, WidePlan plan, BufferAllocator allocator) {
    super(config);
    this.plan = plan;
    int fields = plan.fields().size();
    kinds = new Kind[fields];
    statusOf = new int[fields];
    for (int i = 0; i < fields; i++) {
      ArrowType type = plan.fields().get(i).field().getType();
      kinds[i] =
          type.equals(Frames.DOUBLE)
              ? Kind.DOUBLE
              : type.equals(ArrowType.Utf8.INSTANCE) ? Kind.TEXT : Kind.LONG;
      String status = plan.fields().get(i).status();
      if (status != null && !statusColumns.contains(status)) {
        statusColumns.add(status);
      }
      statusOf[i] = status == null ? -1 : statusColumns.indexOf(status);
    }
    doubles = new double[fields];
    longs = new long[fields];
    texts = new String[fields];
    set = new boolean[fields];
    statuses = new int[statusColumns.size()];
    writer =
        new FrameWriter(
            allocator,
            Frames.schema(plan.fields().stream().map(WidePlan.FieldPlan::field).toList()));
  }

  @Override
  int role(String column) {
    if (column.equals(plan.timeColumn())) {
      return TIME;
    }
    for (int i = 0; i < kinds.length; i++) {
      if (plan.fields().get(i).column().equals(column)) {
        return i;
      }
    }
    int status = statusColumns.indexOf(column);
    return status < 0 ? IGNORED : kinds.length + status;
  }

  @Override
  void begin() {
    java.util.Arrays.fill(set, false);
    java.util.Arrays.fill(statuses, Quality.GOOD);
  }

  @Override
  void cell(int role, int column, char[] text, int from, int length, boolean quoted) {
    if (role >= kinds.length) {
      statuses[role - kinds.length] = status(column, text, from, length);
      return;
    }
    if (!(quoted && kinds[role] == Kind.TEXT) && missing.matches(text, from, length)) {
      return;
    }
    set[role] = true;
    switch (kinds[role]) {
      case DOUBLE -> {
        double value = numbers.parseDouble(text, from, length);
        if (numbers.failed()) {
          fail(column, "a number", text, from, length);
        }
        doubles[role] = value;
        set[role] = !Double.isNaN(value);
      }
      case LONG -> {
        longs[role] = numbers.parseLong(text, from, length);
        if (numbers.failed()) {
          fail(column, "a 64-bit integer", text, from, length);
        }
      }
      case TEXT -> texts[role] = new String(text, from, length);
    }
  }

  @Override
  void end(long time) {
    writer.begin(time);
    for (int field = 0; field < kinds.length; field++) {
      int status = statusOf[field] < 0 ? Quality.GOOD : statuses[statusOf[field]];
      if (!set[field]) {
        writer.missing(field, Quality.isBad(status) ? status : Quality.BAD_NO_DATA);
        continue;
      }
      switch (kinds[field]) {
        case DOUBLE -> writer.set(field, doubles[field], status);
        case LONG -> writer.setLong(field, longs[field], status);
        case TEXT -> {
          String text = texts[field];
          writer.setText(field, text == null ? "" : text, status);
        }
      }
    }
  }

  @Override
  int rows() {
    return writer.rows();
  }

  @Override
  Batch take() {
    return writer.take();
  }

  @Override
  public void close() {
    writer.close();
  }
}
