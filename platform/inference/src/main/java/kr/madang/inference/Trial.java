package kr.madang.inference;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import kr.madang.sdk.error.PluginException;

/**
 * Tries a model out before others depend on it: how long runs of 1, 2, 8 and 32 rows take, whether
 * the shapes of its outputs follow from the rows, and whether rows do not see one another, so that
 * calls may share a run.
 */
final class Trial {
  private static final int[] SIZES = {2, 8, 32};
  private static final long ENOUGH_NANOS = 250_000_000;
  private static final int SINGLE_RUNS = 20;

  private final LoadedModel model;
  private final Random random = new Random(1);

  Trial(LoadedModel model) {
    this.model = model;
  }

  /** Does nothing for a model whose inputs cannot be made up, or that does not run on them. */
  void run() throws InterruptedException {
    for (ModelInfo.Signature input : model.info().inputs()) {
      ElementType type = ElementType.labelled(input.type()).orElse(ElementType.STRING);
      if (!type.wraps() || !Shapes.isKnown(Shapes.rowShape(input.shape()))) {
        return;
      }
    }
    try {
      shapes();
    } catch (PluginException e) {
      // it is a matter of what it is given; callers will be told
    }
  }

  private void shapes() throws InterruptedException {
    boolean rows =
        model.info().inputs().stream()
            .allMatch(input -> !input.shape().isEmpty() && input.shape().getFirst() < 0);
    List<Tensor> one = made(1);
    List<Tensor> first = model.run(one);
    if (!fit(first, rows, 1)) {
      return;
    }
    boolean follow = true;
    boolean apart = rows && !first.isEmpty();
    long took = 0;
    for (int size : rows ? SIZES : new int[0]) {
      List<Tensor> many = made(size);
      long start = System.nanoTime();
      List<Tensor> together = model.run(many);
      took = System.nanoTime() - start;
      follow &= fit(together, rows, size);
      apart &= follow && alike(together, many, size);
      if (took * 4 > ENOUGH_NANOS || !follow) {
        break;
      }
    }
    if (follow) {
      model.tensors().follows();
    }
    if (apart && follow) {
      model.tensors().stacks();
    }
    long end = System.nanoTime() + ENOUGH_NANOS / 10;
    for (int i = 0; i < SINGLE_RUNS && System.nanoTime() < end; i++) {
      model.run(one);
    }
  }

  /** Whether each row comes out as it does by itself. */
  private boolean alike(List<Tensor> together, List<Tensor> inputs, int size)
      throws InterruptedException {
    for (int row = 0; row < size; row++) {
      List<Tensor> alone = new ArrayList<>();
      for (Tensor input : inputs) {
        alone.add(Rows.of(input, row, 1));
      }
      List<Tensor> outputs = model.run(alone);
      for (int i = 0; i < outputs.size(); i++) {
        if (!same(outputs.get(i), Rows.of(together.get(i), row, 1))) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean same(Tensor a, Tensor b) {
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

  /**
   * Whether the outputs have the shapes that the file says, with the rows in front; without rows in
   * the inputs nothing may be open, since who knows what it follows.
   */
  private boolean fit(List<Tensor> outputs, boolean byRows, int rows) {
    int at = 0;
    for (ModelInfo.Signature output : model.info().outputs()) {
      ElementType type = ElementType.labelled(output.type()).orElse(null);
      if (type == null) {
        continue;
      }
      long[] shape = outputs.get(at++).shape();
      List<Long> said = output.shape();
      if (!type.wraps() || said.isEmpty() || shape.length != said.size()) {
        return false;
      }
      for (int i = 0; i < shape.length; i++) {
        if (said.get(i) < 0 && (i > 0 || !byRows)
            || shape[i] != (said.get(i) < 0 ? rows : said.get(i))) {
          return false;
        }
      }
    }
    return true;
  }

  private List<Tensor> made(int rows) {
    List<Tensor> tensors = new ArrayList<>();
    for (ModelInfo.Signature input : model.info().inputs()) {
      long[] shape = input.shape().stream().mapToLong(Long::longValue).toArray();
      if (shape.length > 0 && shape[0] < 0) {
        shape[0] = rows;
      }
      ElementType type = ElementType.labelled(input.type()).orElseThrow();
      int elements = Math.toIntExact(Shapes.product(shape));
      ByteBuffer data = Memory.direct(elements * type.size);
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
        case INT16 -> data.putShort(i * 2, (short) random.nextInt(2));
        case INT32 -> data.putInt(i * 4, random.nextInt(2));
        case INT64 -> data.putLong(i * 8, random.nextInt(2));
        case FLOAT16 -> data.putShort(i * 2, Float.floatToFloat16(random.nextFloat()));
        case BFLOAT16 ->
            data.putShort(i * 2, (short) (Float.floatToIntBits(random.nextFloat()) >>> 16));
        default -> {}
      }
    }
  }
}
