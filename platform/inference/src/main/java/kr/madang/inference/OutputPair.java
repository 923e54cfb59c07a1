package kr.madang.inference;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** One output of two versions of a model. One thread at a time. */
final class OutputPair {
  private static final int COLUMNS = 16;
  private static final int SAMPLED = 16;

  private final String name;
  private final double tolerance;
  private final ElementType type;
  private final Spread[] spreads = new Spread[COLUMNS];
  private long compared;
  private long agreed;
  private double difference;

  OutputPair(String name, String type, double tolerance) {
    this.name = name;
    this.tolerance = tolerance;
    this.type = ElementType.labelled(type).orElse(ElementType.STRING);
  }

  Comparison.Output figures() {
    double shift = 0;
    long values = 0;
    double old = 0;
    double fresh = 0;
    int columns = 0;
    for (Spread spread : spreads) {
      if (spread != null) {
        columns++;
        old += spread.mean(Spread.OLD);
        fresh += spread.mean(Spread.FRESH);
        shift = Math.max(shift, spread.shift());
        values = Math.max(values, spread.seen(Spread.FRESH));
      }
    }
    return new Comparison.Output(
        name,
        compared == 0 ? 1 : agreed / (double) compared,
        difference,
        shift,
        values,
        columns == 0 ? 0 : old / columns,
        columns == 0 ? 0 : fresh / columns);
  }

  /** Counts some values of some rows; marks rows with something that is no number. */
  void see(int side, Tensor tensor, boolean[] sound) {
    if (!tensor.type().equals(type.label()) || sound.length == 0) {
      return;
    }
    if (type == ElementType.STRING) {
      spread(0).label(side, text(tensor));
      return;
    }
    long all = tensor.data().remaining() / type.size;
    long rows = tensor.shape().length > 0 && tensor.shape()[0] > 0 ? tensor.shape()[0] : 1;
    long wide = all / rows;
    long columns = Math.min(COLUMNS, wide);
    for (int row = 0; row < Math.min(SAMPLED, Math.min(rows, sound.length)); row++) {
      for (int column = 0; column < columns; column++) {
        // of a wide output every so many a column
        long at = row * wide + column * wide / columns;
        if (type.isFloat()) {
          double value = number(tensor, at);
          spread(column).add(side, value);
          sound[row] &= Double.isFinite(value);
        } else {
          spread(column).label(side, whole(tensor, at));
        }
      }
    }
  }

  /** Marks the rows that do not agree; both are of one type and shape. */
  void compare(Tensor old, Tensor fresh, long rows, boolean[] agree) {
    if (rows == 0) {
      return;
    }
    if (type == ElementType.STRING) {
      // the rows of texts have no fixed places
      boolean same = old.data().equals(fresh.data());
      for (int row = 0; row < agree.length; row++) {
        agree[row] &= same;
        agreed += same ? 1 : 0;
      }
      compared += agree.length;
      return;
    }
    long wide = old.data().remaining() / type.size / rows;
    for (int row = 0; row < agree.length; row++) {
      boolean same = true;
      for (long at = row * wide; at < (row + 1) * wide; at++) {
        same &= type.isFloat() ? near(old, fresh, at) : whole(old, at) == whole(fresh, at);
      }
      compared++;
      agreed += same ? 1 : 0;
      agree[row] &= same;
    }
  }

  /** They are so different that they cannot be compared. */
  void apart(int rows) {
    compared += rows;
  }

  private boolean near(Tensor old, Tensor fresh, long at) {
    double was = number(old, at);
    double is = number(fresh, at);
    if (Double.compare(was, is) == 0) {
      return true;
    }
    double apart = Math.abs(was - is);
    if (!Double.isFinite(apart)) {
      return false;
    }
    difference = Math.max(difference, apart);
    return apart <= tolerance * Math.max(1, Math.max(Math.abs(was), Math.abs(is)));
  }

  private Spread spread(int column) {
    Spread known = spreads[column];
    if (known == null) {
      known = new Spread(type.isFloat());
      spreads[column] = known;
    }
    return known;
  }

  private static long text(Tensor tensor) {
    return tensor.data().hashCode();
  }

  private double number(Tensor tensor, long at) {
    ByteBuffer data = tensor.data();
    int place = data.position() + (int) (at * type.size);
    return switch (type) {
      case FLOAT32 -> Float.intBitsToFloat(ints(data, place));
      case FLOAT64 -> Double.longBitsToDouble(longs(data, place));
      case FLOAT16 -> Float.float16ToFloat(shorts(data, place));
      default -> Float.intBitsToFloat(shorts(data, place) << 16);
    };
  }

  private long whole(Tensor tensor, long at) {
    ByteBuffer data = tensor.data();
    int place = data.position() + (int) (at * type.size);
    return switch (type.size) {
      case 1 -> data.get(place);
      case 2 -> shorts(data, place);
      case 4 -> ints(data, place);
      default -> longs(data, place);
    };
  }

  private static short shorts(ByteBuffer data, int at) {
    return isNative(data) ? data.getShort(at) : Short.reverseBytes(data.getShort(at));
  }

  private static int ints(ByteBuffer data, int at) {
    return isNative(data) ? data.getInt(at) : Integer.reverseBytes(data.getInt(at));
  }

  private static long longs(ByteBuffer data, int at) {
    return isNative(data) ? data.getLong(at) : Long.reverseBytes(data.getLong(at));
  }

  /** Tensors are in the byte order of the machine, whatever their buffer says. */
  private static boolean isNative(ByteBuffer data) {
    return data.order() == ByteOrder.nativeOrder();
  }
}
