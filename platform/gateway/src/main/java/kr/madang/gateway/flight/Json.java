package kr.madang.gateway.flight;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Iterator;
import java.util.Set;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;

/** The small objects in tickets and metadata. */
final class Json {
  private static final int MOST_BYTES = 16 << 10;
  private static final ObjectMapper MAPPER =
      JsonMapper.builder(
              com.fasterxml.jackson.core.JsonFactory.builder()
                  .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(8).build())
                  .build())
          .build();

  private Json() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  static byte[] bytes(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Reads an object that may have these keys and no others. */
  static JsonNode read(byte[] bytes, int from, int length, String what, Set<String> keys) {
    if (length > MOST_BYTES) {
      throw wrong(what, keys, "%,d bytes".formatted(length));
    }
    JsonNode node;
    try {
      node = MAPPER.readTree(bytes, from, length);
    } catch (IOException e) {
      throw wrong(what, keys, "what is no JSON");
    }
    if (!node.isObject()) {
      throw wrong(what, keys, "another kind of value");
    }
    for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
      String name = names.next();
      if (!keys.contains(name)) {
        throw wrong(what, keys, "the key '" + shortened(name) + "'");
      }
    }
    return node;
  }

  private static Refusal wrong(String what, Set<String> keys, String got) {
    return new Refusal(
        Status.INVALID,
        "%s: expected a JSON object with keys of %s, got %s"
            .formatted(what, new java.util.TreeSet<>(keys), got));
  }

  private static String shortened(String text) {
    return text.length() > 60 ? text.substring(0, 60) + "…" : text;
  }

  static String text(JsonNode object, String what, String key) {
    JsonNode value = object.path(key);
    if (!value.isTextual() && !value.isMissingNode()) {
      throw new Refusal(Status.INVALID, "%s: '%s': expected a text".formatted(what, key));
    }
    return value.asText("");
  }

  /** A number that is not negative; absent is another. */
  static long number(JsonNode object, String what, String key, long absent) {
    JsonNode value = object.path(key);
    if (value.isMissingNode()) {
      return absent;
    }
    if (!value.isIntegralNumber() || !value.canConvertToLong() || value.asLong() < 0) {
      throw new Refusal(
          Status.INVALID,
          "%s: '%s': expected a whole number from 0, got %s"
              .formatted(what, key, shortened(value.toString())));
    }
    return value.asLong();
  }
}
