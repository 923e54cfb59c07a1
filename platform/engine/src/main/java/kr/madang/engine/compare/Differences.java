package kr.madang.engine.compare;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import kr.madang.engine.compare.NumberComparison.Difference;
import org.jspecify.annotations.Nullable;

/** Sums over the pairs of numbers of one column, and the greatest differences. */
final class Differences {
  private final Greatest greatest;
  private long pairs;
  private double sum;
  private double absolute;
  private double maxAbsolute;
  private double relative;
  private double maxRelative;
  private double squares;
  private double meanA;
  private double meanB;
  private double squaresA;
  private double squaresB;
  private double products;

  Differences(int top) {
    greatest = new Greatest(top);
  }

  /**
   * Takes a pair in.
   *
   * @param difference B − A, which two longs have more exactly than their doubles
   */
  void add(double a, double b, double difference) {
    double far = Math.abs(difference);
    double most = Math.max(Math.abs(a), Math.abs(b));
    double share = far == 0 ? 0 : far / most;
    pairs++;
    sum += difference;
    absolute += far;
    maxAbsolute = Math.max(maxAbsolute, far);
    relative += share;
    maxRelative = Math.max(maxRelative, share);
    squares += difference * difference;
    double offA = a - meanA;
    double offB = b - meanB;
    meanA += offA / pairs;
    meanB += offB / pairs;
    squaresA += offA * (a - meanA);
    squaresB += offB * (b - meanB);
    products += offA * (b - meanB);
  }

  /** Takes the pair of one row in that is to stand for the row in the list of the greatest. */
  void rank(Row row, double a, double b, double difference) {
    greatest.offer(row, a, b, difference);
  }

  long pairs() {
    return pairs;
  }

  private @Nullable Double mean(double total) {
    return pairs == 0 ? null : Figures.finite(total / pairs);
  }

  @Nullable Double meanDifference() {
    return mean(sum);
  }

  @Nullable Double meanAbsolute() {
    return mean(absolute);
  }

  @Nullable Double maxAbsolute() {
    return pairs == 0 ? null : (Double) maxAbsolute;
  }

  @Nullable Double meanRelative() {
    return mean(relative);
  }

  @Nullable Double maxRelative() {
    return pairs == 0 ? null : (Double) maxRelative;
  }

  @Nullable Double rootMeanSquare() {
    return pairs == 0 ? null : Figures.finite(Math.sqrt(squares / pairs));
  }

  @Nullable Double correlation() {
    if (maxAbsolute == 0 && squaresA > 0) {
      return 1.0;
    }
    double both = Math.sqrt(squaresA) * Math.sqrt(squaresB);
    return both > 0 && Double.isFinite(both)
        ? Figures.finite(Math.clamp(products / both, -1, 1))
        : null;
  }

  List<Difference> greatest() {
    return greatest.list();
  }

  /** The few greatest differences, in no order. */
  private static final class Greatest {
    private final long[] times;
    private final boolean[] timed;
    private final long[] numbers;
    private final double[] as;
    private final double[] bs;
    private final double[] differences;
    private int size;
    private int least;

    Greatest(int top) {
      times = new long[top];
      timed = new boolean[top];
      numbers = new long[top];
      as = new double[top];
      bs = new double[top];
      differences = new double[top];
    }

    void offer(Row row, double a, double b, double difference) {
      if (difference == 0) {
        return;
      }
      int at = size;
      if (size == differences.length) {
        if (Math.abs(difference) <= Math.abs(differences[least])) {
          return;
        }
        at = least;
      } else {
        size++;
      }
      times[at] = row.time;
      timed[at] = row.timed;
      numbers[at] = row.number;
      as[at] = a;
      bs[at] = b;
      differences[at] = difference;
      least = leastOf();
    }

    private int leastOf() {
      int found = 0;
      for (int i = 1; i < size; i++) {
        double far = Math.abs(differences[i]);
        double leastFar = Math.abs(differences[found]);
        if (far < leastFar || far == leastFar && numbers[i] > numbers[found]) {
          found = i;
        }
      }
      return found;
    }

    List<Difference> list() {
      List<Integer> order = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        order.add(i);
      }
      order.sort(
          Comparator.comparingDouble((Integer i) -> -Math.abs(differences[i]))
              .thenComparing(i -> numbers[i]));
      return order.stream()
          .map(i ->
              new Difference(
                  timed[i] ? Times.instant(times[i]) : null, as[i], bs[i], differences[i]))
          .toList();
    }
  }
}
