package kr.madang.e2e;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileReader;

/** Rows of Arrow files as values by column, with null for what is missing. */
final class ArrowRows {
  private ArrowRows() {}

  static List<Map<String, Object>> read(Path file) throws IOException {
    List<Map<String, Object>> rows = new ArrayList<>();
    try (BufferAllocator allocator = new RootAllocator();
        FileChannel channel = FileChannel.open(file);
        ArrowFileReader reader = new ArrowFileReader(channel, allocator)) {
      while (reader.loadNextBatch()) {
        VectorSchemaRoot root = reader.getVectorSchemaRoot();
        for (int i = 0; i < root.getRowCount(); i++) {
          Map<String, Object> row = new LinkedHashMap<>();
          for (FieldVector column : root.getFieldVectors()) {
            row.put(column.getName(), column.getObject(i));
          }
          rows.add(row);
        }
      }
    }
    return rows;
  }

  /** The rows of all files of a sink, in order. */
  static List<Map<String, Object>> written(Path folder) throws IOException {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Written.Part part : Written.in(folder).parts()) {
      rows.addAll(read(part.file()));
    }
    return rows;
  }
}
