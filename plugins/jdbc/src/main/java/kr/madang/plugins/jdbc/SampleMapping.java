package kr.madang.plugins.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import kr.madang.plugins.jdbc.Cell.Holds;
import kr.madang.plugins.jdbc.ColumnType.Category;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Tag;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/** A row is a sample of a tag. */
final class SampleMapping implements Mapping {
  /** A table whose tags never end must not end our memory. */
  static final int MOST_TAGS = 65_536;

  private final SampleWriter writer;
  private final Map<String, Integer> tags = new HashMap<>();
  private final TimeCell time;
  private final Cell tag;
  private final Cell[] values;
  private final String tagColumn;

  SampleMapping(SourceConfig config, Table table, Selection selection, BufferAllocator allocator) {
    time = selection.time(config);
    tagColumn = config.samples().tag();
    ColumnType tagType = table.column("samples.tag", tagColumn);
    if (tagType.category() != Category.TEXT) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "samples.tag: expected a column of text, got '%s' of type %s"
              .formatted(tagColumn, tagType.sql()));
    }
    tag = selection.cell(tagType, "");
    values = new Cell[config.samples().value().size()];
    for (int i = 0; i < values.length; i++) {
      ColumnType column = table.column("samples.value", config.samples().value().get(i));
      if (column.category() == Category.OTHER) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            "samples.value: expected a number, a text or bytes, got '%s' of type %s"
                .formatted(column.name(), column.sql()));
      }
      values[i] = selection.cell(column, config.samples().status().orElse(""));
    }
    writer = new SampleWriter(allocator);
  }

  @Override
  public @Nullable String map(ResultSet row) throws SQLException {
    tag.read(row);
    String name = tag.holds == Holds.TEXT ? tag.text : null;
    if (name == null) {
      return tagColumn + ": expected the name of a tag, got " + Quality.name(tag.quality);
    }
    Integer known = tags.get(name);
    if (known == null) {
      String why = unfit(name);
      if (why != null) {
        return tagColumn + ": " + why;
      }
      known = writer.tag(name);
      tags.put(name, known);
    }
    int number = known;
    long at = time.read(row);
    Cell cell = values[0];
    cell.read(row);
    for (int i = 1; cell.holds == Holds.NOTHING && i < values.length; i++) {
      Cell next = values[i];
      next.read(row);
      if (next.holds != Holds.NOTHING) {
        cell = next;
      }
    }
    int status = cell.quality;
    if (time.strange) {
      status = Quality.worst(status, Quality.UNCERTAIN);
    }
    switch (cell.holds) {
      case DOUBLE -> writer.put(number, cell.number, status, at);
      case LONG -> {
        if (cell.whole >= -Cell.EXACT && cell.whole <= Cell.EXACT) {
          writer.put(number, cell.whole, status, at);
        } else {
          writer.putLong(number, cell.whole, status, at);
        }
      }
      case TEXT -> writer.putText(number, cell.text == null ? "" : cell.text, status, at);
      case BYTES ->
          writer.putBytes(number, cell.bytes == null ? new byte[0] : cell.bytes, status, at);
      case NOTHING -> writer.bad(number, Quality.isBad(status) ? status : Quality.BAD_NO_DATA, at);
    }
    return null;
  }

  private @Nullable String unfit(String name) {
    if (tags.size() >= MOST_TAGS) {
      return "expected at most " + MOST_TAGS + " tags, got one more: '" + name + "'";
    }
    try {
      Tag checked = new Tag(name);
      return checked.name().isEmpty() ? "expected a name" : null;
    } catch (IllegalArgumentException e) {
      return e.getMessage();
    }
  }

  @Override
  public void receivedAt(long nanos) {
    writer.receivedAt(nanos);
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
