package kr.madang.engine.compare;

import java.util.List;
import kr.madang.engine.compare.HtmlReport.Place;
import kr.madang.engine.compare.NumberComparison.Difference;
import kr.madang.engine.compare.NumberComparison.Distribution;
import kr.madang.engine.compare.SinkComparison.MissingRun;
import org.jspecify.annotations.Nullable;

/** One column in full: figures, charts, greatest differences, statuses. Folded if it agrees. */
final class ColumnSection {
  private static final int DIFFERENCES_SHOWN = 8;

  private final Html html;
  private final Place place;
  private final ColumnComparison column;
  private final boolean nameSink;

  ColumnSection(Html html, Place place, boolean nameSink) {
    this.html = html;
    this.place = place;
    this.column = place.column();
    this.nameSink = nameSink;
  }

  void write() {
    boolean open = column.agreement() == Agreement.DIFFERENT;
    if (open) {
      html.raw("<section class=\"card\" id=\"" + place.anchor() + "\"><div class=\"head\"><h3>");
      title();
      html.raw("</div>");
    } else {
      html.raw("<details class=\"card\" id=\"" + place.anchor() + "\"><summary>");
      html.raw("<span class=\"name\">").text(column.name()).raw("</span> ");
      Overview.chip(html, column.agreement());
      html.raw("</summary><div class=\"inner\">");
    }
    facts();
    NumberComparison numbers = column.numbers();
    if (numbers != null) {
      time(numbers);
    }
    html.raw("<div class=\"duo\"><div>");
    if (numbers != null) {
      distribution(numbers);
      differences(numbers.greatest());
    } else {
      texts();
    }
    html.raw("</div><div>");
    if (numbers != null) {
      quantiles(numbers.a(), numbers.b());
      texts();
    }
    details();
    html.raw("</div></div>");
    html.raw(open ? "</section>" : "</div></details>");
  }

  private void title() {
    html.text(column.name()).raw("</h3>");
    if (!column.unit().isEmpty()) {
      html.raw("<span class=\"unit\">").text(column.unit()).raw("</span>");
    }
    Overview.chip(html, column.agreement());
    if (nameSink) {
      html.raw("<span class=\"muted small\">sink ").text(place.sink().sink()).raw("</span>");
    }
    if (!column.typeA().equals(column.typeB())) {
      html.raw("<span class=\"muted small\">");
      html.text(column.typeA() + " in A, " + column.typeB() + " in B").raw("</span>");
    }
  }

  private void facts() {
    html.raw("<dl class=\"facts\">");
    double rows = Math.max(1, column.rows());
    fact(
        "Beyond tolerance",
        Say.count(column.beyond()),
        Say.percent(column.beyond() / rows) + " of rows in both");
    NumberComparison numbers = column.numbers();
    if (numbers != null) {
      Difference most = numbers.greatest().isEmpty() ? null : numbers.greatest().getFirst();
      fact(
          "Greatest difference",
          Say.number(numbers.maxAbsolute()),
          most == null || most.time() == null ? "" : "at " + Say.moment(most.time()));
      fact(
          "Mean of B − A",
          Say.signed(numbers.meanDifference()),
          "mean size " + Say.number(numbers.meanAbsolute()));
      fact(
          "Relative difference",
          Say.percent(numbers.meanRelative()),
          "at most " + Say.percent(numbers.maxRelative()));
      fact("Root mean square", Say.number(numbers.rootMeanSquare()), "");
      fact("Correlation", Say.correlation(numbers.correlation()), "");
      fact(
          "Shift (PSI)",
          Say.shift(numbers.stabilityIndex()),
          "KS distance " + Say.shift(numbers.kolmogorovSmirnov()));
    }
    long oneSided = column.missingInA() + column.missingInB();
    if (oneSided > 0) {
      fact(
          "Only one has a value",
          Say.count(oneSided),
          "missing in A "
              + Say.count(column.missingInA())
              + ", in B "
              + Say.count(column.missingInB()));
    }
    StatusComparison statuses = column.statuses();
    if (statuses != null && statuses.differ() > 0) {
      fact(
          "Status differs",
          Say.count(statuses.differ()),
          Say.percent(statuses.differ() / rows) + " of rows in both");
    }
    html.raw("</dl>");
  }

  private void fact(String name, String value, String more) {
    html.raw("<div><dt>" + name + "</dt><dd>").text(value);
    if (!more.isEmpty()) {
      html.raw("<small>").text(more).raw("</small>");
    }
    html.raw("</dd></div>");
  }

  private void time(NumberComparison numbers) {
    if (numbers.series().isEmpty()) {
      return;
    }
    List<MissingRun> missing =
        place.sink().missing().stream()
            .filter(run -> run.tag().isEmpty() || run.tag().equals(column.name()))
            .toList();
    Tolerance tolerance = column.tolerance();
    new TimeChart(html, numbers.series(), missing)
        .draw(tolerance.relative() == 0 ? tolerance.absolute() : Double.NaN);
  }

  private void distribution(NumberComparison numbers) {
    html.raw("<h4>Distribution, in percent of all values</h4>");
    if (numbers.histogram().edges().isEmpty()) {
      html.raw("<p class=\"muted small\">No finite values.</p>");
    } else {
      new DistributionChart(html, numbers).draw();
    }
  }

  private void quantiles(Distribution a, Distribution b) {
    html.raw(
        "<table class=\"tight\"><thead><tr><th></th><th class=\"n\">A</th><th class=\"n\">B</th>");
    html.raw("<th class=\"n\">B − A</th></tr></thead><tbody>");
    quantile("Mean", a.mean(), b.mean());
    quantile("Standard deviation", a.deviation(), b.deviation());
    quantile("Least", a.min(), b.min());
    quantile("1 %", a.p1(), b.p1());
    quantile("5 %", a.p5(), b.p5());
    quantile("25 %", a.p25(), b.p25());
    quantile("Median", a.p50(), b.p50());
    quantile("75 %", a.p75(), b.p75());
    quantile("95 %", a.p95(), b.p95());
    quantile("99 %", a.p99(), b.p99());
    quantile("Greatest", a.max(), b.max());
    counts("Values", a.count(), b.count());
    counts("Missing", a.missing(), b.missing());
    if (a.notFinite() + b.notFinite() > 0) {
      counts("NaN or infinite", a.notFinite(), b.notFinite());
    }
    html.raw("</tbody></table>");
  }

  private void quantile(String name, @Nullable Double a, @Nullable Double b) {
    Double by = a == null || b == null ? null : Figures.finite(b - a);
    row(name, Say.number(a), Say.number(b), Say.signed(by), by != null && by == 0);
  }

  private void counts(String name, long a, long b) {
    row(name, Say.count(a), Say.count(b), Say.signed((double) (b - a)), a == b);
  }

  private void row(String name, String a, String b, String by, boolean same) {
    html.raw("<tr><td>" + name + "</td><td class=\"n\">").text(a).raw("</td><td class=\"n\">");
    html.text(b).raw("</td><td class=\"n" + (same ? " muted" : "") + "\">").text(by);
    html.raw("</td></tr>");
  }

  private void differences(List<Difference> greatest) {
    if (greatest.isEmpty()) {
      return;
    }
    int shown = Math.min(DIFFERENCES_SHOWN, greatest.size());
    html.raw("<h4 class=\"gapped\">Greatest differences</h4>");
    table(greatest.subList(0, shown));
    if (greatest.size() > shown) {
      html.raw("<details class=\"more\"><summary>");
      html.text(Say.count(greatest.size() - shown) + " more").raw("</summary>");
      table(greatest.subList(shown, greatest.size()));
      html.raw("</details>");
    }
  }

  private void table(List<Difference> differences) {
    html.raw(
        "<table class=\"tight\"><thead><tr><th>Time</th><th class=\"n\">A</th><th class=\"n\">B</th>");
    html.raw("<th class=\"n\">B − A</th></tr></thead><tbody>");
    for (Difference one : differences) {
      html.raw("<tr><td>").text(Say.moment(one.time())).raw("</td><td class=\"n\">");
      html.text(Say.number(one.a())).raw("</td><td class=\"n\">").text(Say.number(one.b()));
      html.raw("</td><td class=\"n\">").text(Say.signed(one.difference())).raw("</td></tr>");
    }
    html.raw("</tbody></table>");
  }

  private void details() {
    StatusComparison statuses = column.statuses();
    if (statuses != null && statuses.differ() > 0) {
      ValueTables.statuses(html, statuses);
    }
    if (!column.odd().isEmpty()) {
      ValueTables.odd(html, column.odd(), column.numbers() != null);
    }
  }

  private void texts() {
    TextComparison texts = column.texts();
    if (texts != null) {
      ValueTables.texts(html, texts);
    }
  }
}
