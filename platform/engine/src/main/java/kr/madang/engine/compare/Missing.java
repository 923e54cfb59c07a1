package kr.madang.engine.compare;

import java.util.List;
import kr.madang.engine.compare.SinkComparison.MissingRun;

/** The table of rows that only one result has. */
final class Missing {
  private Missing() {}

  static void write(Html html, List<SinkComparison> sinks) {
    if (sinks.stream().allMatch(sink -> sink.missing().isEmpty())) {
      return;
    }
    html.raw("<h2>Rows that only one result has</h2><section class=\"card\">");
    for (SinkComparison sink : sinks) {
      if (!sink.missing().isEmpty()) {
        table(html, sink);
      }
    }
    html.raw("</section>");
  }

  private static void table(Html html, SinkComparison sink) {
    html.raw("<p>Sink <span class=\"name\">").text(sink.sink()).raw("</span>: ");
    html.text(
        "%s only in A, %s only in B, in %s"
            .formatted(
                Say.count(sink.rows().onlyA(), "row", "rows"),
                Say.count(sink.rows().onlyB()),
                Say.count(sink.missingRuns(), "run", "runs")));
    if (sink.missingRuns() > sink.missing().size()) {
      html.text("; the longest " + Say.count(sink.missing().size()) + " are shown");
    }
    boolean tags = sink.missing().stream().anyMatch(run -> !run.tag().isEmpty());
    html.raw(".</p><table><thead><tr><th>Only in</th>" + (tags ? "<th>Tag</th>" : ""));
    html.raw("<th>From</th><th>To</th><th class=\"n\">Rows</th></tr></thead><tbody>");
    for (MissingRun run : sink.missing()) {
      html.raw("<tr><td>" + run.side() + "</td>");
      if (tags) {
        html.raw("<td>").text(run.tag()).raw("</td>");
      }
      html.raw("<td>").text(Say.moment(run.from())).raw("</td><td>").text(Say.moment(run.to()));
      html.raw("</td><td class=\"n\">").text(Say.count(run.rows())).raw("</td></tr>");
    }
    html.raw("</tbody></table>");
  }
}
