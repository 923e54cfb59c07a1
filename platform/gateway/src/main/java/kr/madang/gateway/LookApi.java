package kr.madang.gateway;

import static kr.madang.gateway.Operation.get;
import static kr.madang.gateway.Routes.PIPELINE;
import static kr.madang.gateway.Routes.name;
import static kr.madang.gateway.Routes.space;

import java.util.List;
import java.util.Map;
import kr.madang.control.Control;
import kr.madang.control.Format;
import kr.madang.gateway.Operation.Query;

/** Pipelines as they are. */
final class LookApi {
  private final Control control;
  private final Taps taps;

  LookApi(Control control, Taps taps) {
    this.control = control;
    this.taps = taps;
  }

  void addTo(List<Operation> to) {
    to.add(
        get(PIPELINE + "/spec", "getSpec", "The document as it was given.")
            .gives(200, "application/yaml", "", "Or application/json, if it was given so.")
            .by(exchange -> {
              var all = control.pipelines();
              Format format = all.format(exchange.caller(), space(exchange), name(exchange));
              return new Answer.Text(
                  200,
                  format == Format.JSON ? "application/json" : "application/yaml",
                  Map.of(),
                  all.spec(exchange.caller(), space(exchange), name(exchange)));
            }));
    to.add(
        get(PIPELINE + "/status", "getStatus", "How each stage is, and why.")
            .givesJson(200, "Status", "Of the latest run.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.status(
                        control
                            .pipelines()
                            .get(exchange.caller(), space(exchange), name(exchange))))));
    to.add(
        get(PIPELINE + "/tags", "getTags", "How each tag of each source is.")
            .givesJson(200, "Tags", "Of the latest run.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.list(
                        "sources",
                        Json.array(
                            control
                                .pipelines()
                                .tags(exchange.caller(), space(exchange), name(exchange)),
                            Views::tags)))));
    to.add(
        get(PIPELINE + "/ledger", "getLedger", "Where every row is.")
            .givesJson(200, "Ledger", "Of the latest run.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.ledger(
                        control
                            .pipelines()
                            .ledger(exchange.caller(), space(exchange), name(exchange))))));
    to.add(
        get(PIPELINE + "/stages/{stage}/tap", "tapStage", "A live, lossy look at a stage.")
            .query(
                new Query.Whole("rows", 1, 1_000, 100, "Rows of a batch that are shown at most."))
            .gives(200, "text/event-stream", "", "Events 'batch', then one 'end'.")
            .by(exchange ->
                taps.open(
                    capacity ->
                        control
                            .pipelines()
                            .tap(
                                exchange.caller(),
                                space(exchange),
                                name(exchange),
                                exchange.at("stage"),
                                capacity),
                    exchange.number("rows"))));
  }
}
