package kr.madang.engine.compare;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What was compared, and how. */
final class Particulars {
  private final Html html;
  private final Comparison comparison;

  Particulars(Html html, Comparison comparison) {
    this.html = html;
    this.comparison = comparison;
  }

  void write() {
    ResultSummary a = comparison.a();
    ResultSummary b = comparison.b();
    html.raw("<h2>What was compared</h2><section class=\"card\"><table class=\"kv\"><thead><tr>");
    html.raw("<th></th><th>A</th><th>B</th></tr></thead><tbody>");
    row("Pipeline", a.pipeline(), b.pipeline());
    row("Label", a.label(), b.label());
    row("Versions", a.version(), b.version());
    row("Recorded from", Say.moment(a.from()), Say.moment(b.from()));
    row("Recorded to", Say.moment(a.to()), Say.moment(b.to()));
    row("Input rows", Say.count(a.inputRows()), Say.count(b.inputRows()));
    row("Output rows", counts(a.outputRows()), counts(b.outputRows()));
    row("Rejected rows", counts(a.rejectedRows()), counts(b.rejectedRows()));
    row("Time of the replay", time(a), time(b));
    html.raw(
        "</tbody></table></section><section class=\"card small\"><h4>How it was compared</h4>");
    CompareOptions options = comparison.options();
    html.raw("<p>Rows are matched by <code>").text(options.key());
    html.raw(
        "</code>, samples by tag too, rows of one key in their order. Two numbers count as the same when they are not farther apart than ");
    html.text(tolerance(options.tolerance())).raw(".</p>");
    if (!options.columns().isEmpty()) {
      html.raw("<p>Columns with a tolerance of their own: ");
      html.text(
              new TreeMap<>(options.columns())
                  .entrySet().stream()
                      .map(e -> e.getKey() + " " + tolerance(e.getValue()))
                      .collect(Collectors.joining("; ")))
          .raw(".</p>");
    }
    html.raw(
        "<p class=\"muted\">Shift: population stability index of B against A over A’s deciles; ");
    html.raw("below 0.1 is usually read as stable, above 0.25 as shifted. ");
    html.raw("KS distance: the greatest distance between the two distribution functions, 0 to 1. ");
    html.raw("Relative difference: |A − B| over the greater of |A| and |B|.</p></section>");
  }

  private void row(String name, String a, String b) {
    html.raw("<tr><td>" + name + "</td><td class=\"t\">")
        .text(a.isEmpty() ? "–" : a)
        .raw("</td><td class=\"t\">");
    html.text(b.isEmpty() ? "–" : b).raw("</td></tr>");
  }

  private static String time(ResultSummary summary) {
    return Say.nanos(summary.wallNanos() < 0 ? null : (Double) (double) summary.wallNanos());
  }

  private static String counts(Map<String, Long> counts) {
    return counts.isEmpty()
        ? "–"
        : new TreeMap<>(counts)
            .entrySet().stream()
                .map(e -> e.getKey() + " " + Say.count(e.getValue()))
                .collect(Collectors.joining(", "));
  }

  private static String tolerance(Tolerance tolerance) {
    return tolerance.relative() == 0
        ? Say.number(tolerance.absolute())
        : Say.number(tolerance.absolute())
            + " or "
            + Say.percent(tolerance.relative())
            + " of the greater";
  }
}
