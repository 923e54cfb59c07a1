package kr.madang.control.inlet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Position;

/**
 * How far a source is that rows are sent to: what its position says.
 *
 * @param life how often it was opened
 * @param rows taken since it was made
 * @param keys the last key of each writer that numbers its batches
 */
record Standing(long life, long rows, Map<String, Long> keys) {
  static final Standing NEW = new Standing(0, 0, Map.of());

  private static final ObjectMapper JSON = new ObjectMapper();

  Standing {
    keys = new TreeMap<>(keys);
  }

  static Standing of(Position position) {
    try {
      JsonNode read = JSON.readTree(position.value());
      Map<String, Long> keys = new TreeMap<>();
      for (Map.Entry<String, JsonNode> entry : read.path("keys").properties()) {
        keys.put(entry.getKey(), entry.getValue().asLong());
      }
      return new Standing(read.path("life").asLong(), read.path("rows").asLong(), keys);
    } catch (JsonProcessingException e) {
      throw new PluginException(
          ErrorCode.BAD_DATA, "where the source stands cannot be read: " + position.value(), e);
    }
  }

  Position position() {
    ObjectNode written = JSON.createObjectNode().put("life", life).put("rows", rows);
    ObjectNode all = written.putObject("keys");
    keys.forEach(all::put);
    return new Position(written.toString());
  }

  Standing reborn() {
    return new Standing(life + 1, rows, keys);
  }

  /** Behind some more rows of a writer. */
  Standing plus(int more, String writer, long key) {
    if (key < 0) {
      return new Standing(life, rows + more, keys);
    }
    Map<String, Long> next = new TreeMap<>(keys);
    next.put(writer, key);
    return new Standing(life, rows + more, next);
  }

  /** Whether a batch of a writer came before. */
  boolean has(String writer, long key) {
    Long last = keys.get(writer);
    return key >= 0 && last != null && key <= last;
  }
}
