package kr.madang.engine.step;

import java.util.Arrays;

/** What one number says of the numbers of a window; each is a step of this name. */
enum Aggregate {
  MEAN("mean", "Arithmetic mean of a window") {
    @Override
    double of(double[] values, int n) {
      return total(values, n) / n;
    }
  },
  MIN("min", "Least value of a window") {
    @Override
    double of(double[] values, int n) {
      double least = values[0];
      for (int i = 1; i < n; i++) {
        least = Math.min(least, values[i]);
      }
      return least;
    }
  },
  MAX("max", "Greatest value of a window") {
    @Override
    double of(double[] values, int n) {
      double greatest = values[0];
      for (int i = 1; i < n; i++) {
        greatest = Math.max(greatest, values[i]);
      }
      return greatest;
    }
  },
  STD("std", "Standard deviation of a window, of the population (divided by n)") {
    @Override
    double of(double[] values, int n) {
      double mean = total(values, n) / n;
      double squares = 0;
      for (int i = 0; i < n; i++) {
        squares += (values[i] - mean) * (values[i] - mean);
      }
      return Math.sqrt(squares / n);
    }
  },
  RMS("rms", "Root of the mean square of a window") {
    @Override
    double of(double[] values, int n) {
      double squares = 0;
      for (int i = 0; i < n; i++) {
        squares += values[i] * values[i];
      }
      return Math.sqrt(squares / n);
    }
  },
  MEDIAN("median", "Median of a window; the mean of the two in the middle of an even number") {
    @Override
    double of(double[] values, int n) {
      Arrays.sort(values, 0, n);
      return n % 2 == 1 ? values[n / 2] : values[n / 2 - 1] / 2 + values[n / 2] / 2;
    }
  },
  FIRST("first", "First value of a window") {
    @Override
    double of(double[] values, int n) {
      return values[0];
    }
  },
  LAST("last", "Last value of a window") {
    @Override
    double of(double[] values, int n) {
      return values[n - 1];
    }
  },
  SUM("sum", "Sum of a window") {
    @Override
    double of(double[] values, int n) {
      return total(values, n);
    }
  },
  RANGE("range", "Greatest less least value of a window") {
    @Override
    double of(double[] values, int n) {
      return MAX.of(values, n) - MIN.of(values, n);
    }
  };

  final String step;
  final String title;

  Aggregate(String step, String title) {
    this.step = step;
    this.title = title;
  }

  /** The result for the first {@code n > 0} values, of which none is NaN; may reorder them. */
  abstract double of(double[] values, int n);

  private static double total(double[] values, int n) {
    double total = 0;
    for (int i = 0; i < n; i++) {
      total += values[i];
    }
    return total;
  }
}
