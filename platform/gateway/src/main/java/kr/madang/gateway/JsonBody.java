package kr.madang.gateway;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A JSON object that a client sent: known keys, each of the right kind. Errors are 400. */
final class JsonBody {
  private final ObjectNode json;
  private final String path;

  private JsonBody(ObjectNode json, String path) {
    this.json = json;
    this.path = path;
  }

  /** Made when the first body comes. */
  private static final class Lazy {
    static final JsonMapper MAPPER =
        JsonMapper.builder(
                JsonFactory.builder()
                    .streamReadConstraints(
                        StreamReadConstraints.builder()
                            .maxNestingDepth(32)
                            .maxNumberLength(100)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
  }

  /** Reads a body that may have these keys. */
  static JsonBody of(String text, String... keys) {
    JsonNode node;
    try {
      node = Lazy.MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      var at = e.getLocation();
      throw bad(
          "the body is no JSON: "
              + e.getOriginalMessage()
              + (at == null
                  ? ""
                  : " (line " + at.getLineNr() + ", column " + at.getColumnNr() + ")"));
    }
    if (!(node instanceof ObjectNode object)) {
      throw bad("the body must be a JSON object with the keys " + String.join(", ", keys));
    }
    check(object, "", keys);
    return new JsonBody(object, "");
  }

  private static void check(ObjectNode object, String path, String... keys) {
    List<String> known = List.of(keys);
    for (var property : object.properties()) {
      if (!known.contains(property.getKey())) {
        throw bad(
            "unknown key '%s'; the keys are %s"
                .formatted(path + property.getKey(), String.join(", ", keys)));
      }
    }
  }

  private static Fault bad(String detail) {
    return new Fault(400, "BAD_REQUEST", detail);
  }

  private static Fault expected(String key, String what, JsonNode got) {
    String text = got.toString();
    return bad(
        key
            + ": expected "
            + what
            + ", got "
            + (text.length() > 60 ? text.substring(0, 60) + "…" : text));
  }

  Optional<String> text(String key) {
    JsonNode node = json.get(key);
    if (node == null || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isTextual() || node.textValue().isEmpty()) {
      throw expected(name(key), "a text", node);
    }
    return Optional.of(node.textValue());
  }

  boolean has(String key) {
    return json.has(key);
  }

  String required(String key) {
    return text(key).orElseThrow(() -> bad("key '" + name(key) + "' is missing"));
  }

  Optional<String> choice(String key, List<String> choices) {
    Optional<String> text = text(key);
    if (text.isPresent() && !choices.contains(text.get())) {
      throw expected(name(key), "one of " + String.join(", ", choices), json.get(key));
    }
    return text;
  }

  Optional<Instant> instant(String key) {
    try {
      return text(key).map(Instant::parse);
    } catch (DateTimeException e) {
      throw expected(name(key), "an instant such as 2026-01-31T08:00:00Z", json.get(key));
    }
  }

  long whole(String key, long min, long max, long preset) {
    JsonNode node = json.get(key);
    if (node == null || node.isNull()) {
      return preset;
    }
    if (!node.canConvertToLong()
        || !node.isIntegralNumber()
        || node.longValue() < min
        || node.longValue() > max) {
      throw expected(name(key), "a whole number from " + min + " to " + max, node);
    }
    return node.longValue();
  }

  /** A text, or JSON that is taken as the text of it. */
  Optional<String> document(String key) {
    JsonNode node = json.get(key);
    return node != null && node.isObject() ? Optional.of(node.toString()) : text(key);
  }

  Optional<Double> number(String key) {
    JsonNode node = json.get(key);
    if (node == null || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
      throw expected(name(key), "a number", node);
    }
    return Optional.of(node.doubleValue());
  }

  Optional<Long> whole(String key) {
    JsonNode node = json.get(key);
    if (node == null || node.isNull()) {
      return Optional.empty();
    }
    return Optional.of(whole(key, Long.MIN_VALUE, Long.MAX_VALUE, 0));
  }

  /** An object within it; one without keys where there is none. */
  JsonBody object(String key, String... keys) {
    JsonNode node = json.get(key);
    if (node == null || node.isNull()) {
      return new JsonBody(Json.object(), name(key) + ".");
    }
    if (!(node instanceof ObjectNode object)) {
      throw expected(name(key), "an object with the keys " + String.join(", ", keys), node);
    }
    check(object, name(key) + ".", keys);
    return new JsonBody(object, name(key) + ".");
  }

  /** An object within it whose keys are anybody's names. */
  List<String> names(String key) {
    JsonNode node = json.get(key);
    if (node == null || node.isNull()) {
      return List.of();
    }
    if (!(node instanceof ObjectNode object)) {
      throw expected(name(key), "an object", node);
    }
    return object.properties().stream().map(Map.Entry::getKey).toList();
  }

  /** An object of which the names are known already. */
  JsonBody named(String key) {
    return new JsonBody((ObjectNode) json.get(key), name(key) + ".");
  }

  private String name(String key) {
    return path + key;
  }

  JsonNode list(String key) {
    JsonNode node = json.get(key);
    if (node == null) {
      throw bad("key '" + name(key) + "' is missing");
    }
    if (!node.isArray()) {
      throw expected(name(key), "a list", node);
    }
    return node;
  }
}
