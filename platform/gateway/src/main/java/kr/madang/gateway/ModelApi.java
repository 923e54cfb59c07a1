package kr.madang.gateway;

import static kr.madang.gateway.Operation.delete;
import static kr.madang.gateway.Operation.get;
import static kr.madang.gateway.Operation.post;
import static kr.madang.gateway.Operation.put;
import static kr.madang.gateway.Routes.V1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import kr.madang.control.Control;
import kr.madang.control.ExaminationView;
import kr.madang.control.ModelView;
import kr.madang.control.Models;
import kr.madang.gateway.Operation.Takes;

/** Models, of plugins and uploaded. */
final class ModelApi {
  private static final String VERSION = V1 + "/models/{model}/versions/{version}";

  private final Control control;

  ModelApi(Control control) {
    this.control = control;
  }

  void addTo(List<Operation> to) {
    to.add(
        get(V1 + "/models", "listModels", "All models, of plugins and uploaded.")
            .givesJson(200, "Models", "By name and version.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.list(
                        "models",
                        Json.array(control.models().list(exchange.caller()), ModelApi::model)))));
    to.add(
        post(V1 + "/models", "uploadModel", "Examines a model and takes it in.")
            .takes(Takes.ARCHIVE)
            .givesJson(201, "ModelVersion", "Taken in; Location names it.")
            .givesJson(200, "ModelVersion", "The same model was there already.")
            .by(exchange -> {
              var uploaded =
                  control.uploads().upload(exchange.caller(), exchange.archive().orElseThrow());
              ModelView view = uploaded.model().view();
              String place =
                  V1
                      + "/models/"
                      + Door.encode(view.name())
                      + "/versions/"
                      + Door.encode(view.version());
              return Answer.json(
                  uploaded.fresh() ? 201 : 200,
                  Map.of("Location", place),
                  details(uploaded.model()));
            }));
    to.add(
        get(V1 + "/examinations", "listExaminations", "Models that are examined just now.")
            .givesJson(200, "Examinations", "How far each has come; it takes up to minutes.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.list(
                        "examinations",
                        Json.array(
                            control.models().examinations(exchange.caller()),
                            ModelApi::examination)))));
    to.add(
        get(VERSION, "getModel", "One version of a model, with what was found when it came.")
            .givesJson(200, "ModelVersion", "As it is; report is null if it was not examined.")
            .by(exchange ->
                Answer.json(
                    200,
                    details(
                        control
                            .models()
                            .get(exchange.caller(), name(exchange), version(exchange))))));
    to.add(
        delete(VERSION, "deleteModel", "Deletes a version that was uploaded and nobody uses.")
            .givesNothing("Gone.")
            .by(exchange -> {
              control.uploads().delete(exchange.caller(), name(exchange), version(exchange));
              return new Answer.Empty(204);
            }));
    to.add(
        put(VERSION + "/pin", "pinModel", "Keeps a version in memory, loaded now.")
            .givesJson(200, "ModelVersion", "Loaded.")
            .by(exchange ->
                Answer.json(
                    200,
                    details(
                        control
                            .models()
                            .pin(exchange.caller(), name(exchange), version(exchange))))));
    to.add(
        delete(VERSION + "/pin", "unpinModel", "Lets a version leave memory as others do.")
            .givesNothing("Not pinned any more.")
            .by(exchange -> {
              control.models().unpin(exchange.caller(), name(exchange), version(exchange));
              return new Answer.Empty(204);
            }));
  }

  private static String name(Exchange exchange) {
    return exchange.at("model");
  }

  private static String version(Exchange exchange) {
    return exchange.at("version");
  }

  static ObjectNode examination(ExaminationView examination) {
    ObjectNode json = Json.object();
    json.put("name", examination.model());
    json.put("version", examination.version());
    json.put("stage", examination.stage().name().toLowerCase(Locale.ROOT));
    json.put("seconds", examination.took().toSeconds());
    return json;
  }

  static ObjectNode model(ModelView model) {
    ObjectNode json = Json.object();
    json.put("name", model.name());
    json.put("version", model.version());
    json.put("origin", model.origin());
    json.put("plugin", model.plugin());
    json.put("digest", model.digest());
    json.put("state", model.state());
    json.put("reason", model.reason());
    json.put("pinned", model.pinned());
    json.put("bytes", model.bytes());
    json.put("description", model.description());
    json.set("inputs", Json.array(model.inputs(), ModelApi::port));
    json.set("outputs", Json.array(model.outputs(), ModelApi::port));
    ObjectNode plate = json.putObject("nameplate");
    new TreeMap<>(model.nameplate()).forEach(plate::put);
    return json;
  }

  static JsonNode details(Models.Details details) {
    ObjectNode json = model(details.view());
    json.set("report", details.report().orElse(null));
    return json;
  }

  private static JsonNode port(ModelView.Port port) {
    ObjectNode json = Json.object();
    json.put("tensor", port.tensor());
    json.set("fields", Json.strings(port.fields()));
    ArrayNode shape = json.putArray("shape");
    port.shape().forEach(shape::add);
    json.put("type", port.type());
    json.put("unit", port.unit());
    return json;
  }
}
