package kr.madang.control.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.Map;
import kr.madang.control.config.Node.Entry;
import kr.madang.control.config.Node.Mapping;
import kr.madang.control.config.Node.Scalar;
import kr.madang.control.config.Node.Sequence;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.error.PluginException;

/** Constructs records. */
final class Records {
  private Records() {}

  /**
   * Calls the canonical constructor.
   *
   * @throws IllegalArgumentException with what the constructor complained about
   */
  static Object construct(Class<?> type, RecordComponent[] components, Object[] values) {
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
    }
    try {
      Constructor<?> constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      if (cause instanceof Error error) {
        throw error;
      }
      boolean meant = cause instanceof IllegalArgumentException || cause instanceof PluginException;
      throw new IllegalArgumentException(
          meant && cause != null && cause.getMessage() != null
              ? cause.getMessage()
              : "refused by " + type.getName() + ": " + cause,
          e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException(type.getName() + " cannot be constructed: " + e, e);
    }
  }

  /** What a component says of itself, for the error about its absence. */
  static String doc(RecordComponent component) {
    Doc doc = component.getAnnotation(Doc.class);
    return doc == null ? "" : " (" + doc.value() + ")";
  }

  /** The same at another place: a default stands where the key would. */
  static Node moved(Node node, Place place) {
    return switch (node) {
      case Scalar scalar -> new Scalar(place, scalar.text(), scalar.type());
      case Sequence sequence ->
          new Sequence(place, sequence.items().stream().map(item -> moved(item, place)).toList());
      case Mapping mapping -> {
        Map<String, Entry> entries = new LinkedHashMap<>();
        mapping
            .entries()
            .forEach(
                (key, entry) -> entries.put(key, new Entry(place, moved(entry.value(), place))));
        yield new Mapping(place, entries);
      }
    };
  }
}
