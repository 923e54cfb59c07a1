package kr.madang.engine.compare;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.function.Function;
import kr.madang.engine.compare.NumberComparison.Band;
import kr.madang.engine.compare.NumberComparison.Point;
import kr.madang.engine.compare.SinkComparison.MissingRun;
import org.jspecify.annotations.Nullable;

/** Draws both results in time, one over the other, and the difference beneath. */
final class TimeChart {
  private static final int HEIGHT = 230;
  private static final int DIFFERENCE_HEIGHT = 80;

  private final Html html;
  private final List<Point> points;
  private final List<MissingRun> missing;
  private final TimeAxis times;

  /**
   * A chart.
   *
   * @param points at least one
   * @param missing runs of rows that are marked
   */
  TimeChart(Html html, List<Point> points, List<MissingRun> missing) {
    this.html = html;
    this.points = points;
    this.times = new TimeAxis(points.getFirst().time(), points.getLast().time());
    this.missing = missing.stream().filter(run -> TimePanel.shows(times, run)).toList();
  }

  /**
   * Draws both panels.
   *
   * @param limit the difference that is tolerated, or NaN if it depends on the value
   */
  void draw(double limit) {
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    double far = 0;
    for (Point point : points) {
      for (Band band : new Band[] {point.a(), point.b()}) {
        if (band != null) {
          min = Math.min(min, band.min());
          max = Math.max(max, band.max());
        }
      }
      far = point.difference() == null ? far : Math.max(far, point.difference());
    }
    legend();
    Axis values = Axis.around(min, max, 5);
    TimePanel both = new TimePanel(html, times, points, values, HEIGHT);
    both.begin("A and B in time", missing);
    band(both, "a", Point::a);
    band(both, "b", Point::b);
    both.line("lane a", point -> mean(point.a()));
    both.line("lane b", point -> mean(point.b()));
    both.end();
    Axis distances = Axis.fromZero(far, 2);
    TimePanel apart = new TimePanel(html, times, points, distances, DIFFERENCE_HEIGHT);
    apart.begin("difference of A and B in time", missing);
    apart.area("fill d", point -> 0, TimeChart::difference);
    apart.line("lane d", TimeChart::difference);
    apart.end(limit);
    ticks();
  }

  private void band(TimePanel panel, String side, Function<Point, @Nullable Band> of) {
    boolean thick =
        points.stream()
            .anyMatch(point -> {
              Band band = of.apply(point);
              return band != null && band.max() > band.min();
            });
    if (thick) {
      panel.area(
          "band " + side,
          point -> {
            Band band = of.apply(point);
            return band == null ? Double.NaN : band.min();
          },
          point -> {
            Band band = of.apply(point);
            return band == null ? Double.NaN : band.max();
          });
    }
  }

  private static double mean(@Nullable Band band) {
    return band == null ? Double.NaN : band.mean();
  }

  private static double difference(Point point) {
    Double difference = point.difference();
    return difference == null ? Double.NaN : difference;
  }

  private void legend() {
    html.raw("<div class=\"legend\"><span><i class=\"a\"></i>A</span>");
    html.raw("<span><i class=\"b\"></i>B</span><span><i class=\"d\"></i>|A − B|, beneath</span>");
    if (!missing.isEmpty()) {
      html.raw("<span><i class=\"gap\"></i>rows that only one has</span>");
    }
    html.raw("<span class=\"wide\">line: mean, band: least to greatest</span></div>");
  }

  private void ticks() {
    html.raw("<svg width=\"100%\" height=\"18\" aria-hidden=\"true\">");
    int number = 0;
    for (Instant tick : times.ticks()) {
      Tick.write(html, times.at(tick), times.label(tick), number++);
    }
    html.raw("</svg><div class=\"muted small\">");
    Instant first = points.getFirst().time().truncatedTo(ChronoUnit.SECONDS);
    Instant last = points.getLast().time().truncatedTo(ChronoUnit.SECONDS);
    boolean oneDay = Say.date(first).equals(Say.date(last));
    html.text(Say.moment(first) + " to " + (oneDay ? Say.time(last) : Say.moment(last)) + " UTC");
    html.raw("</div>");
  }
}
