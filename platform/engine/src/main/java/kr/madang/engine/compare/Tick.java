package kr.madang.engine.compare;

/** A label below a chart. */
final class Tick {
  private static final double EDGE = 0.03;

  private Tick() {}

  /** Adds a label; at the edges it is kept inside, and every other one is left out on a phone. */
  static void write(Html html, double at, String label, int number) {
    String anchor = at < EDGE ? "start" : at > 1 - EDGE ? "end" : "middle";
    html.raw("<text class=\"tick" + (number % 2 == 1 ? " sparse" : "") + "\" y=\"13\"");
    html.raw(" text-anchor=\"" + anchor + "\" x=\"" + Html.percent(at) + "\">");
    html.text(label).raw("</text>");
  }
}
