package kr.madang.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/**
 * Rows that a client has corrected, in the form in which {@link BatchJson} shows them, as a batch
 * of the same schema. Strict: every column in every row, nothing else; what is wrong is said with
 * row and column.
 */
final class JsonRows {
  private static final int TOLD = 10;

  private final List<String> problems = new ArrayList<>();

  private JsonRows() {}

  /**
   * Reads rows.
   *
   * @param like the rows as they were; borrowed
   * @throws PluginException CONFIG_INVALID with everything that is wrong
   */
  static Batch read(JsonNode rows, Batch like, BufferAllocator allocator) {
    if (rows.isEmpty()) {
      throw invalid("rows: expected at least one row, got none; discard the dead letter instead");
    }
    JsonRows reader = new JsonRows();
    return Samples.matches(like.schema())
        ? JsonSamples.read(rows, like, allocator, reader)
        : reader.columns(rows, like, allocator);
  }

  private Batch columns(JsonNode rows, Batch like, BufferAllocator allocator) {
    List<String> names = like.schema().getFields().stream().map(Field::getName).toList();
    VectorSchemaRoot root = VectorSchemaRoot.create(like.schema(), allocator);
    boolean done = false;
    try {
      for (int i = 0; i < rows.size(); i++) {
        JsonNode row = rows.get(i);
        if (!known(i, row, names)) {
          continue;
        }
        for (FieldVector vector : root.getFieldVectors()) {
          JsonNode cell = row.get(vector.getName());
          String wrong = cell == null ? "is missing" : JsonCells.set(vector, i, cell);
          if (wrong != null) {
            problem(i, vector.getName(), wrong);
          }
        }
      }
      throwIfAny();
      root.setRowCount(rows.size());
      done = true;
      return Batch.of(root);
    } finally {
      if (!done) {
        root.close();
      }
    }
  }

  /** Whether a row is an object without any key that is none of the columns. */
  boolean known(int row, JsonNode json, List<String> names) {
    if (!json.isObject()) {
      problem(row, "", "expected an object, got " + got(json));
      return false;
    }
    Set<String> known = new HashSet<>(names);
    Set<String> strange = new TreeSet<>();
    for (var property : json.properties()) {
      if (!known.contains(property.getKey())) {
        strange.add(property.getKey());
      }
    }
    for (String name : strange) {
      problem(row, name, "is no column; the columns are " + String.join(", ", names));
    }
    return strange.isEmpty();
  }

  void problem(int row, String column, String what) {
    if (problems.size() < TOLD) {
      String place = "rows[" + row + "]" + (column.isEmpty() ? "" : "." + column);
      problems.add(place + ": " + what);
    }
  }

  void throwIfAny() {
    if (!problems.isEmpty()) {
      throw invalid(String.join("; ", problems));
    }
  }

  private static PluginException invalid(String message) {
    return new PluginException(ErrorCode.CONFIG_INVALID, message);
  }

  /** What stands there, for an error. */
  static String got(@Nullable JsonNode json) {
    String text = json == null ? "nothing" : json.toString();
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }
}
