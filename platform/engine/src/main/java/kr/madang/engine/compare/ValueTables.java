package kr.madang.engine.compare;

import java.util.List;
import kr.madang.engine.compare.ColumnComparison.Odd;
import kr.madang.engine.compare.StatusComparison.Change;
import kr.madang.engine.compare.TextComparison.Pair;
import kr.madang.engine.compare.TextComparison.Value;
import org.jspecify.annotations.Nullable;

/** Tables of what is no number: statuses, texts, values on one side only. */
final class ValueTables {
  private static final int SHOWN = 12;

  private ValueTables() {}

  static void statuses(Html html, StatusComparison statuses) {
    html.raw("<h4 class=\"gapped\">Statuses that differ</h4>");
    pairs(html);
    for (Change change : statuses.changes().stream().limit(SHOWN).toList()) {
      pair(html, "s", change.a(), change.b(), change.rows(), Say.moment(change.first()));
    }
    html.raw("</tbody></table>");
  }

  static void texts(Html html, TextComparison texts) {
    if (!texts.pairs().isEmpty()) {
      html.raw("<h4>Values that differ</h4>");
      pairs(html);
      for (Pair pair : texts.pairs().stream().limit(SHOWN).toList()) {
        pair(html, "t", pair.a(), pair.b(), pair.rows(), Say.moment(pair.first()));
      }
      html.raw("</tbody></table>");
    }
    html.raw(
        "<h4 class=\"gapped\">Values</h4><table class=\"bars\"><thead><tr><th>Value</th><th></th>");
    html.raw("<th class=\"n\">A</th><th class=\"n\">B</th></tr></thead><tbody>");
    long most = texts.values().stream().mapToLong(v -> Math.max(v.a(), v.b())).max().orElse(1);
    for (Value value : texts.values().stream().limit(SHOWN).toList()) {
      html.raw("<tr><td class=\"t\">").text(value.text()).raw("</td><td class=\"share\">");
      bar(html, "a", (double) value.a() / most);
      bar(html, "b", (double) value.b() / most);
      html.raw("</td><td class=\"n\">").text(Say.count(value.a()));
      html.raw("</td><td class=\"n\">").text(Say.count(value.b())).raw("</td></tr>");
    }
    html.raw("</tbody></table>");
  }

  /** Rows whose difference is no number; {@code numbers} says that texts in them are numbers. */
  static void odd(Html html, List<Odd> odd, boolean numbers) {
    html.raw("<h4 class=\"gapped\">First rows whose difference is no number</h4>");
    html.raw(
        "<table class=\"tight\"><thead><tr><th>Time</th><th class=\"n\">A</th><th class=\"n\">B</th></tr></thead><tbody>");
    for (Odd one : odd) {
      html.raw("<tr><td>").text(Say.moment(one.time())).raw("</td><td class=\"n\">");
      value(html, one.a(), numbers);
      html.raw("</td><td class=\"n\">");
      value(html, one.b(), numbers);
      html.raw("</td></tr>");
    }
    html.raw("</tbody></table>");
  }

  private static void value(Html html, @Nullable String value, boolean number) {
    if (value == null) {
      html.raw("<span class=\"muted\">none</span>");
      return;
    }
    if (number) {
      try {
        html.text(Say.number(Double.valueOf(value)));
        return;
      } catch (NumberFormatException notOne) {
        // a list, or a text among numbers
      }
    }
    html.text(value);
  }

  private static void pairs(Html html) {
    html.raw("<table class=\"tight\"><thead><tr><th>A</th><th>B</th><th class=\"n\">Rows</th>");
    html.raw("<th class=\"when\">First at</th></tr></thead><tbody>");
  }

  private static void pair(Html html, String style, String a, String b, long rows, String first) {
    html.raw("<tr><td class=\"" + style + "\">").text(a);
    html.raw("</td><td class=\"" + style + "\">").text(b);
    html.raw("</td><td class=\"n\">").text(Say.count(rows));
    html.raw("</td><td class=\"when\">").text(first).raw("</td></tr>");
  }

  /** A bar of a share of the whole width. */
  static void bar(Html html, String side, double share) {
    html.raw("<svg width=\"100%\" height=\"7\" aria-hidden=\"true\"><rect class=\"box " + side);
    html.raw("\" height=\"7\" rx=\"1.5\" width=\"" + Html.percent(share) + "\"/></svg>");
  }
}
