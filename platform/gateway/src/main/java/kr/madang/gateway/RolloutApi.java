package kr.madang.gateway;

import static kr.madang.gateway.Operation.delete;
import static kr.madang.gateway.Operation.get;
import static kr.madang.gateway.Operation.post;
import static kr.madang.gateway.Operation.put;
import static kr.madang.gateway.Routes.V1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kr.madang.control.Control;
import kr.madang.control.Rollout;
import kr.madang.gateway.Operation.Takes;

/** Which versions the names of models stand for. */
final class RolloutApi {
  private static final String MODEL = V1 + "/models/{model}";
  private static final String ALIASES = MODEL + "/aliases";
  private static final String ROLLOUT = MODEL + "/rollout";
  private static final long WEEK = 7 * 24 * 3600;

  private final Control control;

  RolloutApi(Control control) {
    this.control = control;
  }

  void addTo(List<Operation> to) {
    to.add(
        get(ALIASES, "listAliases", "The aliases of a model.")
            .givesJson(200, "Aliases", "'champion' answers calls without a version.")
            .by(exchange ->
                Answer.json(
                    200, aliases(control.rollouts().aliases(exchange.caller(), model(exchange))))));
    to.add(
        put(ALIASES + "/{alias}", "setAlias", "Lets an alias stand for a version, loaded first.")
            .takes(Takes.JSON)
            .givesJson(200, "Aliases", "All of the model. The body is {\"version\"}.")
            .by(exchange ->
                Answer.json(
                    200,
                    aliases(
                        control
                            .rollouts()
                            .alias(
                                exchange.caller(),
                                model(exchange),
                                exchange.at("alias"),
                                JsonBody.of(exchange.document(), "version")
                                    .required("version"))))));
    to.add(
        delete(ALIASES + "/{alias}", "deleteAlias", "Removes an alias.")
            .givesNothing("Gone.")
            .by(exchange -> {
              control.rollouts().unalias(exchange.caller(), model(exchange), exchange.at("alias"));
              return new Answer.Empty(204);
            }));
    to.add(
        post(ROLLOUT, "startRollout", "Changes a model to another version, watched.")
            .takes(Takes.JSON)
            .givesJson(
                201,
                "Rollout",
                "The new version is loaded and has its share. The body is {\"version\", \"share\":"
                    + " 0 to 1, \"watchSeconds\", \"maxErrors\", \"maxSlower\"}.")
            .by(exchange ->
                Answer.json(
                    201,
                    rollout(
                        control
                            .rollouts()
                            .start(exchange.caller(), model(exchange), wish(exchange))))));
    to.add(
        get(ROLLOUT, "getRollout", "The latest change of a model.")
            .givesJson(200, "Rollout", "As it stands.")
            .by(exchange ->
                Answer.json(
                    200,
                    rollout(
                        control
                            .rollouts()
                            .get(exchange.caller(), model(exchange))
                            .orElseThrow(() ->
                                new Fault(
                                    404,
                                    "NOT_FOUND",
                                    "model '" + model(exchange) + "' was not changed"))))));
    to.add(
        post(ROLLOUT + "/promote", "promoteRollout", "Ends a change well, before its time.")
            .givesJson(200, "Rollout", "The new version stands for the name.")
            .by(exchange ->
                Answer.json(
                    200, rollout(control.rollouts().promote(exchange.caller(), model(exchange))))));
    to.add(
        delete(ROLLOUT, "rollBack", "Goes back to the old version at once.")
            .givesJson(200, "Rollout", "The old version stands for the name.")
            .by(exchange ->
                Answer.json(
                    200, rollout(control.rollouts().back(exchange.caller(), model(exchange))))));
  }

  private static String model(Exchange exchange) {
    return exchange.at("model");
  }

  private static Rollout.Wish wish(Exchange exchange) {
    JsonBody body =
        JsonBody.of(
            exchange.document(), "version", "share", "watchSeconds", "maxErrors", "maxSlower");
    try {
      return new Rollout.Wish(
          body.required("version"),
          body.number("share").orElse(1.0),
          Duration.ofSeconds(body.whole("watchSeconds", 0, WEEK, 600)),
          body.number("maxErrors").orElse(0.02),
          body.number("maxSlower").orElse(3.0));
    } catch (IllegalArgumentException e) {
      throw new Fault(400, "BAD_REQUEST", String.valueOf(e.getMessage()));
    }
  }

  static JsonNode aliases(Map<String, String> aliases) {
    ObjectNode json = Json.object();
    ObjectNode names = json.putObject("aliases");
    new TreeMap<>(aliases).forEach(names::put);
    return json;
  }

  static JsonNode rollout(Rollout rollout) {
    ObjectNode json = Json.object();
    json.put("model", rollout.model());
    json.put("from", rollout.from());
    json.put("to", rollout.to());
    json.put("share", rollout.share());
    json.put("watchSeconds", rollout.watch().toSeconds());
    json.put("maxErrors", rollout.maxErrors());
    json.put("maxSlower", rollout.maxSlower());
    json.put(
        "state",
        switch (rollout.state()) {
          case RUNNING -> "running";
          case PROMOTED -> "promoted";
          case ROLLED_BACK -> "rolledBack";
        });
    json.put("reason", rollout.reason());
    json.put("calls", rollout.calls());
    json.put("errors", rollout.errors());
    json.put("slower", rollout.slower());
    return json;
  }
}
