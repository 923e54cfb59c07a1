package kr.madang.inference;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Reference rows beside a model: an Arrow IPC file, or a CSV file whose first line has the names
 * and whose empty cells are missing values. Columns that are no field of the model are ignored.
 */
final class ReferenceFile implements AutoCloseable {
  private static final int ROWS = 4_096;
  private static final int MOST_ROWS = 1_000_000;
  private static final int LONGEST_LINE = 1 << 20;

  private final String where;
  private final @Nullable FileChannel channel;
  private final @Nullable ArrowFileReader arrow;
  private final @Nullable BufferedReader csv;
  private final VectorSchemaRoot root;

  /** For each cell of a line, its number among the columns of the root; -1 for none. */
  private final int[] places;

  private long line = 1;

  /**
   * Opens a file.
   *
   * @param fields of the model
   */
  ReferenceFile(String where, Path file, Set<String> fields, BufferAllocator allocator)
      throws IOException {
    this.where = where;
    if (file.toString().endsWith(".csv")) {
      channel = null;
      arrow = null;
      BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8);
      csv = reader;
      boolean done = false;
      try {
        String[] names = cells(nextLine(reader));
        places = new int[names.length];
        List<Field> known = new ArrayList<>();
        for (int i = 0; i < names.length; i++) {
          places[i] = fields.contains(names[i]) ? known.size() : -1;
          if (places[i] >= 0) {
            known.add(
                Field.nullable(
                    names[i], new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE)));
          }
        }
        root = VectorSchemaRoot.create(new Schema(known), allocator);
        done = true;
      } finally {
        if (!done) {
          reader.close();
        }
      }
    } else {
      csv = null;
      places = new int[0];
      FileChannel opened = FileChannel.open(file, StandardOpenOption.READ);
      channel = opened;
      boolean done = false;
      try {
        arrow = new ArrowFileReader(opened, allocator);
        root = arrow.getVectorSchemaRoot();
        done = true;
      } finally {
        if (!done) {
          opened.close();
        }
      }
    }
  }

  VectorSchemaRoot root() {
    return root;
  }

  /** Loads the next rows into the root; false at the end. */
  boolean load() throws IOException {
    ArrowFileReader reader = arrow;
    if (reader != null) {
      return reader.loadNextBatch();
    }
    BufferedReader lines = java.util.Objects.requireNonNull(csv);
    root.allocateNew();
    int rows = 0;
    while (rows < ROWS) {
      String text = nextLine(lines);
      if (text == null) {
        break;
      }
      if (!text.isBlank()) {
        row(cells(text), rows++);
      }
      if (++line > MOST_ROWS) {
        throw wrong("expected at most 1,000,000 lines, got more");
      }
    }
    root.setRowCount(rows);
    return rows > 0;
  }

  private void row(String[] cells, int row) {
    if (cells.length != places.length) {
      throw wrong(
          "line %d: expected %d cells, got %d".formatted(line + 1, places.length, cells.length));
    }
    for (int i = 0; i < cells.length; i++) {
      if (places[i] < 0) {
        continue;
      }
      Float8Vector column = (Float8Vector) root.getVector(places[i]);
      if (cells[i].isEmpty()) {
        column.setNull(row);
      } else {
        try {
          column.setSafe(row, Double.parseDouble(cells[i]));
        } catch (NumberFormatException e) {
          throw wrong(
              "line %d, column '%s': expected a number, got '%s'"
                  .formatted(line + 1, column.getName(), cells[i]));
        }
      }
    }
  }

  private @Nullable String nextLine(BufferedReader reader) throws IOException {
    String text = reader.readLine();
    if (text != null && text.length() > LONGEST_LINE) {
      throw wrong("line %d is longer than 1 MiB".formatted(line + 1));
    }
    return text;
  }

  private String[] cells(@Nullable String text) {
    if (text == null) {
      throw wrong("the file is empty; expected a line of names first");
    }
    String[] cells = text.split(",", -1);
    for (int i = 0; i < cells.length; i++) {
      String cell = cells[i].strip();
      boolean quoted = cell.length() > 1 && cell.startsWith("\"") && cell.endsWith("\"");
      cells[i] = quoted ? cell.substring(1, cell.length() - 1) : cell;
    }
    return cells;
  }

  private PluginException wrong(String what) {
    return new PluginException(ErrorCode.CONFIG_INVALID, where + ": " + what);
  }

  @Override
  public void close() throws IOException {
    try {
      if (arrow != null) {
        arrow.close();
      } else {
        root.close();
      }
    } finally {
      if (csv != null) {
        csv.close();
      }
      if (channel != null) {
        channel.close();
      }
    }
  }
}
