package kr.madang.engine.compare;

import java.util.List;
import kr.madang.engine.compare.HtmlReport.Place;
import kr.madang.engine.compare.SinkComparison.Presence;
import kr.madang.engine.compare.SinkComparison.Rows;
import org.jspecify.annotations.Nullable;

/** The top of the report: verdict, what stands out, who is who, and the table of all columns. */
final class Overview {
  private final Html html;
  private final Comparison comparison;
  private final List<Place> places;

  Overview(Html html, Comparison comparison, List<Place> places) {
    this.html = html;
    this.comparison = comparison;
    this.places = places;
  }

  /** How an agreement is called in the style. */
  static String style(Agreement agreement) {
    return switch (agreement) {
      case IDENTICAL -> "identical";
      case WITHIN_TOLERANCE -> "within";
      case DIFFERENT -> "different";
    };
  }

  /** Adds what an agreement is called. */
  static void chip(Html html, Agreement agreement) {
    String said =
        switch (agreement) {
          case IDENTICAL -> "identical";
          case WITHIN_TOLERANCE -> "within tolerance";
          case DIFFERENT -> "differs";
        };
    html.raw("<span class=\"chip " + style(agreement) + "\">" + said + "</span>");
  }

  void verdict() {
    html.raw("<section class=\"card verdict " + style(comparison.agreement()) + "\">");
    html.raw("<div class=\"eyebrow\">Comparison of two replays · pipeline ");
    html.text(comparison.a().pipeline());
    if (!comparison.b().pipeline().equals(comparison.a().pipeline())) {
      html.raw(" against ").text(comparison.b().pipeline());
    }
    html.raw("</div><h1>").text(comparison.verdict()).raw("</h1>");
    list(comparison.findings());
    html.raw("</section>");
  }

  private void list(List<String> lines) {
    if (!lines.isEmpty()) {
      html.raw("<ul class=\"findings\">");
      lines.forEach(line -> html.raw("<li>").text(line).raw("</li>"));
      html.raw("</ul>");
    }
  }

  void sides() {
    html.raw("<section class=\"sides\">");
    side("A", comparison.a());
    side("B", comparison.b());
    html.raw("</section>");
  }

  private void side(String letter, ResultSummary summary) {
    html.raw("<div class=\"card side\"><span class=\"letter " + (letter.equals("A") ? "a" : "b"));
    html.raw("\">" + letter + "</span><div><b>");
    html.text(summary.label().isEmpty() ? summary.pipeline() : summary.label()).raw("</b>");
    if (!summary.version().isEmpty()) {
      html.raw("<div class=\"muted small\">").text(summary.version()).raw("</div>");
    }
    html.raw("</div></div>");
  }

  void tiles() {
    long both = 0;
    long all = 0;
    long agreeing = 0;
    long onlyA = 0;
    long onlyB = 0;
    for (SinkComparison sink : comparison.sinks()) {
      Rows rows = sink.rows();
      both += rows.both();
      onlyA += rows.onlyA();
      onlyB += rows.onlyB();
      all += rows.both() + rows.onlyA() + rows.onlyB();
      agreeing += rows.equal() + rows.within();
    }
    long statuses =
        places.stream()
            .map(place -> place.column().statuses())
            .mapToLong(status -> status == null ? 0 : status.differ())
            .sum();
    html.raw("<section class=\"tiles\">");
    tile("Rows in both", Say.count(both), false);
    tile(
        "Within tolerance",
        Say.percent(all == 0 ? null : (Double) ((double) agreeing / all)),
        false);
    tile("Only in A · only in B", Say.count(onlyA) + " · " + Say.count(onlyB), onlyA + onlyB > 0);
    tile("Statuses that differ", Say.count(statuses), statuses > 0);
    tile("Time of B to A", Say.ratio(comparison.cost().wall().ratio()), false);
    html.raw("</section>");
  }

  private void tile(String name, String value, boolean warn) {
    html.raw("<div class=\"tile\"><span>" + name + "</span><b" + (warn ? " class=\"warn\">" : ">"));
    html.text(value).raw("</b></div>");
  }

  void notes() {
    if (!comparison.notes().isEmpty()) {
      html.raw("<section class=\"card\"><h4>Please note</h4>");
      list(comparison.notes());
      html.raw("</section>");
    }
  }

  void columns() {
    html.raw("<h2>Sinks and columns</h2><section class=\"card\"><table><thead><tr><th>Column</th>");
    html.raw("<th class=\"wide\"></th><th>Rows</th><th class=\"n\">Beyond<br/>tolerance</th>");
    html.raw("<th class=\"n wide\">Other<br/>status</th>");
    html.raw("<th class=\"n\">Greatest<br/>difference</th>");
    html.raw("<th class=\"n wide\">Mean<br/>B − A</th>");
    html.raw("<th class=\"n wide\">Root mean<br/>square</th>");
    html.raw("<th class=\"n wide\">Correlation</th><th class=\"n wide\">Shift<br/>(PSI)</th>");
    html.raw("</tr></thead><tbody>");
    for (SinkComparison sink : comparison.sinks()) {
      sink(sink);
      places.stream()
          .filter(place -> place.sink().sink().equals(sink.sink()))
          .forEach(this::column);
      sink.onlyInA().forEach(name -> oneSided(name, "A"));
      sink.onlyInB().forEach(name -> oneSided(name, "B"));
    }
    html.raw("</tbody></table></section>");
  }

  private void sink(SinkComparison sink) {
    Rows rows = sink.rows();
    html.raw("<tr class=\"sink\"><td colspan=\"10\">Sink <span class=\"name\">");
    html.text(sink.sink()).raw("</span>");
    if (sink.problem() != null) {
      html.raw(" <span class=\"chip bad\">not compared</span> ").text(sink.problem());
    } else if (sink.presence() != Presence.BOTH) {
      html.raw(" <span class=\"chip different\">only in ");
      html.raw(sink.presence() == Presence.ONLY_A ? "A" : "B").raw("</span>");
      html.text(" " + Say.count(rows.a() + rows.b(), "row", "rows"));
    } else {
      html.text(
          ": %s in A, %s in B, %s in both"
              .formatted(
                  Say.count(rows.a(), "row", "rows"), Say.count(rows.b()), Say.count(rows.both())));
    }
    html.raw("</td></tr>");
  }

  private void oneSided(String name, String side) {
    html.raw("<tr><td><span class=\"name\">").text(name);
    html.raw("</span></td><td class=\"wide\"></td><td colspan=\"8\">");
    html.raw("<span class=\"chip different\">only in " + side + "</span></td></tr>");
  }

  private void column(Place place) {
    ColumnComparison column = place.column();
    NumberComparison numbers = column.numbers();
    html.raw("<tr><td>");
    if (place.charted()) {
      html.raw("<a class=\"name\" href=\"#" + place.anchor() + "\">")
          .text(column.name())
          .raw("</a>");
    } else {
      html.raw("<span class=\"name\">").text(column.name()).raw("</span>");
    }
    html.raw("</td><td class=\"wide\">");
    chip(html, column.agreement());
    html.raw("</td><td class=\"share\">");
    share(column);
    html.raw("</td><td class=\"n" + (column.beyond() > 0 ? " warn" : "") + "\">");
    html.text(Say.count(column.beyond())).raw("</td>");
    StatusComparison statuses = column.statuses();
    long differ = statuses == null ? 0 : statuses.differ();
    html.raw("<td class=\"n wide" + (differ > 0 ? " warn" : " muted") + "\">");
    html.text(statuses == null ? "–" : Say.count(differ)).raw("</td>");
    if (numbers == null) {
      html.raw("<td class=\"n muted\">–</td>");
      html.raw("<td class=\"n wide muted\">–</td>".repeat(4)).raw("</tr>");
      return;
    }
    cell("n", numbers.maxAbsolute(), Say.number(numbers.maxAbsolute()));
    cell("n wide", numbers.meanDifference(), Say.signed(numbers.meanDifference()));
    cell("n wide", numbers.rootMeanSquare(), Say.number(numbers.rootMeanSquare()));
    cell("n wide", numbers.correlation(), Say.correlation(numbers.correlation()));
    Double shift = numbers.stabilityIndex();
    boolean shifted = shift != null && shift > Verdict.SHIFTED;
    cell("n wide" + (shifted ? " warn" : ""), shift, Say.shift(shift));
    html.raw("</tr>");
  }

  private void cell(String style, @Nullable Double value, String said) {
    boolean nothing = value == null || value == 0;
    html.raw("<td class=\"" + style + (nothing ? " muted" : "") + "\">").text(said).raw("</td>");
  }

  /** Rows that are equal, within tolerance and beyond it, as parts of one bar. */
  private void share(ColumnComparison column) {
    double rows = Math.max(1, column.rows());
    double near = column.equal() / rows;
    double off = (column.equal() + column.within()) / rows;
    html.raw("<svg width=\"100%\" height=\"9\" role=\"img\"><title>");
    html.text(
        "%s equal, %s within tolerance, %s beyond"
            .formatted(
                Say.count(column.equal()), Say.count(column.within()), Say.count(column.beyond())));
    html.raw("</title><rect class=\"track\" width=\"100%\" height=\"9\" rx=\"2\"/>");
    part("equal", 0, near);
    part("near", near, off);
    part("off", off, column.rows() == 0 ? off : 1);
    html.raw("</svg>");
  }

  private void part(String style, double from, double to) {
    if (to > from) {
      double width = Math.max(to - from, 0.02);
      html.raw(
          "<rect class=\""
              + style
              + "\" height=\"9\" x=\""
              + Html.percent(Math.min(from, 1 - width)));
      html.raw("\" width=\"" + Html.percent(width) + "\"/>");
    }
  }
}
