package kr.madang.engine.compare;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.IntFunction;
import java.util.function.IntToLongFunction;
import kr.madang.engine.compare.Layout.Column;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.Decimal256Vector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;

/** Copies the cells of one column of the current batch into rows. */
@FunctionalInterface
interface Cells {
  /** The bits of "not a number", for an element of a list that is missing. */
  long NAN = Double.doubleToRawLongBits(Double.NaN);

  /** The longest binary value that is shown in full. */
  int SHOWN_BYTES = 32;

  void read(int row, Row into);

  /**
   * The cells of a column.
   *
   * @param number the column's number in the layout
   */
  static Cells of(ArrowFile file, FieldVector vector, Column column, int number) {
    FieldVector dictionary = file.dictionary(vector.getField());
    if (dictionary != null) {
      return new Encoded(file, vector, dictionary, number);
    }
    if (FieldType.of(vector.getField()).number()) {
      return numbers(vector, column, number);
    }
    IntFunction<String> text = text(vector);
    return (row, into) -> {
      if (vector.isNull(row)) {
        into.kinds[number] = Row.MISSING;
      } else {
        into.kinds[number] = Row.TEXT;
        into.texts[number] = text.apply(row);
      }
    };
  }

  private static Cells numbers(FieldVector vector, Column column, int number) {
    FieldVector leaf = vector;
    while (leaf instanceof FixedSizeListVector list) {
      leaf = list.getDataVector();
    }
    FieldVector elements = leaf;
    IntToLongFunction bits = bits(elements);
    byte kind = isWhole(elements) ? Row.LONG : Row.DOUBLE;
    int at = column.at();
    int width = column.width();
    if (!(vector instanceof FixedSizeListVector)) {
      return (row, into) -> {
        if (vector.isNull(row)) {
          into.kinds[number] = Row.MISSING;
        } else {
          into.kinds[number] = kind;
          into.bits[at] = bits.applyAsLong(row);
        }
      };
    }
    return (row, into) -> {
      if (vector.isNull(row)) {
        into.kinds[number] = Row.MISSING;
        return;
      }
      into.kinds[number] = Row.DOUBLE;
      int first = row * width;
      for (int i = 0; i < width; i++) {
        long element = NAN;
        if (!elements.isNull(first + i)) {
          element = bits.applyAsLong(first + i);
          if (kind == Row.LONG) {
            element = Double.doubleToRawLongBits(element);
          }
        }
        into.bits[at + i] = element;
      }
    };
  }

  private static boolean isWhole(FieldVector vector) {
    return switch (vector) {
      case Float8Vector _, Float4Vector _, Float2Vector _, DecimalVector _, Decimal256Vector _ ->
          false;
      default -> true;
    };
  }

  private static IntToLongFunction bits(FieldVector vector) {
    return switch (vector) {
      case Float8Vector v -> i -> Double.doubleToRawLongBits(v.get(i));
      case Float4Vector v -> i -> Double.doubleToRawLongBits(v.get(i));
      case Float2Vector v -> i -> Double.doubleToRawLongBits(v.getValueAsFloat(i));
      case DecimalVector v -> i -> Double.doubleToRawLongBits(v.getObject(i).doubleValue());
      case Decimal256Vector v -> i -> Double.doubleToRawLongBits(v.getObject(i).doubleValue());
      case BigIntVector v -> v::get;
      case IntVector v -> v::get;
      case SmallIntVector v -> v::get;
      case TinyIntVector v -> v::get;
      case UInt4Vector v -> i -> Integer.toUnsignedLong(v.get(i));
      case UInt2Vector v -> v::get;
      case UInt1Vector v -> i -> Byte.toUnsignedLong(v.get(i));
      default -> throw new IllegalStateException("no numbers: " + vector.getField());
    };
  }

  /** Texts of rows that have a value; two are equal only if the values are. */
  static IntFunction<String> text(FieldVector vector) {
    return switch (vector) {
      case BitVector v -> i -> v.get(i) == 0 ? "false" : "true";
      case VarCharVector v -> i -> new String(bytes(v, i), StandardCharsets.UTF_8);
      case VarBinaryVector v -> i -> bytes(bytes(v, i));
      default -> i -> vector.getObject(i) instanceof byte[] all ? bytes(all) : shown(vector, i);
    };
  }

  private static String shown(FieldVector vector, int row) {
    return String.valueOf(vector.getObject(row));
  }

  /** The bytes of a row that has some, if its offsets lie within the data. */
  static byte[] bytes(BaseVariableWidthVector vector, int row) {
    int from = vector.getOffsetBuffer().getInt((long) row * Integer.BYTES);
    int to = vector.getOffsetBuffer().getInt((row + 1L) * Integer.BYTES);
    if (from < 0 || to < from || to > vector.getDataBuffer().capacity()) {
      throw new IndexOutOfBoundsException(
          "bytes " + from + " to " + to + " of " + vector.getDataBuffer().capacity());
    }
    byte[] bytes = new byte[to - from];
    vector.getDataBuffer().getBytes(from, bytes);
    return bytes;
  }

  /** Bytes as text: in full if they are few, else length and digest. */
  static String bytes(byte[] bytes) {
    if (bytes.length <= SHOWN_BYTES) {
      return HexFormat.of().formatHex(bytes);
    }
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return bytes.length + " bytes, SHA-256 " + HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JDK has it
    }
  }
}
