package kr.madang.gateway.arrow;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import kr.madang.gateway.arrow.ColumnType.Coded;
import kr.madang.gateway.arrow.ColumnType.Kind;
import kr.madang.gateway.arrow.IpcMessage.Block;
import org.jspecify.annotations.Nullable;

/**
 * Makes columns of the messages of one stream, each value of which can be read. Keeps the
 * dictionaries that came, up to a bound. One thread at a time.
 */
public final class Columns {
  private static final long MOST_WORDS = 16L << 20;

  private final TableSchema schema;
  private final Map<Long, Column> words = new HashMap<>();
  private final Map<Long, Integer> sizes = new HashMap<>();

  /** Of a stream with this schema. */
  public Columns(TableSchema schema) {
    this.schema = schema;
  }

  /** Of the stream. */
  public TableSchema schema() {
    return schema;
  }

  /** Takes the values of a dictionary, instead of those that it had. */
  public void take(IpcMessage.Words message) {
    long id = message.dictionary();
    ColumnType type = schema.dictionaries().get(id);
    if (type == null) {
      throw Refused.because("dictionary %d: no column has it", id);
    }
    sizes.put(id, message.block().bytes().length);
    long sum = 0;
    for (int size : sizes.values()) {
      sum += size;
    }
    if (sum > MOST_WORDS) {
      throw Refused.because(
          "dictionary %d: expected at most %d bytes in all dictionaries, got %d",
          id, MOST_WORDS, sum);
    }
    Walk walk = new Walk("dictionary " + id, message.block());
    Column column = walk.column(type, message.block().rows());
    walk.end();
    words.put(id, column);
  }

  /** The columns of some rows, by name, in their order. */
  public Map<String, Column> of(IpcMessage.Rows message) {
    Block block = message.block();
    Map<String, Column> columns = new LinkedHashMap<>();
    Walk walk = new Walk("", block);
    for (TableSchema.Named named : schema.columns()) {
      walk.name = "column '" + named.name() + "'";
      columns.put(named.name(), walk.column(named.type(), block.rows()));
    }
    walk.end();
    return columns;
  }

  /** The columns of a stream that has no rows. */
  public Map<String, Column> none() {
    Map<String, Column> columns = new LinkedHashMap<>();
    for (TableSchema.Named named : schema.columns()) {
      columns.put(named.name(), Column.empty(named.type()));
    }
    return columns;
  }

  /** Goes through nodes and buffers in the order of the columns. */
  private final class Walk {
    final Block block;
    String name;
    private int node;
    private int buffer;

    Walk(String name, Block block) {
      this.name = name;
      this.block = block;
    }

    Column column(ColumnType type, int expected) {
      if (node + 2 > block.nodes().length) {
        throw Refused.because("%s is missing in a record batch", name);
      }
      int rows = block.nodes()[node];
      int nulls = block.nodes()[node + 1];
      node += 2;
      if (rows != expected) {
        throw Refused.because("%s: expected %d values, got %d", name, expected, rows);
      }
      int validity = validity(rows, nulls);
      Coded coded = type.coded();
      if (coded != null) {
        int data = data((long) rows * coded.width());
        return coded(type, coded, rows, validity, data);
      }
      return switch (type.kind()) {
        case FIXED -> plain(type, rows, validity, data((long) rows * type.width()), null);
        case BITS -> plain(type, rows, validity, data((rows + 7L) / 8), null);
        case TEXT, LONG_TEXT -> text(type, rows, validity);
        case LIST -> {
          long values = (long) rows * type.size();
          if (values > Integer.MAX_VALUE - 8) {
            throw Refused.because("%s: %d lists of %d are too many", name, rows, type.size());
          }
          ColumnType child = type.child();
          if (child == null) {
            throw new IllegalStateException("a list of nothing");
          }
          yield plain(type, rows, validity, 0, column(child, (int) values));
        }
      };
    }

    private Column plain(
        ColumnType type, int rows, int validity, int data, @Nullable Column child) {
      return new Column(type, rows, block.bytes(), validity, 0, data, child, null);
    }

    private Column text(ColumnType type, int rows, int validity) {
      int width = type.kind() == Kind.TEXT ? 4 : 8;
      // the offsets of no text at all may be left out
      int offsets = data(rows == 0 ? 0 : (rows + 1L) * width);
      int length = next(buffer + 1);
      int data = data(0);
      Column column = new Column(type, rows, block.bytes(), validity, offsets, data, null, null);
      long before = 0;
      for (int row = 0; rows > 0 && row <= rows; row++) {
        long at = column.rawOffset(row);
        if (at < before || at > length) {
          throw Refused.because(
              "%s: offset %d: expected %d to %d, got %d", name, row, before, length, at);
        }
        before = at;
      }
      return column;
    }

    private Column coded(ColumnType type, Coded coded, int rows, int validity, int data) {
      Column values = words.get(coded.dictionary());
      if (values == null) {
        if (rows > 0) {
          throw Refused.because("%s: dictionary %d has not come", name, coded.dictionary());
        }
        return Column.empty(type);
      }
      Column column = new Column(type, rows, block.bytes(), validity, 0, data, null, values);
      Column own = new Column(type, rows, block.bytes(), validity, 0, data, null, null);
      for (int row = 0; row < rows; row++) {
        if (!own.isNull(row)) {
          long code = own.rawCode(row);
          if (code < 0 || code >= values.rows()) {
            throw Refused.because(
                "%s: row %d: expected 0 to %d, a number in dictionary %d, got %d",
                name, row, values.rows() - 1, coded.dictionary(), code);
          }
        }
      }
      return column;
    }

    /** Where the bits lie that say which rows have a value; -1 if all have. */
    private int validity(int rows, int nulls) {
      if (nulls == 0) {
        next(buffer);
        buffer += 2;
        return -1;
      }
      return data((rows + 7L) / 8);
    }

    private int data(long needed) {
      int length = next(buffer + 1);
      if (needed > length) {
        throw Refused.because(
            "%s: expected a buffer of at least %d bytes, got %d", name, needed, length);
      }
      buffer += 2;
      return block.buffers()[buffer - 2];
    }

    private int next(int at) {
      if (at >= block.buffers().length) {
        throw Refused.because("%s: a buffer is missing in a record batch", name);
      }
      return block.buffers()[at];
    }

    void end() {
      if (node != block.nodes().length || buffer != block.buffers().length) {
        throw Refused.because(
            "a record batch: expected %d columns and %d buffers as the schema has, got %d and %d",
            node / 2, buffer / 2, block.nodes().length / 2, block.buffers().length / 2);
      }
    }
  }
}
