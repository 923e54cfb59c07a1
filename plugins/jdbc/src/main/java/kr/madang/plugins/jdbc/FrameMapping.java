package kr.madang.plugins.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import kr.madang.plugins.jdbc.Cell.Holds;
import kr.madang.plugins.jdbc.SourceConfig.Type;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/** A row is an instant. */
final class FrameMapping implements Mapping {
  private final FrameWriter writer;
  private final TimeCell time;
  private final String timeColumn;
  private final Type[] types;
  private final Cell[] cells;

  FrameMapping(SourceConfig config, Table table, Selection selection, BufferAllocator allocator) {
    List<Fields> fields = Fields.of(config, table);
    time = selection.time(config);
    timeColumn = config.timeColumn();
    types = new Type[fields.size()];
    cells = new Cell[fields.size()];
    for (int i = 0; i < cells.length; i++) {
      Fields field = fields.get(i);
      types[i] = field.type();
      cells[i] = selection.cell(table.column("columns", field.column()), field.status());
    }
    writer = new FrameWriter(allocator, Fields.schema(fields));
  }

  @Override
  public @Nullable String map(ResultSet row) throws SQLException {
    long at = time.read(row);
    if (at == SampleWriter.NO_TIME) {
      return timeColumn
          + ": expected a time between 1678 and 2262, got "
          + (time.strange ? "another" : "NULL");
    }
    writer.begin(at);
    for (int i = 0; i < cells.length; i++) {
      Cell cell = cells[i];
      cell.read(row);
      switch (types[i]) {
        case DOUBLE -> asDouble(i, cell);
        case LONG -> asLong(i, cell);
        case TEXT -> asText(i, cell);
      }
    }
    return null;
  }

  private void asDouble(int field, Cell cell) {
    switch (cell.holds) {
      case DOUBLE -> writer.set(field, cell.number, cell.quality);
      case LONG -> {
        boolean exact = cell.whole >= -Cell.EXACT && cell.whole <= Cell.EXACT;
        writer.set(
            field,
            cell.whole,
            exact ? cell.quality : Quality.worst(cell.quality, Quality.UNCERTAIN));
      }
      default -> missing(field, cell);
    }
  }

  private void asLong(int field, Cell cell) {
    if (cell.holds == Holds.LONG) {
      writer.setLong(field, cell.whole, cell.quality);
    } else if (cell.holds == Holds.DOUBLE
        && cell.number == Math.rint(cell.number)
        && Math.abs(cell.number) <= Cell.EXACT) {
      writer.setLong(field, (long) cell.number, cell.quality);
    } else {
      missing(field, cell);
    }
  }

  private void asText(int field, Cell cell) {
    switch (cell.holds) {
      case TEXT -> writer.setText(field, cell.text == null ? "" : cell.text, cell.quality);
      case LONG -> writer.setText(field, Long.toString(cell.whole), cell.quality);
      case DOUBLE ->
          writer.setText(field, String.format(Locale.ROOT, "%s", cell.number), cell.quality);
      default -> missing(field, cell);
    }
  }

  private void missing(int field, Cell cell) {
    boolean other = cell.holds != Holds.NOTHING;
    int why = other ? Quality.BAD_TYPE_MISMATCH : cell.quality;
    writer.missing(field, Quality.isBad(why) ? why : Quality.BAD_NO_DATA);
  }

  @Override
  public void receivedAt(long nanos) {
    // Frames have the time of the instant only.
  }

  @Override
  public Batch take() {
    return writer.take();
  }

  @Override
  public int rows() {
    return writer.rows();
  }

  @Override
  public void close() {
    writer.close();
  }
}
