package kr.madang.gateway.arrow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a caller wants of a run, as the metadata of its schema say it.
 *
 * @param outputs in this order; empty means all. {@code outputs}: a JSON list of names
 * @param timeoutMicros 0 for what is usual. {@code timeout}
 * @param priority 0 and 1 go first. {@code priority}
 * @param id comes back; may be empty. {@code id}
 * @param key of a line or an asset that meets the same version while a model changes. {@code key}
 */
public record Wishes(
    List<String> outputs, long timeoutMicros, long priority, String id, String key) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MOST_OUTPUTS = 1_024;

  /**
   * Reads what is said; other keys are for others.
   *
   * @throws kr.madang.sdk.error.PluginException SCHEMA_MISFIT that names the key
   */
  public static Wishes of(Map<String, String> metadata) {
    return new Wishes(
        outputs(metadata.getOrDefault("outputs", "[]")),
        number(metadata, "timeout"),
        number(metadata, "priority"),
        metadata.getOrDefault("id", ""),
        metadata.getOrDefault("key", ""));
  }

  private static List<String> outputs(String text) {
    try {
      JsonNode list = JSON.readTree(text);
      List<String> names = new ArrayList<>();
      for (JsonNode name : list) {
        if (!name.isTextual() || names.size() == MOST_OUTPUTS) {
          break;
        }
        names.add(name.textValue());
      }
      if (list.isArray() && names.size() == list.size()) {
        return List.copyOf(names);
      }
    } catch (JsonProcessingException e) {
      // said below
    }
    throw Refused.because(
        "schema metadata 'outputs': expected a JSON list of names, such as [\"y\"]");
  }

  private static long number(Map<String, String> metadata, String key) {
    String text = metadata.getOrDefault(key, "0");
    if (!text.matches("[0-9]{1,18}")) {
      throw Refused.because(
          "schema metadata '%s': expected a whole number, got '%s'",
          key, text.length() > 40 ? text.substring(0, 40) + "…" : text);
    }
    return Long.parseLong(text);
  }
}
