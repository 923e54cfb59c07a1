package kr.madang.gateway.arrow;

import java.util.Locale;
import kr.madang.gateway.arrow.ColumnType.Coded;
import org.apache.arrow.flatbuf.DictionaryEncoding;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.FixedSizeBinary;
import org.apache.arrow.flatbuf.FixedSizeList;
import org.apache.arrow.flatbuf.FloatingPoint;
import org.apache.arrow.flatbuf.Int;
import org.apache.arrow.flatbuf.Timestamp;
import org.apache.arrow.flatbuf.Type;
import org.jspecify.annotations.Nullable;

/**
 * The type of a column, as far as it can be carried.
 *
 * @param kind how its values lie
 * @param element what a value is: {@code float32}, {@code string}, {@code timestamp[ns, UTC]}; of a
 *     list what its innermost values are
 * @param width bytes of a value of fixed width; else 0
 * @param size values of a list; else 0
 * @param child of a list
 * @param coded set if the values stand in a dictionary; all else is the type of these
 */
public record ColumnType(
    Kind kind,
    String element,
    int width,
    int size,
    @Nullable ColumnType child,
    @Nullable Coded coded) {
  private static final int DEEPEST = 8;

  /** How values lie. */
  public enum Kind {
    /** Each in as many bytes. */
    FIXED,
    /** Each in a bit. */
    BITS,
    /** Behind offsets of 4 bytes. */
    TEXT,
    /** Behind offsets of 8 bytes. */
    LONG_TEXT,
    /** As many values of another type each. */
    LIST
  }

  /**
   * Numbers instead of values.
   *
   * @param dictionary in which the values stand
   * @param width bytes of a number
   * @param signed of the number
   */
  public record Coded(long dictionary, int width, boolean signed) {}

  /** Of the values of the dictionary. */
  ColumnType decoded() {
    return new ColumnType(kind, element, width, size, child, null);
  }

  static ColumnType of(Field field, String name, int depth) {
    if (depth > DEEPEST) {
      throw Refused.because("column '%s': expected at most %d lists within lists", name, DEEPEST);
    }
    ColumnType plain = plain(field, name, depth);
    DictionaryEncoding encoding = field.dictionary();
    if (encoding == null) {
      return plain;
    }
    Int index = encoding.indexType();
    int bits = index == null ? 32 : index.bitWidth();
    bits(name, bits);
    return new ColumnType(
        plain.kind,
        plain.element,
        plain.width,
        plain.size,
        plain.child,
        new Coded(encoding.id(), bits / 8, index == null || index.isSigned()));
  }

  private static ColumnType plain(Field field, String name, int depth) {
    switch (field.typeType()) {
      case Type.Bool -> {
        return new ColumnType(Kind.BITS, "bool", 0, 0, null, null);
      }
      case Type.Int -> {
        Int type = known((Int) field.type(new Int()), name);
        int bits = bits(name, type.bitWidth());
        return fixed((type.isSigned() ? "int" : "uint") + bits, bits / 8);
      }
      case Type.FloatingPoint -> {
        FloatingPoint type = known((FloatingPoint) field.type(new FloatingPoint()), name);
        if (type.precision() < 0 || type.precision() > 2) {
          throw Refused.because("column '%s': there is no precision %d", name, type.precision());
        }
        return fixed("float" + (16 << type.precision()), 2 << type.precision());
      }
      case Type.Timestamp -> {
        Timestamp type = known((Timestamp) field.type(new Timestamp()), name);
        String unit = type.unit() < 0 || type.unit() > 3 ? "?" : UNITS[type.unit()];
        String zone = type.timezone();
        return fixed("timestamp[%s%s]".formatted(unit, zone == null ? "" : ", " + zone), 8);
      }
      case Type.Utf8 -> {
        return new ColumnType(Kind.TEXT, "string", 0, 0, null, null);
      }
      case Type.LargeUtf8 -> {
        return new ColumnType(Kind.LONG_TEXT, "string", 0, 0, null, null);
      }
      case Type.Binary -> {
        return new ColumnType(Kind.TEXT, "binary", 0, 0, null, null);
      }
      case Type.LargeBinary -> {
        return new ColumnType(Kind.LONG_TEXT, "binary", 0, 0, null, null);
      }
      case Type.FixedSizeBinary -> {
        int width = known((FixedSizeBinary) field.type(new FixedSizeBinary()), name).byteWidth();
        if (width < 1) {
          throw Refused.because("column '%s': expected at least 1 byte a value", name);
        }
        return fixed("bytes" + width, width);
      }
      case Type.FixedSizeList -> {
        int size = known((FixedSizeList) field.type(new FixedSizeList()), name).listSize();
        Field child = field.childrenLength() == 1 ? field.children(0) : null;
        if (child == null || size < 1) {
          throw Refused.because(
              "column '%s': expected a list of at least 1 value of one type, got %d of %d",
              name, size, field.childrenLength());
        }
        ColumnType values = of(child, name, depth + 1);
        return new ColumnType(Kind.LIST, values.element, 0, size, values, null);
      }
      default ->
          throw Refused.because(
              "column '%s': expected numbers, bool, text, bytes, timestamps or FixedSizeList of"
                  + " these, got %s",
              name, kindOf(field.typeType()));
    }
  }

  private static final String[] UNITS = {"s", "ms", "us", "ns"};

  private static <T> T known(@Nullable T type, String name) {
    if (type == null) {
      throw Refused.because("column '%s': its type is missing", name);
    }
    return type;
  }

  private static String kindOf(byte type) {
    return type <= 0 || type >= Type.names.length ? "nothing that is known" : Type.name(type);
  }

  private static int bits(String name, int bits) {
    if (bits != 8 && bits != 16 && bits != 32 && bits != 64) {
      throw Refused.because("column '%s': there are no integers of %d bits", name, bits);
    }
    return bits;
  }

  private static ColumnType fixed(String element, int width) {
    return new ColumnType(Kind.FIXED, element, width, 0, null, null);
  }

  @Override
  public String toString() {
    String text =
        child == null
            ? element
            : String.format(Locale.ROOT, "fixed_size_list<%s>[%d]", child, size);
    return coded == null ? text : "dictionary<" + text + ">";
  }
}
