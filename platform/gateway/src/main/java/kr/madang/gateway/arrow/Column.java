package kr.madang.gateway.arrow;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;
import kr.madang.gateway.arrow.ColumnType.Coded;
import kr.madang.gateway.arrow.ColumnType.Kind;
import org.jspecify.annotations.Nullable;

/**
 * The values of a column of one message, where they lie. Its bounds, its offsets and the numbers of
 * its dictionary were checked, so that any row can be read. One thread at a time.
 */
public final class Column {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  final ColumnType type;
  final int rows;
  final byte[] bytes;
  private final int validity;
  private final int offsets;
  private final int data;
  private final @Nullable Column child;
  private final @Nullable Column words;

  Column(
      ColumnType type,
      int rows,
      byte[] bytes,
      int validity,
      int offsets,
      int data,
      @Nullable Column child,
      @Nullable Column words) {
    this.type = type;
    this.rows = rows;
    this.bytes = bytes;
    this.validity = validity;
    this.offsets = offsets;
    this.data = data;
    this.child = child;
    this.words = words;
  }

  /** Of a column that has no rows. */
  static Column empty(ColumnType type) {
    ColumnType within = type.child();
    return new Column(type, 0, new byte[0], -1, 0, 0, within == null ? null : empty(within), null);
  }

  /** What the values are. */
  public ColumnType type() {
    return type;
  }

  /** How many. */
  public int rows() {
    return rows;
  }

  /** Of a list. */
  Column child() {
    return Objects.requireNonNull(child);
  }

  /** Whether the values stand one behind the other here, and not in a dictionary. */
  boolean isPlain() {
    return words == null;
  }

  /** Whether a row may have no value. */
  boolean mayBeNull() {
    return validity >= 0 || words != null;
  }

  /** Whether a row has no value. */
  public boolean isNull(int row) {
    return validity >= 0 && (bytes[validity + (row >>> 3)] >>> (row & 7) & 1) == 0
        || words != null && words.isNull(code(row));
  }

  private int code(int row) {
    Coded coded = Objects.requireNonNull(type.coded());
    return (int) number(data + row * coded.width(), coded.width(), coded.signed());
  }

  private long number(int at, int width, boolean signed) {
    return switch (width) {
      case 1 -> signed ? bytes[at] : bytes[at] & 0xFF;
      case 2 -> signed ? (short) SHORT.get(bytes, at) : (short) SHORT.get(bytes, at) & 0xFFFF;
      case 4 -> signed ? (int) INT.get(bytes, at) : (int) INT.get(bytes, at) & 0xFFFF_FFFFL;
      default -> (long) LONG.get(bytes, at);
    };
  }

  /** The number in the dictionary of a value, whether it is there is not asked. */
  long rawCode(int row) {
    Coded coded = Objects.requireNonNull(type.coded());
    return number(data + row * coded.width(), coded.width(), coded.signed());
  }

  /** An integer, a timestamp or a bool, 0 for false; of a row that has a value. */
  public long whole(int row) {
    if (words != null) {
      return words.whole(code(row));
    }
    if (type.kind() == Kind.BITS) {
      return bytes[data + (row >>> 3)] >>> (row & 7) & 1;
    }
    return number(data + row * type.width(), type.width(), !type.element().startsWith("uint"));
  }

  /** A float; of a row that has a value. */
  public double real(int row) {
    if (words != null) {
      return words.real(code(row));
    }
    return type.width() == 8
        ? Double.longBitsToDouble((long) LONG.get(bytes, data + row * 8))
        : type.width() == 4
            ? Float.intBitsToFloat((int) INT.get(bytes, data + row * 4))
            : Float.float16ToFloat((short) SHORT.get(bytes, data + row * 2));
  }

  /** Where in {@link #textBytes} a text or a value of fixed width begins. */
  public int from(int row) {
    if (words != null) {
      return words.from(code(row));
    }
    return type.width() > 0 ? data + row * type.width() : data + (int) offset(row);
  }

  /** How many bytes a text or a value of fixed width has. */
  public int length(int row) {
    if (words != null) {
      return words.length(code(row));
    }
    return type.width() > 0 ? type.width() : (int) (offset(row + 1) - offset(row));
  }

  /** What {@link #from} and {@link #length} are meant in. */
  public byte[] textBytes() {
    return words == null ? bytes : words.textBytes();
  }

  private long offset(int row) {
    return type.kind() == Kind.TEXT
        ? (int) INT.get(bytes, offsets + row * 4)
        : (long) LONG.get(bytes, offsets + row * 8);
  }

  /** The offset of a text, whether it is in bounds is not asked. */
  long rawOffset(int row) {
    return offset(row);
  }
}
