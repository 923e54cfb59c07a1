package kr.madang.gateway.oip;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import kr.madang.inference.Tensor;

/**
 * The largest elements of an output instead of all, as Triton's classification extension has them:
 * texts {@code value:index}, largest first, of equal ones the lower index first.
 */
public final class Classes {
  /** More than anybody looks at. */
  public static final int MOST = 1_000;

  private final long[] keys;
  private final int[] indexes;
  private int size;

  private Classes(int most) {
    keys = new long[most];
    indexes = new int[most];
  }

  /**
   * The largest elements of each row; an output of one dimension is one row.
   *
   * @param count how many, as a caller said; all if there are fewer
   * @throws Refusal for an output that has no numbers, or a count that is none
   */
  public static Tensor top(Tensor output, long count) {
    Datatype type = Datatype.labelled(output.type()).orElseThrow();
    long[] shape = output.shape();
    if (type == Datatype.BYTES || type == Datatype.BOOL || shape.length == 0) {
      throw Refusal.invalid(
          "output '%s': classification is for rows of numbers, expected those, got %s of %d dimensions"
              .formatted(output.name(), type, shape.length));
    }
    checked(count);
    ByteBuffer data = output.data().slice().order(ByteOrder.nativeOrder());
    int elements = data.remaining() / type.size();
    int rows = shape.length == 1 ? 1 : (int) shape[0];
    int columns = rows == 0 ? 0 : elements / rows;
    Classes best = new Classes((int) Math.min(count, columns));
    ByteArrayOutputStream texts =
        new ByteArrayOutputStream(Math.min(1 << 20, 16 * rows * best.keys.length));
    for (int row = 0; row < rows; row++) {
      best.find(data, type, row * columns, columns);
      for (int i = 0; i < best.keys.length; i++) {
        int index = best.indexes[i];
        String value = text(data, type, row * columns + index);
        byte[] text = (value + ":" + index).getBytes(StandardCharsets.US_ASCII);
        // The length in 4 bytes, little endian; it is never above 40.
        texts.write(text.length);
        texts.write(0);
        texts.write(0);
        texts.write(0);
        texts.writeBytes(text);
      }
    }
    long[] found =
        shape.length == 1 ? new long[] {best.keys.length} : new long[] {rows, best.keys.length};
    return new Tensor(
        output.name(), Datatype.BYTES.label(), found, ByteBuffer.wrap(texts.toByteArray()));
  }

  /** All outputs, those with a count above 0 by their largest elements. */
  public static List<Tensor> of(List<Tensor> outputs, long[] counts) {
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) {
        List<Tensor> some = new ArrayList<>(outputs);
        for (int j = i; j < Math.min(counts.length, some.size()); j++) {
          some.set(j, counts[j] > 0 ? top(some.get(j), counts[j]) : some.get(j));
        }
        return some;
      }
    }
    return outputs;
  }

  /**
   * A count that a caller sent.
   *
   * @throws Refusal if it is none
   */
  public static long checked(long count) {
    if (count < 1 || count > MOST) {
      throw Refusal.invalid(
          "outputs: parameter 'classification': expected a whole number from 1 to %d, got %d"
              .formatted(MOST, count));
    }
    return count;
  }

  private static String text(ByteBuffer data, Datatype type, int at) {
    return switch (type) {
      case FP32 -> Float.toString(data.getFloat(at * 4));
      case FP64 -> Double.toString(data.getDouble(at * 8));
      case FP16 -> Float.toString(Float.float16ToFloat(data.getShort(at * 2)));
      case BF16 -> Float.toString(Float.intBitsToFloat(data.getShort(at * 2) << 16));
      case UINT64 -> Long.toUnsignedString(data.getLong(at * 8));
      default -> Long.toString(whole(data, type, at));
    };
  }

  private static long whole(ByteBuffer data, Datatype type, int at) {
    return switch (type) {
      case INT8 -> data.get(at);
      case UINT8 -> data.get(at) & 0xFF;
      case INT16 -> data.getShort(at * 2);
      case UINT16 -> data.getShort(at * 2) & 0xFFFF;
      case INT32 -> data.getInt(at * 4);
      case UINT32 -> data.getInt(at * 4) & 0xFFFF_FFFFL;
      default -> data.getLong(at * 8);
    };
  }

  /** A number whose order is that of the elements; what is not a number comes last. */
  private static long key(ByteBuffer data, Datatype type, int at) {
    return switch (type) {
      case FP32 -> key(data.getFloat(at * 4));
      case FP64 -> key(data.getDouble(at * 8));
      case FP16 -> key(Float.float16ToFloat(data.getShort(at * 2)));
      case BF16 -> key(Float.intBitsToFloat(data.getShort(at * 2) << 16));
      case UINT64 -> data.getLong(at * 8) ^ Long.MIN_VALUE;
      default -> whole(data, type, at);
    };
  }

  private static long key(double value) {
    if (Double.isNaN(value)) {
      return Long.MIN_VALUE;
    }
    long bits = Double.doubleToLongBits(value + 0.0);
    return bits ^ ((bits >> 63) & Long.MAX_VALUE);
  }

  /** A heap whose top is the least of the best so far, then sorted. */
  private void find(ByteBuffer data, Datatype type, int from, int columns) {
    size = 0;
    for (int i = 0; i < columns; i++) {
      long key = key(data, type, from + i);
      if (size < keys.length) {
        up(size++, key, i);
      } else if (size > 0 && key > keys[0]) {
        down(key, i);
      }
    }
    for (int last = size - 1; last > 0; last--) {
      long key = keys[last];
      int index = indexes[last];
      long least = keys[0];
      int at = indexes[0];
      size = last;
      down(key, index);
      keys[last] = least;
      indexes[last] = at;
    }
  }

  private void up(int start, long key, int index) {
    int at = start;
    while (at > 0 && worse(key, index, (at - 1) / 2)) {
      move((at - 1) / 2, at);
      at = (at - 1) / 2;
    }
    keys[at] = key;
    indexes[at] = index;
  }

  private void down(long key, int index) {
    int at = 0;
    while (2 * at + 1 < size) {
      int child = 2 * at + 1;
      if (child + 1 < size && worse(keys[child + 1], indexes[child + 1], child)) {
        child++;
      }
      if (!worse(keys[child], indexes[child], key, index)) {
        break;
      }
      move(child, at);
      at = child;
    }
    keys[at] = key;
    indexes[at] = index;
  }

  private void move(int from, int to) {
    keys[to] = keys[from];
    indexes[to] = indexes[from];
  }

  private boolean worse(long key, int index, int than) {
    return worse(key, index, keys[than], indexes[than]);
  }

  private static boolean worse(long key, int index, long thanKey, int thanIndex) {
    return key < thanKey || (key == thanKey && index > thanIndex);
  }
}
