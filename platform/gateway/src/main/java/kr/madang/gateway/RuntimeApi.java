package kr.madang.gateway;

import static kr.madang.gateway.Operation.get;
import static kr.madang.gateway.Routes.V1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import kr.madang.control.Control;
import kr.madang.control.RuntimeView;

/** What models can be run on here. */
final class RuntimeApi {
  private final Control control;

  RuntimeApi(Control control) {
    this.control = control;
  }

  void addTo(List<Operation> to) {
    to.add(
        get(V1 + "/runtime", "getRuntime", "What models can be run on here, and where they run.")
            .givesJson(200, "Runtime", "Providers with what they lack; models in memory.")
            .by(exchange ->
                Answer.json(200, runtime(control.models().runtime(exchange.caller())))));
  }

  static JsonNode runtime(RuntimeView view) {
    ObjectNode json = Json.object();
    ArrayNode providers = json.putArray("providers");
    view.providers()
        .forEach(found -> {
          ObjectNode one = providers.addObject();
          one.put("provider", found.provider().label());
          one.put("usable", found.usable());
          one.set("devices", Json.strings(found.devices()));
          one.put("reason", found.reason());
        });
    ArrayNode models = json.putArray("models");
    view.models()
        .forEach(placed ->
            models
                .addObject()
                .put("name", placed.name())
                .put("version", placed.version())
                .put("wanted", placed.wanted())
                .put("place", placed.place())
                .put("reason", placed.reason()));
    return json;
  }
}
