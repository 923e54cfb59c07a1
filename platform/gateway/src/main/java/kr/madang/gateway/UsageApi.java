package kr.madang.gateway;

import static kr.madang.gateway.Operation.get;
import static kr.madang.gateway.Routes.V1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import kr.madang.control.Control;
import kr.madang.control.Usage;
import kr.madang.gateway.Operation.Query;

/** The ledger of shared use. */
final class UsageApi {
  static final String CSV = "text/csv";

  private static final Duration USUAL = Duration.ofDays(1);
  private static final Instant FIRST = Instant.parse("2000-01-01T00:00:00Z");
  private static final Instant LAST = Instant.parse("3000-01-01T00:00:00Z");
  private static final int MOST = 100_000;
  private static final List<String> FORMATS = List.of("json", "csv");
  private static final String HEAD =
      "hour,workspace,model,version,origin,calls,failed,rejected,rows,computeMillis,bytesIn,bytesOut\n";

  private final Control control;

  UsageApi(Control control) {
    this.control = control;
  }

  void addTo(List<Operation> to) {
    to.add(
        get(V1 + "/usage", "listUsage", "What workspaces have used of the models, by hour.")
            .query(
                new Query.Text(
                    "from", List.of(), "RFC 3339; the hour of this time is the first. A day ago."),
                new Query.Text("to", List.of(), "RFC 3339; hours that begin later are left out."),
                new Query.Text(
                    "workspace", List.of(), "One of them; all that the caller sees without it."),
                new Query.Text("format", FORMATS, "Stronger than the header Accept."))
            .givesJson(
                200,
                "Usage",
                "As JSON, or as text/csv by Accept or format. The hour that is not over grows.")
            .by(exchange -> {
              List<Usage.Row> rows = control.usage().list(exchange.caller(), wish(exchange));
              return isCsv(exchange)
                  ? new Answer.Text(200, CSV, Map.of(), csv(rows))
                  : Answer.json(200, usage(rows));
            }));
  }

  private Usage.Wish wish(Exchange exchange) {
    Instant to = time(exchange, "to").orElseGet(() -> control.usage().now());
    Instant from = time(exchange, "from").orElseGet(() -> to.minus(USUAL));
    return new Usage.Wish(from, to, exchange.text("workspace"), MOST);
  }

  private static Optional<Instant> time(Exchange exchange, String name) {
    Optional<String> given = exchange.text(name);
    try {
      Optional<Instant> time = given.map(Instant::parse);
      if (time.isEmpty() || !time.get().isBefore(FIRST) && time.get().isBefore(LAST)) {
        return time;
      }
    } catch (DateTimeException e) {
      // Said below.
    }
    throw new Fault(
        400,
        "BAD_REQUEST",
        "parameter '%s' must be a time from %s to %s such as 2026-11-01T08:00:00Z, got %s"
            .formatted(name, FIRST, LAST, given.orElse("")));
  }

  private static boolean isCsv(Exchange exchange) {
    return exchange
        .text("format")
        .map(format -> format.equals("csv"))
        .orElseGet(() -> exchange.accept().toLowerCase(Locale.ROOT).contains(CSV));
  }

  static JsonNode usage(List<Usage.Row> rows) {
    return Views.list("usage", Json.array(rows, UsageApi::row));
  }

  private static JsonNode row(Usage.Row row) {
    ObjectNode json = Json.object();
    json.put("hour", row.hour().toString());
    json.put("workspace", row.workspace());
    json.put("model", row.model());
    json.put("version", row.version());
    json.put("origin", row.origin());
    json.put("calls", row.calls());
    json.put("failed", row.failed());
    json.put("rejected", row.rejected());
    json.put("rows", row.rows());
    json.put("computeMillis", row.computeNanos() / 1e6);
    json.put("bytesIn", row.bytesIn());
    json.put("bytesOut", row.bytesOut());
    return json;
  }

  /** Names are of letters, digits, '.', '_' and '-', so that nothing needs a quote. */
  private static String csv(List<Usage.Row> rows) {
    StringBuilder csv = new StringBuilder(HEAD);
    for (Usage.Row row : rows) {
      csv.append(row.hour())
          .append(',')
          .append(row.workspace())
          .append(',')
          .append(row.model())
          .append(',')
          .append(row.version())
          .append(',')
          .append(row.origin())
          .append(',')
          .append(row.calls())
          .append(',')
          .append(row.failed())
          .append(',')
          .append(row.rejected())
          .append(',')
          .append(row.rows())
          .append(',')
          .append(String.format(Locale.ROOT, "%.6f", row.computeNanos() / 1e6))
          .append(',')
          .append(row.bytesIn())
          .append(',')
          .append(row.bytesOut())
          .append('\n');
    }
    return csv.toString();
  }
}
