package kr.madang.plugins.files;

import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.DecimalVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.ValueVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.ArrowType;

/** Reads cells of a column whatever its width, without making objects of numbers. */
abstract class Cells {
  private final ValueVector vector;

  private Cells(ValueVector vector) {
    this.vector = vector;
  }

  boolean isNull(int row) {
    return vector.isNull(row);
  }

  /** The number; NaN if it is none. */
  abstract double number(int row);

  /** The whole number. */
  abstract long integer(int row);

  /** Whether the cells are texts. */
  boolean isText() {
    return false;
  }

  /** Whether {@link #integer} is exact. */
  boolean isWhole() {
    return true;
  }

  String text(int row) {
    return String.valueOf(vector.getObject(row));
  }

  /** The cells of a column. */
  static Cells of(FieldVector vector, DictionaryProvider dictionaries) {
    if (vector.getField().getDictionary() != null) {
      Dictionary dictionary = dictionaries.lookup(vector.getField().getDictionary().getId());
      return new Coded(vector, of(dictionary.getVector(), dictionaries));
    }
    return switch (vector) {
      case Float8Vector doubles -> new Floating(vector, doubles::get);
      case Float4Vector floats -> new Floating(vector, floats::get);
      case Float2Vector halves -> new Floating(vector, halves::getValueAsFloat);
      case DecimalVector decimals ->
          new Floating(vector, row -> decimals.getObjectNotNull(row).doubleValue());
      case BitVector bits -> new Whole(vector, -1, bits::get);
      case BigIntVector longs -> new Whole(vector, -1, longs::get);
      case TimeStampVector times -> new Whole(vector, -1, times::get);
      case BaseIntVector ints -> new Whole(vector, mask(vector), ints::getValueAsLong);
      default -> new Textual(vector);
    };
  }

  private static long mask(FieldVector vector) {
    return vector.getField().getType() instanceof ArrowType.Int type
            && !type.getIsSigned()
            && type.getBitWidth() < 64
        ? (1L << type.getBitWidth()) - 1
        : -1;
  }

  private interface Doubles {
    double at(int row);
  }

  private interface Longs {
    long at(int row);
  }

  private static final class Floating extends Cells {
    private final Doubles doubles;

    Floating(ValueVector vector, Doubles doubles) {
      super(vector);
      this.doubles = doubles;
    }

    @Override
    double number(int row) {
      return doubles.at(row);
    }

    @Override
    long integer(int row) {
      return (long) doubles.at(row);
    }

    @Override
    boolean isWhole() {
      return false;
    }
  }

  private static final class Textual extends Cells {
    Textual(ValueVector vector) {
      super(vector);
    }

    @Override
    double number(int row) {
      try {
        return Double.parseDouble(text(row));
      } catch (NumberFormatException e) {
        return Double.NaN;
      }
    }

    @Override
    long integer(int row) {
      return (long) number(row);
    }

    @Override
    boolean isText() {
      return true;
    }

    @Override
    boolean isWhole() {
      return false;
    }
  }

  private static final class Whole extends Cells {
    private final long mask;
    private final Longs longs;

    Whole(ValueVector vector, long mask, Longs longs) {
      super(vector);
      this.mask = mask;
      this.longs = longs;
    }

    @Override
    double number(int row) {
      return integer(row);
    }

    @Override
    long integer(int row) {
      return longs.at(row) & mask;
    }
  }

  private static final class Coded extends Cells {
    private final BaseIntVector codes;
    private final Cells values;

    Coded(FieldVector vector, Cells values) {
      super(vector);
      this.codes = (BaseIntVector) vector;
      this.values = values;
    }

    private int code(int row) {
      return (int) codes.getValueAsLong(row);
    }

    @Override
    boolean isNull(int row) {
      return super.isNull(row) || values.isNull(code(row));
    }

    @Override
    double number(int row) {
      return values.number(code(row));
    }

    @Override
    long integer(int row) {
      return values.integer(code(row));
    }

    @Override
    boolean isText() {
      return values.isText();
    }

    @Override
    boolean isWhole() {
      return values.isWhole();
    }

    @Override
    String text(int row) {
      return values.text(code(row));
    }
  }
}
