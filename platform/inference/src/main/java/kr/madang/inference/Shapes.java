package kr.madang.inference;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Arithmetic of shapes; -1 is a dimension that varies. */
final class Shapes {
  private Shapes() {}

  static long product(long[] shape) {
    long product = 1;
    for (long dimension : shape) {
      product = Math.multiplyExact(product, dimension);
    }
    return product;
  }

  static long[] withBatch(long rows, long[] rowShape) {
    long[] shape = new long[rowShape.length + 1];
    shape[0] = rows;
    System.arraycopy(rowShape, 0, shape, 1, rowShape.length);
    return shape;
  }

  static long[] rowShape(List<Long> shape) {
    return shape.stream().skip(1).mapToLong(Long::longValue).toArray();
  }

  static boolean isKnown(long[] shape) {
    return Arrays.stream(shape).allMatch(dimension -> dimension >= 0);
  }

  /** {@code [n, 6, 60]}: the batch is n, other open dimensions are ?. */
  static String text(List<Long> shape) {
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < shape.size(); i++) {
      long dimension = shape.get(i);
      text.append(i == 0 ? "" : ", ")
          .append(dimension >= 0 ? Long.toString(dimension) : i == 0 ? "n" : "?");
    }
    return text.append(']').toString();
  }

  static String text(long[] shape) {
    return Arrays.stream(shape)
        .mapToObj(Long::toString)
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
