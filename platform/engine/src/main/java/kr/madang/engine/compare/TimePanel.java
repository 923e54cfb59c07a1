package kr.madang.engine.compare;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import kr.madang.engine.compare.NumberComparison.Point;
import kr.madang.engine.compare.SinkComparison.MissingRun;

/**
 * One panel of a chart over time. Lines lie in a frame that stretches with the page; labels lie
 * over it and do not stretch. Numbers are given as functions of a point, NaN where there is none.
 */
final class TimePanel {
  private static final int WIDTH = 1000;

  /** Points farther apart than this many usual steps are not joined. */
  private static final int GAP = 6;

  private final Html html;
  private final TimeAxis times;
  private final List<Point> points;
  private final Axis axis;
  private final int height;
  private final double gap;

  TimePanel(Html html, TimeAxis times, List<Point> points, Axis axis, int height) {
    this.html = html;
    this.times = times;
    this.points = points;
    this.axis = axis;
    this.height = height;
    double[] steps = new double[Math.max(1, points.size() - 1)];
    for (int i = 1; i < points.size(); i++) {
      steps[i - 1] = at(i) - at(i - 1);
    }
    Arrays.sort(steps);
    gap = Math.max(GAP * steps[steps.length / 2], 1e-9);
  }

  private double at(int point) {
    return times.at(points.get(point).time());
  }

  private double y(double value) {
    return (1 - axis.at(value)) * height;
  }

  /** Opens the panel: grid, marks of missing rows, and the frame that lines go into. */
  void begin(String label, List<MissingRun> missing) {
    html.raw("<svg width=\"100%\" height=\"" + (height + 2) + "\" class=\"panel\" role=\"img\"");
    html.raw(" aria-label=\"" + label + "\">");
    for (Instant tick : times.ticks()) {
      String x = Html.percent(times.at(tick));
      html.raw("<line class=\"grid\" x1=\"" + x + "\" x2=\"" + x + "\" y2=\"" + height + "\"/>");
    }
    for (double tick : axis.ticks()) {
      across("grid", y(tick));
    }
    across("base", height);
    String box = "0 0 " + WIDTH + " " + height;
    html.raw("<svg width=\"100%\" height=\"" + height + "\" viewBox=\"" + box + "\"");
    html.raw(" preserveAspectRatio=\"none\">");
    missing.forEach(this::mark);
  }

  private void across(String style, double y) {
    html.raw("<line class=\"" + style + "\" x2=\"100%\" y1=\"").raw(y).raw("\" y2=\"").raw(y);
    html.raw("\"/>");
  }

  /** Closes the frame and adds the labels. */
  void end() {
    end(Double.NaN);
  }

  /** The same, with a line across at a value, if that can be told from 0. */
  void end(double limit) {
    html.raw("</svg>");
    if (limit > axis.max() * 0.02 && limit <= axis.max()) {
      across("limit", y(limit));
    }
    for (double tick : axis.ticks()) {
      double y = y(tick);
      html.raw("<text class=\"tick\" x=\"2\" y=\"").raw(y > 12 ? y - 3 : y + 11).raw("\">");
      html.text(axis.label(tick)).raw("</text>");
    }
    html.raw("</svg>");
  }

  /** Whether a run of missing rows lies in the picture. */
  static boolean shows(TimeAxis times, MissingRun run) {
    Instant from = run.from();
    Instant to = run.to();
    return from != null && to != null && (times.shows(from) || times.shows(to));
  }

  private void mark(MissingRun run) {
    Instant from = run.from();
    Instant to = run.to();
    if (from == null || to == null || !shows(times, run)) {
      return;
    }
    double left = times.at(from) * WIDTH;
    html.raw("<rect class=\"gapmark\" height=\"" + height + "\" x=\"").raw(left);
    html.raw("\" width=\"").raw(Math.max(2, times.at(to) * WIDTH - left)).raw("\"><title>");
    html.text(
        "%s only in %s, from %s to %s"
            .formatted(
                Say.count(run.rows(), "row", "rows"),
                run.side(),
                Say.moment(from),
                Say.moment(to)));
    html.raw("</title></rect>");
  }

  /** Draws a line. */
  void line(String style, ToDoubleFunction<Point> value) {
    html.raw("<path class=\"" + style + "\" d=\"");
    for (int from = 0; from < points.size(); ) {
      int to = stretch(from, value);
      for (int i = from; i < to; i++) {
        point(i == from ? "M" : "L", i, value);
      }
      if (to == from + 1) {
        html.raw("h1");
      }
      from = Math.max(to, from + 1);
    }
    html.raw("\"/>");
  }

  /** Fills the room between two lines. */
  void area(String style, ToDoubleFunction<Point> low, ToDoubleFunction<Point> high) {
    html.raw("<path class=\"" + style + "\" d=\"");
    for (int from = 0; from < points.size(); ) {
      int to = stretch(from, high);
      for (int i = from; i < to; i++) {
        point(i == from ? "M" : "L", i, high);
      }
      for (int i = to - 1; i >= from; i--) {
        point("L", i, low);
      }
      if (to > from) {
        html.raw("Z");
      }
      from = Math.max(to, from + 1);
    }
    html.raw("\"/>");
  }

  /** The end, exclusive, of a stretch that begins at a point and is drawn without a break. */
  private int stretch(int from, ToDoubleFunction<Point> value) {
    int to = from;
    while (to < points.size()
        && !Double.isNaN(value.applyAsDouble(points.get(to)))
        && (to == from || at(to) - at(to - 1) <= gap)) {
      to++;
    }
    return to;
  }

  private void point(String command, int point, ToDoubleFunction<Point> value) {
    html.raw(command).raw(at(point) * WIDTH).raw(" ");
    html.raw(y(value.applyAsDouble(points.get(point))));
  }
}
