package kr.madang.gateway;

import static kr.madang.gateway.Operation.get;
import static kr.madang.gateway.Operation.post;
import static kr.madang.gateway.Routes.V1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.control.Control;
import kr.madang.control.Drifts;
import kr.madang.control.spec.BaselineDocument;
import kr.madang.gateway.Operation.Takes;
import kr.madang.inference.Drift;

/** How far what models see has moved. */
final class DriftApi {
  private static final String MODEL = V1 + "/models/{model}";

  private final Control control;

  DriftApi(Control control) {
    this.control = control;
  }

  void addTo(List<Operation> to) {
    to.add(
        get(MODEL + "/drift", "getDrift", "How far inputs and outputs of a model have moved.")
            .givesJson(
                200,
                "Drifts",
                "The versions in memory; where there is no baseline 'psi' is null, and what was"
                    + " seen is shown.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.list(
                        "versions",
                        Json.array(
                            control.drifts().of(exchange.caller(), exchange.at("model")),
                            DriftApi::drift)))));
    to.add(
        post(
                MODEL + "/versions/{version}/baseline",
                "takeBaseline",
                "Takes what was seen within the window as the baseline of a version.")
            .takes(Takes.MAYBE_JSON)
            .givesJson(
                200,
                "Drift",
                "Compared with from now on. The body may be {\"workspace\", \"pipeline\"}, whose use"
                    + " alone counts then.")
            .by(exchange -> Answer.json(200, drift(take(exchange)))));
  }

  private Drifts.View take(Exchange exchange) {
    Optional<String> workspace = Optional.empty();
    Optional<String> pipeline = Optional.empty();
    if (!exchange.document().isEmpty()) {
      JsonBody body = JsonBody.of(exchange.document(), "workspace", "pipeline");
      workspace = body.text("workspace");
      pipeline = body.text("pipeline");
    }
    return control
        .drifts()
        .take(exchange.caller(), exchange.at("model"), exchange.at("version"), workspace, pipeline);
  }

  static JsonNode drift(Drifts.View view) {
    ObjectNode json = Json.object();
    json.put("model", view.model());
    json.put("version", view.version());
    ObjectNode limits = json.putObject("limits");
    limits.put("psi", view.limits().psi());
    limits.put("missing", view.limits().missing());
    limits.put("outOfRange", view.limits().outOfRange());
    limits.put("windowSeconds", view.limits().window().toSeconds());
    ObjectNode baseline = json.putObject("baseline");
    baseline.set("inputs", columns(view.baseline().inputs()));
    baseline.set("outputs", columns(view.baseline().outputs()));
    json.set("places", Json.array(view.places(), DriftApi::place));
    return json;
  }

  private static JsonNode columns(Map<String, BaselineDocument.Column> columns) {
    ObjectNode json = Json.object();
    columns.forEach((name, column) -> {
      ObjectNode one = json.putObject(name);
      one.set("edges", numbers(column.edges()));
      one.set("shares", numbers(column.shares()));
      one.put("missing", column.missing());
      one.put("low", column.low());
      one.put("high", column.high());
      one.put("rows", column.rows());
    });
    return json;
  }

  private static JsonNode numbers(List<Double> numbers) {
    return Json.array(numbers, JsonNodeFactory.instance::numberNode);
  }

  private static JsonNode place(Drift.Figures figures) {
    ObjectNode json = Json.object();
    json.put("workspace", figures.place().workspace());
    json.put("pipeline", figures.place().pipeline());
    json.put("step", figures.place().step());
    json.set("columns", Json.array(figures.columns(), DriftApi::column));
    return json;
  }

  private static JsonNode column(Drift.Moved column) {
    ObjectNode json = Json.object();
    json.put("side", Views.lower(column.side()));
    json.put("name", column.name());
    json.put("psi", column.index());
    json.put("missing", column.missing());
    json.put("outOfRange", column.outside());
    json.put("seen", column.seen());
    json.put("sampled", column.sampled());
    return json;
  }
}
