package kr.madang.engine.compare;

import java.util.List;
import kr.madang.engine.compare.NumberComparison.Distribution;
import kr.madang.engine.compare.NumberComparison.Histogram;

/** Draws both histograms, one over the other, and beneath them where each result mostly lies. */
final class DistributionChart {
  private static final int HEIGHT = 220;
  private static final int WIDTH = 1000;
  private static final int STRIP = 17;

  private final Html html;
  private final NumberComparison numbers;
  private final Axis axis;

  /** A chart; the histogram must have bins. */
  DistributionChart(Html html, NumberComparison numbers) {
    this.html = html;
    this.numbers = numbers;
    List<Double> edges = numbers.histogram().edges();
    this.axis = Axis.exactly(edges.getFirst(), edges.getLast(), 6);
  }

  void draw() {
    Histogram histogram = numbers.histogram();
    double most = Math.max(most(histogram.a(), numbers.a()), most(histogram.b(), numbers.b()));
    Axis shares = Axis.fromZero(100 * most, 4);
    html.raw(
        "<svg width=\"100%\" height=\""
            + (HEIGHT + 2)
            + "\" role=\"img\" aria-label=\"distribution of A and B\">");
    for (double tick : shares.ticks()) {
      double y = (1 - shares.at(tick)) * HEIGHT;
      html.raw("<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"")
          .raw(y)
          .raw("\" y2=\"")
          .raw(y)
          .raw("\"/>");
    }
    html.raw(
        "<svg x=\"0\" y=\"0\" width=\"100%\" height=\""
            + HEIGHT
            + "\" viewBox=\"0 0 "
            + WIDTH
            + " "
            + HEIGHT
            + "\" preserveAspectRatio=\"none\">");
    bars("a", histogram.a(), numbers.a(), shares);
    bars("b", histogram.b(), numbers.b(), shares);
    html.raw("</svg>");
    html.raw(
        "<line class=\"base\" x1=\"0\" x2=\"100%\" y1=\"" + HEIGHT + "\" y2=\"" + HEIGHT + "\"/>");
    for (double tick : shares.ticks()) {
      if (tick > 0 && (1 - shares.at(tick)) * HEIGHT > 10) {
        html.raw("<text class=\"tick\" x=\"2\" y=\"")
            .raw((1 - shares.at(tick)) * HEIGHT - 3)
            .raw("\">");
        html.text(shares.label(tick) + " %").raw("</text>");
      }
    }
    html.raw("</svg>");
    boxes();
    ticks();
    outside(histogram);
  }

  private static double most(List<Long> counts, Distribution all) {
    return all.count() == 0
        ? 0
        : (double) counts.stream().mapToLong(Long::longValue).max().orElse(0) / all.count();
  }

  private void bars(String side, List<Long> counts, Distribution all, Axis shares) {
    if (all.count() == 0) {
      return;
    }
    Html path = new Html();
    List<Double> edges = numbers.histogram().edges();
    for (int i = 0; i < counts.size(); i++) {
      double y = (1 - shares.at(100.0 * counts.get(i) / all.count())) * HEIGHT;
      path.raw(i == 0 ? "M0 " + HEIGHT + "V" : "V").raw(y);
      path.raw("H").raw(axis.at(edges.get(i + 1)) * WIDTH);
    }
    path.raw("V" + HEIGHT);
    String outline = path.page();
    html.raw("<path class=\"fill " + side + "\" d=\"" + outline + "Z\"/>");
    html.raw("<path class=\"lane " + side + "\" d=\"" + outline + "\"/>");
  }

  /** From the 5th to the 95th percentile a line, the middle half a bar, the median a gap in it. */
  private void boxes() {
    html.raw(
        "<svg width=\"100%\" height=\""
            + (2 * STRIP + 4)
            + "\" role=\"img\" aria-label=\"quantiles of A and B\">");
    box("a", numbers.a(), 4 + STRIP / 2);
    box("b", numbers.b(), 4 + STRIP + STRIP / 2);
    html.raw("</svg>");
  }

  private void box(String side, Distribution of, int y) {
    Double p5 = of.p5();
    Double p25 = of.p25();
    Double p50 = of.p50();
    Double p75 = of.p75();
    Double p95 = of.p95();
    if (p5 == null || p25 == null || p50 == null || p75 == null || p95 == null) {
      return;
    }
    html.raw(
        "<line class=\"whisker "
            + side
            + "\" x1=\""
            + Html.percent(axis.at(p5))
            + "\" x2=\""
            + Html.percent(axis.at(p95))
            + "\" y1=\""
            + y
            + "\" y2=\""
            + y
            + "\"/>");
    html.raw(
        "<rect class=\"box "
            + side
            + "\" x=\""
            + Html.percent(axis.at(p25))
            + "\" y=\""
            + (y - 5)
            + "\" height=\"10\" width=\""
            + Html.percent(Math.max(0.004, axis.at(p75) - axis.at(p25)))
            + "\"/>");
    html.raw(
        "<line class=\"median\" x1=\""
            + Html.percent(axis.at(p50))
            + "\" x2=\""
            + Html.percent(axis.at(p50))
            + "\" y1=\""
            + (y - 5)
            + "\" y2=\""
            + (y + 5)
            + "\"/>");
  }

  private void ticks() {
    html.raw("<svg width=\"100%\" height=\"18\" aria-hidden=\"true\">");
    int number = 0;
    for (double tick : axis.ticks()) {
      Tick.write(html, axis.at(tick), axis.label(tick), number++);
    }
    html.raw("</svg>");
  }

  private void outside(Histogram histogram) {
    long a = histogram.belowA() + histogram.aboveA();
    long b = histogram.belowB() + histogram.aboveB();
    if (a + b > 0) {
      html.raw("<p class=\"muted small\">");
      html.text(
          "Outside of the picture: %s of A and %s of B."
              .formatted(Say.count(a, "value", "values"), Say.count(b)));
      html.raw("</p>");
    }
  }
}
