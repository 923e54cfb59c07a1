package kr.madang.engine.compare;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import kr.madang.engine.compare.SinkComparison.Presence;

/**
 * Writes a comparison as one HTML page for people: no script, no image, nothing to load, light or
 * dark as the reader's system, readable on a phone and on paper. Whatever comes from data is
 * escaped. Safe for any thread.
 */
public final class HtmlReport {
  /** Columns that have charts; beyond, only the table tells of them. */
  private static final int MOST_CHARTS = 24;

  private static final Comparator<Place> WORST_FIRST =
      Comparator.comparing((Place place) -> place.column().agreement())
          .thenComparing(place -> beyond(place.column()))
          .reversed();

  private HtmlReport() {}

  /**
   * The value of the {@code Content-Security-Policy} header that the page works under. The page
   * says the same of itself.
   */
  public static String contentSecurityPolicy() {
    return ReportStyle.POLICY + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  }

  /** Writes the page into a file, which is there only when it is whole. */
  public static void write(Comparison comparison, Path file) throws IOException {
    Path made = file.resolveSibling(file.getFileName() + ".part");
    Files.writeString(made, page(comparison), StandardCharsets.UTF_8);
    Files.move(made, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  /** Writes the page, to be encoded as UTF-8. */
  public static void write(Comparison comparison, Appendable out) throws IOException {
    out.append(page(comparison));
  }

  /** A column with the sink it belongs to and the name of its place in the page. */
  record Place(SinkComparison sink, ColumnComparison column, String anchor, boolean charted) {
    Place with(boolean charts) {
      return new Place(sink, column, anchor, charts);
    }
  }

  private static String page(Comparison comparison) {
    Html html = new Html();
    html.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>");
    html.raw(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"" + ReportStyle.POLICY + "\"/>");
    html.raw("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"/>");
    html.raw("<meta name=\"referrer\" content=\"no-referrer\"/><title>");
    html.text(comparison.a().pipeline() + ": " + comparison.verdict());
    html.raw("</title><style>" + ReportStyle.CSS + "</style></head><body><main>");
    List<Place> places = places(comparison);
    Overview overview = new Overview(html, comparison, places);
    overview.verdict();
    overview.sides();
    overview.tiles();
    overview.notes();
    overview.columns();
    columns(html, comparison, places);
    new CostTable(html, comparison.cost()).write();
    Missing.write(html, comparison.sinks());
    new Particulars(html, comparison).write();
    html.raw("<footer>Written by <code>madang compare</code>. All times are UTC.</footer>");
    html.raw("</main></body></html>\n");
    return html.page();
  }

  /** All columns in the order of the table; the worst of them have charts. */
  private static List<Place> places(Comparison comparison) {
    List<Place> all = new ArrayList<>();
    for (SinkComparison sink : comparison.sinks()) {
      for (ColumnComparison column : sink.columns()) {
        all.add(new Place(sink, column, "c" + all.size(), false));
      }
    }
    Set<String> charted =
        all.stream()
            .sorted(WORST_FIRST)
            .limit(MOST_CHARTS)
            .map(Place::anchor)
            .collect(Collectors.toSet());
    return all.stream().map(one -> one.with(charted.contains(one.anchor()))).toList();
  }

  private static long beyond(ColumnComparison column) {
    StatusComparison statuses = column.statuses();
    return column.beyond() + (statuses == null ? 0 : statuses.differ());
  }

  private static void columns(Html html, Comparison comparison, List<Place> places) {
    if (places.isEmpty()) {
      return;
    }
    html.raw("<h2>Column by column</h2>");
    boolean manySinks =
        comparison.sinks().stream().filter(sink -> sink.presence() == Presence.BOTH).count() > 1;
    places.stream()
        .filter(Place::charted)
        .sorted(WORST_FIRST)
        .forEach(place -> new ColumnSection(html, place, manySinks).write());
    long left = places.stream().filter(place -> !place.charted()).count();
    if (left > 0) {
      html.raw("<p class=\"muted\">");
      html.text(
          Say.count(left, "more column is", "more columns are")
              + " in the table above and in the JSON of this comparison.");
      html.raw("</p>");
    }
  }
}
