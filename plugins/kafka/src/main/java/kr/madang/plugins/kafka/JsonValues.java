package kr.madang.plugins.kafka;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The values that one pass over a JSON value finds at the places asked for. */
final class JsonValues {
  /** What stands at a place. */
  enum Kind {
    /** Nothing. */
    ABSENT,
    /** The word null. */
    NULL,
    /** A number with a fraction, or too great for a long. */
    DOUBLE,
    /** A whole number. */
    LONG,
    /** A text. */
    TEXT,
    /** True or false, as a double of 1 or 0. */
    FLAG,
    /** An object or a list. */
    OTHER
  }

  /** A place in the tree. */
  static final class Node {
    final Map<String, Node> children = new HashMap<>();
    int slot = -1;

    boolean leaf() {
      return children.isEmpty();
    }
  }

  final Node root = new Node();
  Kind[] kinds = new Kind[0];
  double[] numbers = new double[0];
  long[] longs = new long[0];
  private @Nullable String[] texts = new String[0];

  /** The number of a place. */
  int slot(String pointer) {
    Node at = root;
    for (String name : pointer.substring(1).split("/", -1)) {
      at = at.children.computeIfAbsent(name.replace("~1", "/").replace("~0", "~"), _ -> new Node());
    }
    if (at.slot < 0) {
      at.slot = kinds.length;
      kinds = Arrays.copyOf(kinds, at.slot + 1);
      numbers = Arrays.copyOf(numbers, at.slot + 1);
      longs = Arrays.copyOf(longs, at.slot + 1);
      texts = Arrays.copyOf(texts, at.slot + 1);
    }
    return at.slot;
  }

  String text(int slot) {
    String text = texts[slot];
    return text == null ? "" : text;
  }

  /** Reads the value that the parser stands at. */
  void read(JsonParser parser) throws IOException {
    Arrays.fill(kinds, Kind.ABSENT);
    read(parser, root);
  }

  private void read(JsonParser parser, Node node) throws IOException {
    JsonToken token = parser.currentToken();
    if (node.slot >= 0) {
      keep(parser, token, node.slot);
    }
    if (token == JsonToken.START_OBJECT) {
      if (node.leaf()) {
        parser.skipChildren();
        return;
      }
      for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
        parser.nextToken();
        into(parser, node.children.get(name));
      }
    } else if (token == JsonToken.START_ARRAY) {
      if (node.leaf()) {
        parser.skipChildren();
        return;
      }
      for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
        into(parser, node.children.get(Integer.toString(i)));
      }
    }
  }

  private void into(JsonParser parser, @Nullable Node child) throws IOException {
    if (child == null) {
      parser.skipChildren();
    } else {
      read(parser, child);
    }
  }

  private void keep(JsonParser parser, @Nullable JsonToken token, int slot) throws IOException {
    switch (token) {
      case VALUE_STRING -> {
        texts[slot] = parser.getText();
        kinds[slot] = Kind.TEXT;
      }
      case VALUE_NUMBER_INT -> {
        if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
          numbers[slot] = parser.getDoubleValue();
          kinds[slot] = Kind.DOUBLE;
        } else {
          longs[slot] = parser.getLongValue();
          kinds[slot] = Kind.LONG;
        }
      }
      case VALUE_NUMBER_FLOAT -> {
        numbers[slot] = parser.getDoubleValue();
        kinds[slot] = Kind.DOUBLE;
      }
      case VALUE_TRUE, VALUE_FALSE -> {
        numbers[slot] = token == JsonToken.VALUE_TRUE ? 1 : 0;
        kinds[slot] = Kind.FLAG;
      }
      case VALUE_NULL -> kinds[slot] = Kind.NULL;
      case null, default -> kinds[slot] = Kind.OTHER;
    }
  }
}
