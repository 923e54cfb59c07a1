package kr.madang.gateway;

import static kr.madang.gateway.Operation.delete;
import static kr.madang.gateway.Operation.get;
import static kr.madang.gateway.Operation.post;
import static kr.madang.gateway.Routes.PIPELINE;
import static kr.madang.gateway.Routes.SPACE;
import static kr.madang.gateway.Routes.V1;
import static kr.madang.gateway.Routes.name;
import static kr.madang.gateway.Routes.space;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import kr.madang.control.Comparisons;
import kr.madang.control.Control;
import kr.madang.control.Format;
import kr.madang.control.ReplayView;
import kr.madang.control.Replays;
import kr.madang.engine.Recording;
import kr.madang.gateway.Operation.Takes;

/** What was recorded, replays of it, and how their results compare. */
final class ReplayApi {
  private static final String REPLAYS = PIPELINE + "/replays";
  private static final String COMPARISONS = SPACE + "/comparisons";
  private static final String COMPARISON = COMPARISONS + "/{comparison}";
  private static final String HTML = "text/html";

  private final Control control;

  ReplayApi(Control control) {
    this.control = control;
  }

  void addTo(List<Operation> to) {
    to.add(
        get(PIPELINE + "/recording", "getRecording", "What the journal still has of the input.")
            .givesJson(200, "Recording", "By source.")
            .by(exchange ->
                Answer.json(
                    200,
                    ReplayViews.recording(
                        control
                            .replays()
                            .recording(exchange.caller(), space(exchange), name(exchange))))));
    to.add(
        post(REPLAYS, "startReplay", "Runs a version of the pipeline over what was recorded.")
            .takes(Takes.MAYBE_JSON)
            .givesJson(
                202,
                "Replay",
                "Under way; Location shows how far it is. A body {\"document\" or \"revision\","
                    + " \"from\", \"to\", \"label\"} chooses.")
            .by(exchange -> {
              ReplayView replay =
                  control
                      .replays()
                      .start(exchange.caller(), space(exchange), name(exchange), request(exchange));
              return Answer.json(
                  202, Map.of("Location", location(replay)), ReplayViews.replay(replay));
            }));
    to.add(
        get(REPLAYS, "listReplays", "The replays of a pipeline, the newest first.")
            .givesJson(200, "Replays", "Those under way too.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.list(
                        "replays",
                        Json.array(
                            control
                                .replays()
                                .list(exchange.caller(), space(exchange), name(exchange)),
                            ReplayViews::replay)))));
    to.add(
        get(REPLAYS + "/{replay}", "getReplay", "One replay: how far it is, what it gave.")
            .givesJson(200, "Replay", "As it is.")
            .by(exchange ->
                Answer.json(
                    200,
                    ReplayViews.replay(
                        control
                            .replays()
                            .get(
                                exchange.caller(),
                                space(exchange),
                                name(exchange),
                                exchange.at("replay"))))));
    to.add(
        delete(REPLAYS + "/{replay}", "deleteReplay", "Ends a replay and deletes its result.")
            .givesNothing("Gone.")
            .by(exchange -> {
              control
                  .replays()
                  .delete(
                      exchange.caller(), space(exchange), name(exchange), exchange.at("replay"));
              return new Answer.Empty(204);
            }));
    comparisons(to);
  }

  private void comparisons(List<Operation> to) {
    to.add(
        post(COMPARISONS, "compareReplays", "Shows where the results of two replays differ.")
            .takes(Takes.JSON)
            .gives(
                201,
                "application/json",
                "",
                "The comparison; Location names it. The body is {\"a\", \"b\", \"tolerance\":"
                    + " {\"absolute\", \"relative\"}, \"columns\": {NAME: tolerance}, \"key\","
                    + " \"top\"}; a and b are ids of replays.")
            .by(exchange -> {
              Comparisons.Made made =
                  control
                      .comparisons()
                      .make(exchange.caller(), space(exchange), comparison(exchange));
              String place =
                  V1 + "/workspaces/" + Door.encode(space(exchange)) + "/comparisons/" + made.id();
              return new Answer.Text(
                  201, "application/json", Map.of("Location", place), made.json());
            }));
    to.add(
        get(COMPARISON, "getComparison", "A comparison that was made; a page for who accepts one.")
            .gives(200, "application/json", "", "Or text/html, if Accept asks for it first.")
            .by(exchange -> wantsPage(exchange.accept()) ? page(exchange) : json(exchange)));
    to.add(
        get(COMPARISON + "/report.html", "getReport", "A comparison as a page for people.")
            .gives(200, HTML, "", "Needs nothing else.")
            .by(this::page));
  }

  private Answer json(Exchange exchange) {
    return new Answer.Text(
        200,
        "application/json",
        Map.of(),
        control.comparisons().json(exchange.caller(), space(exchange), exchange.at("comparison")));
  }

  private Answer page(Exchange exchange) {
    return new Answer.Text(
        200,
        HTML,
        Map.of("Content-Security-Policy", Comparisons.policy()),
        control.comparisons().page(exchange.caller(), space(exchange), exchange.at("comparison")));
  }

  /** Whether a page is named before JSON. */
  private static boolean wantsPage(String accept) {
    int page = accept.indexOf(HTML);
    int json = accept.indexOf("application/json");
    return page >= 0 && (json < 0 || page < json);
  }

  private static String location(ReplayView replay) {
    return V1
        + "/workspaces/"
        + Door.encode(replay.workspace())
        + "/pipelines/"
        + Door.encode(replay.pipeline())
        + "/replays/"
        + replay.id();
  }

  private static Replays.Request request(Exchange exchange) {
    String text = exchange.document().isBlank() ? "{}" : exchange.document();
    JsonBody body = JsonBody.of(text, "document", "revision", "from", "to", "label");
    Optional<String> document = body.document("document");
    boolean json = document.isPresent() && document.get().stripLeading().startsWith("{");
    return new Replays.Request(
        document,
        json ? Format.JSON : Format.YAML,
        body.whole("revision"),
        new Recording.Range(body.instant("from"), body.instant("to")),
        body.text("label").orElse(""));
  }

  private static Comparisons.Request comparison(Exchange exchange) {
    JsonBody body =
        JsonBody.of(exchange.document(), "a", "b", "tolerance", "columns", "key", "top");
    JsonBody tolerance = body.object("tolerance", "absolute", "relative");
    Map<String, List<Double>> columns = new TreeMap<>();
    for (String column : body.names("columns")) {
      JsonBody own = body.named("columns").object(column, "absolute", "relative");
      columns.put(
          column, List.of(own.number("absolute").orElse(0.0), own.number("relative").orElse(0.0)));
    }
    return new Comparisons.Request(
        body.required("a"),
        body.required("b"),
        tolerance.number("absolute"),
        tolerance.number("relative"),
        columns,
        body.text("key"),
        body.whole("top").map(top -> Math.clamp(top, -1, Integer.MAX_VALUE)));
  }
}
