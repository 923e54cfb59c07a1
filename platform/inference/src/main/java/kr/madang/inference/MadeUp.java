package kr.madang.inference;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Input that is made up to try a model; the same each time. */
final class MadeUp {
  private static final int MOST_BYTES = 64 << 20;

  private final List<ModelInfo.Signature> inputs;
  private final Random random = new Random(1);

  MadeUp(ModelInfo info) {
    inputs = info.inputs();
  }

  /** Why none can be made; empty if it can. */
  Optional<String> misfit() {
    for (ModelInfo.Signature input : inputs) {
      ElementType type = ElementType.labelled(input.type()).orElse(ElementType.STRING);
      if (!type.wraps()) {
        return Optional.of("input '%s' is %s".formatted(input.name(), input.type()));
      }
      long[] row = Shapes.rowShape(input.shape());
      if (!Shapes.isKnown(row)) {
        return Optional.of(
            "input '%s' has shape %s, of which more than the first dimension varies"
                .formatted(input.name(), Shapes.text(input.shape())));
      }
      try {
        if (Math.multiplyExact(Shapes.product(row), type.size) > MOST_BYTES) {
          return Optional.of("a row of input '%s' is very large".formatted(input.name()));
        }
      } catch (ArithmeticException e) {
        return Optional.of("a row of input '%s' is larger than memory".formatted(input.name()));
      }
    }
    return Optional.empty();
  }

  /** Whether runs of several rows can be had. */
  boolean hasRows() {
    return inputs.stream()
        .allMatch(input -> !input.shape().isEmpty() && input.shape().getFirst() < 0);
  }

  /** Whether so many rows are still handy. */
  boolean isHandy(int rows) {
    long bytes = 0;
    for (ModelInfo.Signature input : inputs) {
      ElementType type = ElementType.labelled(input.type()).orElseThrow();
      bytes += Shapes.product(Shapes.rowShape(input.shape())) * type.size * rows;
    }
    return bytes <= MOST_BYTES;
  }

  List<Tensor> rows(int rows) {
    List<Tensor> tensors = new ArrayList<>();
    for (ModelInfo.Signature input : inputs) {
      long[] shape = input.shape().stream().mapToLong(Long::longValue).toArray();
      if (shape.length > 0 && shape[0] < 0) {
        shape[0] = rows;
      }
      ElementType type = ElementType.labelled(input.type()).orElseThrow();
      int elements = Math.toIntExact(Shapes.product(shape));
      ByteBuffer data = Memory.direct(Math.multiplyExact(elements, type.size));
      fill(data, type, elements);
      tensors.add(new Tensor(input.name(), type.label(), shape, data));
    }
    return tensors;
  }

  private void fill(ByteBuffer data, ElementType type, int elements) {
    for (int i = 0; i < elements; i++) {
      switch (type) {
        case FLOAT32 -> data.putFloat(i * 4, random.nextFloat());
        case FLOAT64 -> data.putDouble(i * 8, random.nextDouble());
        case BOOL, INT8, UINT8 -> data.put(i, (byte) random.nextInt(2));
        case INT16, UINT16 -> data.putShort(i * 2, (short) random.nextInt(2));
        case INT32, UINT32 -> data.putInt(i * 4, random.nextInt(2));
        case INT64, UINT64 -> data.putLong(i * 8, random.nextInt(2));
        case FLOAT16 -> data.putShort(i * 2, Float.floatToFloat16(random.nextFloat()));
        case BFLOAT16 ->
            data.putShort(i * 2, (short) (Float.floatToIntBits(random.nextFloat()) >>> 16));
        case STRING -> {}
      }
    }
  }

  /** Whether two outputs are the same but for the order of sums. */
  static boolean same(Tensor a, Tensor b) {
    return switch (a.type()) {
      case "float32" -> {
        var x = a.data().asFloatBuffer();
        var y = b.data().asFloatBuffer();
        boolean near = x.remaining() == y.remaining();
        for (int i = 0; near && i < x.remaining(); i++) {
          near = near(x.get(i), y.get(i), 1e-4);
        }
        yield near;
      }
      case "float64" -> {
        var x = a.data().asDoubleBuffer();
        var y = b.data().asDoubleBuffer();
        boolean near = x.remaining() == y.remaining();
        for (int i = 0; near && i < x.remaining(); i++) {
          near = near(x.get(i), y.get(i), 1e-9);
        }
        yield near;
      }
      default -> a.data().equals(b.data());
    };
  }

  private static boolean near(double x, double y, double tolerance) {
    return Double.compare(x, y) == 0
        || Math.abs(x - y) <= tolerance * Math.max(1, Math.max(Math.abs(x), Math.abs(y)));
  }
}
