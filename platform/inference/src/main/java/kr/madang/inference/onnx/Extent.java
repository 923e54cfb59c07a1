package kr.madang.inference.onnx;

import java.util.ArrayList;
import java.util.List;

/**
 * What is known of the numbers in a small tensor from which a size may be made: what they are, that
 * they follow from the shapes of inputs, or nothing.
 */
sealed interface Extent {
  /** They come from what a caller sends, or nobody knows where from. */
  Extent DATA = new FromData();

  /** The numbers themselves. */
  record Known(List<Double> values) implements Extent {}

  /**
   * At most the factor times some dimensions of tensors that exist anyway.
   *
   * @param degree how many dimensions were multiplied
   */
  record FromShapes(int degree, double factor) implements Extent {}

  /** See {@link #DATA}. */
  record FromData() implements Extent {}

  int MOST_DEGREE = 4;

  /** The product of all numbers as far as it is known, at least 1. */
  default double product() {
    return switch (this) {
      case Known(var values) ->
          values.stream().mapToDouble(v -> Math.max(1, Math.abs(v))).reduce(1, (a, b) -> a * b);
      case FromShapes(int _, double factor) -> factor;
      case FromData() -> Double.POSITIVE_INFINITY;
    };
  }

  /** The same without the numbers. */
  private FromShapes loose(boolean together) {
    return switch (this) {
      case Known(var values) ->
          new FromShapes(
              0,
              together ? product() : values.stream().mapToDouble(Math::abs).reduce(1, Math::max));
      case FromShapes shapes -> shapes;
      case FromData() -> throw new IllegalStateException("nothing is known");
    };
  }

  /** One of the numbers of all, whichever. */
  static Extent any(List<Extent> all) {
    if (all.size() == 1) {
      return all.getFirst();
    }
    int degree = 0;
    double factor = 1;
    for (Extent one : all) {
      if (one instanceof FromData) {
        return DATA;
      }
      degree = Math.max(degree, one.loose(false).degree());
      factor = Math.max(factor, one.loose(false).factor());
    }
    return new FromShapes(degree, factor);
  }

  /** All one behind the other. */
  static Extent row(List<Extent> all) {
    List<Double> values = new ArrayList<>();
    boolean known = true;
    int degree = 0;
    double factor = 1;
    for (Extent one : all) {
      if (one instanceof FromData) {
        return DATA;
      }
      if (one instanceof Known(var more)) {
        values.addAll(more);
      } else {
        known = false;
      }
      degree = Math.max(degree, one.loose(true).degree());
      factor *= one.loose(true).factor();
    }
    return known && values.size() <= 64 ? new Known(values) : new FromShapes(degree, factor);
  }

  /** The sum or difference. */
  static Extent sum(List<Extent> all, boolean minus) {
    if (all.size() == 2 && all.get(0) instanceof Known a && all.get(1) instanceof Known b) {
      return each(a, b, minus ? (x, y) -> x - y : Double::sum);
    }
    int degree = 0;
    double factor = 0;
    for (Extent one : all) {
      if (one instanceof FromData) {
        return DATA;
      }
      degree = Math.max(degree, one.loose(false).degree());
      factor += one.loose(false).factor();
    }
    return new FromShapes(degree, Math.max(1, factor));
  }

  /** The product of two. */
  static Extent times(Extent a, Extent b) {
    if (a instanceof FromData || b instanceof FromData) {
      return DATA;
    }
    if (a instanceof Known x && b instanceof Known y) {
      return each(x, y, (left, right) -> left * right);
    }
    int degree = a.loose(false).degree() + b.loose(false).degree();
    return degree > MOST_DEGREE
        ? DATA
        : new FromShapes(degree, a.loose(false).factor() * b.loose(false).factor());
  }

  /** The quotient of two. */
  static Extent over(Extent a, Extent b) {
    if (a instanceof FromData || !(b instanceof Known(var values))) {
      return a instanceof FromData || b instanceof FromData ? DATA : a.loose(false);
    }
    if (a instanceof Known x) {
      return each(x, new Known(values), (left, right) -> right == 0 ? 0 : left / right);
    }
    double least = values.stream().mapToDouble(Math::abs).filter(v -> v > 0).min().orElse(1);
    FromShapes loose = a.loose(false);
    return new FromShapes(loose.degree(), loose.factor() / Math.min(1, least));
  }

  private static Extent each(Known a, Known b, java.util.function.DoubleBinaryOperator with) {
    int size = Math.max(a.values.size(), b.values.size());
    if (a.values.isEmpty() || b.values.isEmpty()) {
      return new Known(List.of());
    }
    List<Double> values = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      values.add(
          with.applyAsDouble(a.values.get(i % a.values.size()), b.values.get(i % b.values.size())));
    }
    return new Known(values);
  }
}
