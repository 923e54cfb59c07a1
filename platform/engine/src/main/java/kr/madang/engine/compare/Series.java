package kr.madang.engine.compare;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kr.madang.engine.compare.NumberComparison.Band;
import kr.madang.engine.compare.NumberComparison.Point;
import org.jspecify.annotations.Nullable;

/** Both sides of one column in time: least, mean and greatest number of each part. */
final class Series {
  private final TimeLine line;
  private final Lane a;
  private final Lane b;
  private final double[] differences;

  Series(TimeLine line) {
    this.line = line;
    a = new Lane(line.parts());
    b = new Lane(line.parts());
    differences = new double[line.parts()];
    Arrays.fill(differences, -1);
  }

  void add(boolean ofA, int part, double value) {
    if (part >= 0 && Double.isFinite(value)) {
      (ofA ? a : b).add(part, value);
    }
  }

  void difference(int part, double far) {
    if (part >= 0) {
      differences[part] = Math.max(differences[part], far);
    }
  }

  List<Point> points() {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < differences.length; i++) {
      Band ofA = a.band(i);
      Band ofB = b.band(i);
      if (ofA != null || ofB != null) {
        points.add(
            new Point(
                Times.instant(line.middle(i)),
                ofA,
                ofB,
                differences[i] < 0 ? null : (Double) differences[i]));
      }
    }
    return points;
  }

  private static final class Lane {
    private final double[] min;
    private final double[] max;
    private final double[] mean;
    private final long[] count;

    Lane(int parts) {
      min = new double[parts];
      max = new double[parts];
      mean = new double[parts];
      count = new long[parts];
      Arrays.fill(min, Double.POSITIVE_INFINITY);
      Arrays.fill(max, Double.NEGATIVE_INFINITY);
    }

    void add(int part, double value) {
      min[part] = Math.min(min[part], value);
      max[part] = Math.max(max[part], value);
      mean[part] += (value - mean[part]) / ++count[part];
    }

    @Nullable Band band(int part) {
      if (count[part] == 0) {
        return null;
      }
      double middle = Math.clamp(mean[part], min[part], max[part]);
      return new Band(min[part], Double.isNaN(middle) ? min[part] : middle, max[part]);
    }
  }
}
