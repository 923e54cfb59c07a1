package kr.madang.e2e;

import blue.strategic.parquet.Hydrator;
import blue.strategic.parquet.ParquetReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.parquet.schema.MessageType;

/** Rows of a Parquet file as they are stored, by column; what is missing is not there. */
final class ParquetRows {
  private ParquetRows() {}

  static List<Map<String, Object>> read(Path file) throws IOException {
    try (Stream<Map<String, Object>> rows =
        ParquetReader.streamContent(file.toFile(), new Rows())) {
      return rows.toList();
    }
  }

  static MessageType schema(Path file) throws IOException {
    return ParquetReader.readMetadata(file.toFile()).getFileMetaData().getSchema();
  }

  private static final class Rows
      implements Hydrator<Map<String, Object>, Map<String, Object>, String[]> {
    @Override
    public Map<String, Object> start() {
      return new HashMap<>();
    }

    @Override
    public Map<String, Object> add(Map<String, Object> row, String[] column, Object value) {
      if (value != null) {
        row.put(String.join(".", column), value);
      }
      return row;
    }

    @Override
    public Map<String, Object> finish(Map<String, Object> row) {
      return row;
    }
  }
}
