package kr.madang.engine.compare;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import kr.madang.engine.compare.CostComparison.Figure;
import kr.madang.engine.compare.CostComparison.Stage;

/** What both replays cost, as a table with bars. */
final class CostTable {
  private final Html html;
  private final CostComparison cost;

  CostTable(Html html, CostComparison cost) {
    this.html = html;
    this.cost = cost;
  }

  void write() {
    if (isEmpty(cost.wall()) && isEmpty(cost.cpu()) && cost.stages().isEmpty()) {
      return;
    }
    html.raw("<h2>Latency and cost</h2><section class=\"card\">");
    html.raw("<p class=\"muted small\">Time for 1,000 input rows of the pipeline.</p>");
    html.raw("<table class=\"bars\"><thead><tr><th>Stage</th><th></th><th class=\"n\">A</th>");
    html.raw("<th class=\"n\">B</th><th class=\"n\">B to A</th></tr></thead><tbody>");
    double whole = most(List.of(cost.wall(), cost.cpu()));
    row("Whole replay", "from start to end", cost.wall(), whole);
    row("All stages", "CPU time", cost.cpu(), whole);
    double stages =
        most(cost.stages().stream().flatMap(s -> Stream.of(s.wall(), s.cpu())).toList());
    for (Stage stage : cost.stages()) {
      row(stage.stage(), "time inside", stage.wall(), stages);
      row(isEmpty(stage.wall()) ? stage.stage() : "", "CPU time", stage.cpu(), stages);
    }
    html.raw("</tbody></table></section>");
  }

  private static boolean isEmpty(Figure figure) {
    return figure.a() == null && figure.b() == null;
  }

  private static double most(List<Figure> figures) {
    return figures.stream()
        .flatMap(figure -> Stream.of(figure.a(), figure.b()).filter(Objects::nonNull))
        .mapToDouble(value -> value == null ? 0 : value)
        .max()
        .orElse(1);
  }

  private void row(String stage, String what, Figure figure, double most) {
    if (isEmpty(figure)) {
      return;
    }
    Double a = figure.a();
    Double b = figure.b();
    html.raw("<tr><td><span class=\"name\">")
        .text(stage)
        .raw("</span> <span class=\"muted small\">");
    html.text(what).raw("</span></td><td class=\"share time\">");
    ValueTables.bar(html, "a", a == null || most == 0 ? 0 : a / most);
    ValueTables.bar(html, "b", b == null || most == 0 ? 0 : b / most);
    html.raw("</td><td class=\"n\">").text(Say.nanos(a)).raw("</td><td class=\"n\">");
    html.text(Say.nanos(b));
    Double ratio = figure.ratio();
    html.raw("</td><td class=\"n" + (ratio != null && ratio > 1.1 ? " warn" : "") + "\">");
    html.text(Say.ratio(ratio)).raw("</td></tr>");
  }
}
