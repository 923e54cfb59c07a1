package kr.madang.control.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A part of a document that knows where it stands. */
public sealed interface Node {

  /** Where it begins. */
  Place place();

  /** What it is, for errors; does not show the text of a scalar. */
  String kind();

  /**
   * One value.
   *
   * @param text as written, without quotes
   * @param type what it looks like
   */
  record Scalar(Place place, String text, Type type) implements Node {
    @Override
    public String kind() {
      return switch (type) {
        case TEXT -> "a text";
        case NUMBER -> "a number";
        case BOOLEAN -> "true or false";
        case NULL -> "nothing";
      };
    }
  }

  /** What a scalar looks like. */
  enum Type {
    /** Quoted, or nothing else. */
    TEXT,
    /** A number. */
    NUMBER,
    /** {@code true} or {@code false}. */
    BOOLEAN,
    /** Nothing, {@code null} or {@code ~}. */
    NULL
  }

  /** A list. */
  record Sequence(Place place, List<Node> items) implements Node {
    /** Makes the list unmodifiable. */
    public Sequence {
      items = List.copyOf(items);
    }

    @Override
    public String kind() {
      return "a list";
    }
  }

  /** Keys and their values, in the order of the document. */
  record Mapping(Place place, Map<String, Entry> entries) implements Node {
    /** Makes the map unmodifiable. */
    public Mapping {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }

    /** The value of a key, or null. */
    public @Nullable Node get(String key) {
      Entry entry = entries.get(key);
      return entry == null ? null : entry.value();
    }

    /** The same without some keys. */
    public Mapping without(String... keys) {
      Map<String, Entry> rest = new LinkedHashMap<>(entries);
      for (String key : keys) {
        rest.remove(key);
      }
      return new Mapping(place, rest);
    }

    @Override
    public String kind() {
      return "a mapping";
    }
  }

  /**
   * A value and where its key stands.
   *
   * @param place of the key
   */
  record Entry(Place place, Node value) {}

  /** Whether it is written as nothing: {@code key:} or {@code key: null}. */
  static boolean isNothing(@Nullable Node node) {
    return node == null || node instanceof Scalar scalar && scalar.type() == Type.NULL;
  }

  /** A mapping without keys. */
  static Mapping empty(Place place) {
    return new Mapping(place, Map.of());
  }
}
