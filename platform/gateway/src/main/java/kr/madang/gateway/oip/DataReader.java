package kr.madang.gateway.oip;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.Arrays;
import kr.madang.inference.Slabs;

/** Puts the elements of one tensor, flat or nested to its shape, from JSON into native memory. */
final class DataReader {
  private final Slabs slabs;
  private final Asked asked;
  private final String name;
  private final Datatype type;
  private final long[] shape;
  private final int elements;
  private final TextBytes texts;
  private ByteBuffer out = ByteBuffer.allocate(0);
  private int count;

  /**
   * For one tensor.
   *
   * @param room bytes of JSON that are left; each element takes at least two of them
   */
  DataReader(Slabs slabs, Asked asked, String name, Datatype type, long[] shape, long room) {
    this.slabs = slabs;
    this.asked = asked;
    this.name = name;
    this.type = type;
    this.shape = shape;
    this.texts = type == Datatype.BYTES ? new TextBytes() : TextBytes.NONE;
    if (!type.inJson()) {
      throw Refusal.invalid(
          "receiving %s data via JSON is not supported. Please use the binary data format for input %s"
              .formatted(type, name));
    }
    long product = 1;
    for (long dimension : shape) {
      product = dimension == 0 ? 0 : product > room / dimension ? room + 1 : product * dimension;
    }
    if (product > room / 2 + 1) {
      throw wrong(
          "shape %s has more elements than the data can have".formatted(Arrays.toString(shape)));
    }
    this.elements = (int) product;
  }

  /** Reads from the token that the parser stands at; the memory is kept by the request. */
  ByteBuffer read(JsonParser parser) throws IOException {
    int bytes = elements * type.size();
    if (type != Datatype.BYTES) {
      take(bytes);
    }
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_ARRAY) {
      array(parser);
    } else if (shape.length == 0 && token.isScalarValue()) {
      element(parser, token);
    } else {
      throw wrong("expected a list as data");
    }
    if (count != elements) {
      throw miscounted(count);
    }
    if (type == Datatype.BYTES) {
      bytes = texts.length();
      take(bytes);
      texts.put(out);
    }
    return out.limit(bytes);
  }

  private void take(int bytes) {
    Slabs.Slab slab = slabs.take(bytes);
    asked.keep(slab);
    out = slab.part(0, bytes);
  }

  private void array(JsonParser parser) throws IOException {
    int rank = shape.length;
    int[] counts = new int[rank + 2];
    boolean nested = false;
    int depth = 1;
    while (true) {
      JsonToken token = parser.nextToken();
      if (token == JsonToken.START_ARRAY) {
        if (depth >= rank || (!nested && count > 0)) {
          throw misshapen();
        }
        nested = true;
        counts[depth]++;
        counts[++depth] = 0;
      } else if (token == JsonToken.END_ARRAY) {
        if (nested && counts[depth] != shape[depth - 1]) {
          throw misshapen();
        }
        if (--depth == 0) {
          return;
        }
      } else {
        if (nested && depth != rank) {
          throw misshapen();
        }
        counts[depth]++;
        element(parser, token);
      }
    }
  }

  private void element(JsonParser parser, JsonToken token) throws IOException {
    int at = count++;
    if (at >= elements) {
      throw miscounted(more(parser));
    }
    switch (type) {
      case FP32 -> {
        float value = numeric(token) ? parser.getFloatValue() : Float.NaN;
        if (!Float.isFinite(value)) {
          throw misfit(parser, token, at);
        }
        out.putFloat(at << 2, value);
      }
      case FP64 -> {
        double value = numeric(token) ? parser.getDoubleValue() : Double.NaN;
        if (!Double.isFinite(value)) {
          throw misfit(parser, token, at);
        }
        out.putDouble(at << 3, value);
      }
      case BOOL -> {
        if (token.isBoolean()) {
          out.put(at, (byte) (token == JsonToken.VALUE_TRUE ? 1 : 0));
        } else {
          out.put(at, (byte) whole(parser, token, at, 0, 1));
        }
      }
      case INT8 -> out.put(at, (byte) whole(parser, token, at, Byte.MIN_VALUE, Byte.MAX_VALUE));
      case UINT8 -> out.put(at, (byte) whole(parser, token, at, 0, 0xFF));
      case INT16 ->
          out.putShort(at << 1, (short) whole(parser, token, at, Short.MIN_VALUE, Short.MAX_VALUE));
      case UINT16 -> out.putShort(at << 1, (short) whole(parser, token, at, 0, 0xFFFF));
      case INT32 ->
          out.putInt(at << 2, (int) whole(parser, token, at, Integer.MIN_VALUE, Integer.MAX_VALUE));
      case UINT32 -> out.putInt(at << 2, (int) whole(parser, token, at, 0, 0xFFFF_FFFFL));
      case INT64 -> out.putLong(at << 3, whole(parser, token, at, Long.MIN_VALUE, Long.MAX_VALUE));
      case UINT64 -> out.putLong(at << 3, unsigned(parser, token, at));
      case BYTES -> {
        if (token != JsonToken.VALUE_STRING
            || !texts.add(
                parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength())) {
          throw misfit(parser, token, at);
        }
      }
      case FP16, BF16 -> throw new IllegalStateException("refused before");
    }
  }

  private static boolean numeric(JsonToken token) {
    return token == JsonToken.VALUE_NUMBER_FLOAT || token == JsonToken.VALUE_NUMBER_INT;
  }

  private long whole(JsonParser parser, JsonToken token, int at, long least, long most)
      throws IOException {
    if (token == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      long value = parser.getLongValue();
      if (value >= least && value <= most) {
        return value;
      }
    }
    throw misfit(parser, token, at);
  }

  private long unsigned(JsonParser parser, JsonToken token, int at) throws IOException {
    if (token == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      BigInteger value = parser.getBigIntegerValue();
      if (value.signum() > 0 && value.bitLength() <= Long.SIZE) {
        return value.longValue();
      }
    }
    return whole(parser, token, at, 0, Long.MAX_VALUE);
  }

  private Refusal misfit(JsonParser parser, JsonToken token, int at) throws IOException {
    String text = token == JsonToken.VALUE_STRING ? "a string" : parser.getText();
    String got = text.length() > 40 ? text.substring(0, 40) + "…" : text;
    String expected =
        switch (type) {
          case BOOL -> "true or false";
          case BYTES -> "a string of Unicode";
          case FP32, FP64 -> "a number within " + type;
          default -> "a whole number within " + type;
        };
    return wrong("element %d: expected %s, got %s".formatted(at, expected, got));
  }

  /** How many elements there are, the first that is too many having been read. */
  private int more(JsonParser parser) throws IOException {
    int all = count;
    int depth = 1;
    while (depth > 0 && all < elements + 1_000) {
      JsonToken token = parser.nextToken();
      if (token == JsonToken.START_ARRAY) {
        depth++;
      } else if (token == JsonToken.END_ARRAY) {
        depth--;
      } else {
        all++;
      }
      if (token == null || token == JsonToken.END_OBJECT) {
        break;
      }
    }
    return all;
  }

  private Refusal miscounted(int got) {
    return wrong(
        "shape %s has %d elements, the data have %d%s"
            .formatted(
                Arrays.toString(shape), elements, got, got > elements + 999 ? " or more" : ""));
  }

  private Refusal misshapen() {
    return wrong(
        "the data are neither a flat list nor nested as shape %s says"
            .formatted(Arrays.toString(shape)));
  }

  private Refusal wrong(String what) {
    return Refusal.invalid("input '%s': %s".formatted(name, what));
  }
}
