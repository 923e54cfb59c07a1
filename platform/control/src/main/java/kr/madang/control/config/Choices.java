package kr.madang.control.config;

import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import kr.madang.sdk.config.Default;
import org.jspecify.annotations.Nullable;

/** The records that a sealed interface permits, by the names that a document says. */
final class Choices {
  private final Map<String, Class<?>> records = new LinkedHashMap<>();

  private Choices(Class<?> type) {
    for (Class<?> record : type.getPermittedSubclasses()) {
      String name = record.getSimpleName();
      records.put(Character.toLowerCase(name.charAt(0)) + name.substring(1), record);
    }
  }

  static boolean binds(Class<?> type) {
    if (!type.isInterface() || !type.isSealed()) {
      return false;
    }
    for (Class<?> permitted : type.getPermittedSubclasses()) {
      if (!permitted.isRecord()) {
        return false;
      }
    }
    return true;
  }

  static Choices of(Class<?> type) {
    return new Choices(type);
  }

  /** Whether a record needs nothing but its name. */
  static boolean standsAlone(Class<?> record) {
    for (RecordComponent component : record.getRecordComponents()) {
      if (component.getAnnotation(Default.class) == null && component.getType() != Optional.class) {
        return false;
      }
    }
    return true;
  }

  @Nullable Class<?> named(String name) {
    return records.get(name);
  }

  List<String> names() {
    return List.copyOf(records.keySet());
  }

  /** {@code one of reject, { hold: limit }}. */
  @Override
  public String toString() {
    StringJoiner text = new StringJoiner(", ", "one of ", "");
    records.forEach((name, record) ->
        text.add(
            standsAlone(record)
                ? name
                : "{ " + name + ": " + record.getRecordComponents()[0].getName() + " }"));
    return text.toString();
  }
}
