package kr.madang.gateway;

import static kr.madang.gateway.Operation.delete;
import static kr.madang.gateway.Operation.get;
import static kr.madang.gateway.Operation.post;
import static kr.madang.gateway.Operation.put;
import static kr.madang.gateway.Routes.V1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kr.madang.control.Control;
import kr.madang.control.Rollout;
import kr.madang.control.Rollout.Mode;
import kr.madang.gateway.Operation.Takes;
import kr.madang.inference.Comparison;

/** Which versions the names of models stand for. */
final class RolloutApi {
  private static final String MODEL = V1 + "/models/{model}";
  private static final String ALIASES = MODEL + "/aliases";
  private static final String ROLLOUT = MODEL + "/rollout";

  /** In the order of the constants. */
  private static final List<String> MODES = List.of("shadow", "canary", "shadow-then-canary");

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
                "The new version is loaded. The body is {\"version\", \"mode\": shadow, canary or"
                    + " shadow-then-canary, \"share\" and \"copies\": 0 to 1, \"watchSeconds\","
                    + " \"maxErrors\", \"maxSlower\", \"minAgreement\", \"tolerance\","
                    + " \"tolerances\": by output, \"maxShift\"}.")
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
        delete(ROLLOUT, "rollBack", "Goes back to the old version at once, also after the change.")
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
            exchange.document(),
            "version",
            "mode",
            "share",
            "copies",
            "watchSeconds",
            "maxErrors",
            "maxSlower",
            "minAgreement",
            "tolerance",
            "tolerances",
            "maxShift");
    Mode mode = body.choice("mode", MODES).map(RolloutApi::mode).orElse(Mode.CANARY);
    Map<String, Double> tolerances = new TreeMap<>();
    for (String output : body.names("tolerances")) {
      body.named("tolerances").number(output).ifPresent(value -> tolerances.put(output, value));
    }
    try {
      return new Rollout.Wish(
          body.required("version"),
          mode,
          body.number("share").orElse(1.0),
          body.number("copies").orElse(1.0),
          Duration.ofSeconds(body.whole("watchSeconds", 0, WEEK, 600)),
          body.number("maxErrors").orElse(0.02),
          body.number("maxSlower").orElse(3.0),
          body.number("minAgreement").orElse(0.0),
          body.number("tolerance").orElse(0.001),
          tolerances,
          // callers of a share may differ by themselves; copies are run on the same rows
          body.number("maxShift").orElse(mode == Mode.CANARY ? 0.0 : 0.25));
    } catch (IllegalArgumentException e) {
      throw new Fault(400, "BAD_REQUEST", String.valueOf(e.getMessage()));
    }
  }

  private static Mode mode(String spelt) {
    return Mode.values()[MODES.indexOf(spelt)];
  }

  static JsonNode aliases(Map<String, String> aliases) {
    ObjectNode json = Json.object();
    ObjectNode names = json.putObject("aliases");
    new TreeMap<>(aliases).forEach(names::put);
    return json;
  }

  static JsonNode rollout(Rollout rollout) {
    Rollout.Wish wish = rollout.wish();
    Rollout.Seen seen = rollout.seen();
    ObjectNode json = Json.object();
    json.put("model", rollout.model());
    json.put("from", rollout.from());
    json.put("to", rollout.to());
    json.put("mode", MODES.get(wish.mode().ordinal()));
    json.put("share", wish.share());
    json.put("copies", wish.copies());
    json.put("watchSeconds", wish.watch().toSeconds());
    json.put("maxErrors", wish.maxErrors());
    json.put("maxSlower", wish.maxSlower());
    json.put("minAgreement", wish.minAgreement());
    json.put("tolerance", wish.tolerance());
    ObjectNode tolerances = json.putObject("tolerances");
    new TreeMap<>(wish.tolerances()).forEach(tolerances::put);
    json.put("maxShift", wish.maxShift());
    json.put(
        "state",
        switch (rollout.state()) {
          case RUNNING -> "running";
          case PROMOTED -> "promoted";
          case ROLLED_BACK -> "rolledBack";
          case COMPARED -> "compared";
        });
    json.put("stage", rollout.stage() == Rollout.Stage.SHADOW ? "shadow" : "canary");
    json.put("since", rollout.since().toString());
    json.put("ended", rollout.ended().map(Instant::toString).orElse(null));
    json.put("reason", rollout.reason());
    json.put("calls", seen.calls());
    json.put("runs", seen.runs());
    json.put("dropped", seen.dropped());
    json.put("errors", seen.errors());
    json.put("unsound", seen.unsound());
    json.put("slower", seen.slower());
    json.put("compared", seen.compared());
    json.put("agreement", seen.agreement());
    json.put("shift", seen.shift());
    json.set("oldMicros", times(seen.oldMedian(), seen.oldTail()));
    json.set("newMicros", times(seen.freshMedian(), seen.freshTail()));
    ArrayNode outputs = json.putArray("outputs");
    seen.outputs().forEach(output -> outputs.add(output(output)));
    return json;
  }

  private static JsonNode times(double median, double tail) {
    return Json.object().put("median", median).put("p99", tail);
  }

  private static JsonNode output(Comparison.Output output) {
    return Json.object()
        .put("name", output.name())
        .put("agreement", output.agreement())
        .put("difference", output.difference())
        .put("shift", output.shift())
        .put("oldMean", output.oldMean())
        .put("newMean", output.freshMean());
  }
}
