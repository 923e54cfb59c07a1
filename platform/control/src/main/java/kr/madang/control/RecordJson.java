package kr.madang.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Records of the platform as JSON: components by name, enums as {@code withinTolerance}, instants
 * as RFC 3339, what is no finite number as null.
 */
final class RecordJson {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private RecordJson() {}

  static JsonNode of(@Nullable Object value) {
    return switch (value) {
      case null -> JSON.nullNode();
      case Optional<?> maybe -> of(maybe.orElse(null));
      case Double number -> Double.isFinite(number) ? JSON.numberNode(number) : JSON.nullNode();
      case Float number -> Float.isFinite(number) ? JSON.numberNode(number) : JSON.nullNode();
      case Long number -> JSON.numberNode(number);
      case Integer number -> JSON.numberNode(number);
      case Boolean flag -> JSON.booleanNode(flag);
      case Enum<?> constant -> JSON.textNode(spelt(constant.name()));
      case Collection<?> items -> list(items);
      case Map<?, ?> entries -> map(entries);
      case Record record -> record(record);
      case Instant instant -> JSON.textNode(instant.toString());
      default -> JSON.textNode(value.toString());
    };
  }

  private static ArrayNode list(Collection<?> items) {
    ArrayNode array = JSON.arrayNode(items.size());
    items.forEach(item -> array.add(of(item)));
    return array;
  }

  private static ObjectNode map(Map<?, ?> entries) {
    ObjectNode object = JSON.objectNode();
    Map<String, Object> sorted = new TreeMap<>();
    entries.forEach((key, value) -> sorted.put(String.valueOf(key), value));
    sorted.forEach((key, value) -> object.set(key, of(value)));
    return object;
  }

  private static ObjectNode record(Record record) {
    ObjectNode object = JSON.objectNode();
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      try {
        object.set(component.getName(), of(component.getAccessor().invoke(record)));
      } catch (IllegalAccessException | InvocationTargetException e) {
        throw new IllegalStateException(record.getClass() + " cannot be read", e);
      }
    }
    return object;
  }

  private static String spelt(String constant) {
    StringBuilder word = new StringBuilder(constant.length());
    boolean upper = false;
    for (char letter : constant.toCharArray()) {
      if (letter == '_') {
        upper = true;
      } else {
        word.append(upper ? letter : Character.toLowerCase(letter));
        upper = false;
      }
    }
    return word.toString();
  }
}
