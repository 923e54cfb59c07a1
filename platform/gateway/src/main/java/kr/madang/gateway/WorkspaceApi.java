package kr.madang.gateway;

import static kr.madang.gateway.Operation.get;
import static kr.madang.gateway.Operation.post;
import static kr.madang.gateway.Operation.put;
import static kr.madang.gateway.Routes.SPACE;
import static kr.madang.gateway.Routes.V1;
import static kr.madang.gateway.Routes.space;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import kr.madang.control.Control;
import kr.madang.control.Role;
import kr.madang.control.Workspaces;
import kr.madang.gateway.Operation.Takes;
import kr.madang.inference.Share;

/** Workspaces, tokens for them, and what they may have of the machine. */
final class WorkspaceApi {
  private static final List<String> ROLES =
      Arrays.stream(Role.values()).map(role -> role.name().toLowerCase(Locale.ROOT)).toList();

  private final Control control;

  WorkspaceApi(Control control) {
    this.control = control;
  }

  void addTo(List<Operation> to) {
    to.add(
        get(V1 + "/workspaces", "listWorkspaces", "The workspaces that the caller sees.")
            .givesJson(200, "Workspaces", "By name, with shares and use since the start.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.list(
                        "workspaces",
                        Json.array(
                            control.workspaces().list(exchange.caller()),
                            WorkspaceApi::workspace)))));
    to.add(
        post(V1 + "/workspaces", "createWorkspace", "Makes a workspace.")
            .takes(Takes.JSON)
            .givesJson(201, "Workspace", "Made. The body is {\"name\"}.")
            .by(exchange ->
                Answer.json(
                    201,
                    workspace(
                        control
                            .workspaces()
                            .create(
                                exchange.caller(),
                                JsonBody.of(exchange.document(), "name").required("name"))))));
    to.add(
        get(SPACE, "getWorkspace", "A workspace.")
            .givesJson(200, "Workspace", "Its share and its use since the start.")
            .by(exchange ->
                Answer.json(
                    200, workspace(control.workspaces().get(exchange.caller(), space(exchange))))));
    to.add(
        put(SPACE + "/share", "setShare", "Says what a workspace may have of the machine.")
            .takes(Takes.JSON)
            .givesJson(
                200,
                "Workspace",
                "From now on. The body is {\"weight\", \"rowsPerSecond\","
                    + " \"computeMillisPerSecond\", \"concurrent\", \"queue\"}; what is left out"
                    + " is as for a new workspace, 0 is no limit.")
            .by(exchange ->
                Answer.json(
                    200,
                    workspace(
                        control
                            .workspaces()
                            .share(exchange.caller(), space(exchange), share(exchange))))));
    to.add(
        post(SPACE + "/tokens", "issueToken", "Makes a token for somebody in a workspace.")
            .takes(Takes.JSON)
            .givesJson(
                201,
                "Token",
                "The token is told this once. The body is {\"subject\", \"role\"}; roles are "
                    + String.join(", ", ROLES)
                    + ".")
            .by(exchange -> {
              JsonBody body = JsonBody.of(exchange.document(), "subject", "role");
              String role = body.choice("role", ROLES).orElse("member");
              return Answer.json(
                  201,
                  token(
                      control
                          .workspaces()
                          .issue(
                              exchange.caller(),
                              space(exchange),
                              body.required("subject"),
                              Role.valueOf(role.toUpperCase(Locale.ROOT)))));
            }));
  }

  private static Share share(Exchange exchange) {
    JsonBody body =
        JsonBody.of(
            exchange.document(),
            "weight",
            "rowsPerSecond",
            "computeMillisPerSecond",
            "concurrent",
            "queue");
    Share preset = Share.DEFAULT;
    try {
      return new Share(
          body.number("weight").orElse(preset.weight()),
          body.whole("rowsPerSecond", 0, 1L << 50, preset.rowsPerSecond()),
          body.whole("computeMillisPerSecond", 0, 1L << 40, preset.computeMillisPerSecond()),
          (int) body.whole("concurrent", 0, 1_000_000, preset.concurrent()),
          (int) body.whole("queue", 1, 100_000, preset.queue()));
    } catch (IllegalArgumentException e) {
      throw new Fault(400, "BAD_REQUEST", String.valueOf(e.getMessage()));
    }
  }

  static JsonNode workspace(Workspaces.View view) {
    ObjectNode json = Json.object();
    json.put("name", view.name());
    ObjectNode share = json.putObject("share");
    share.put("weight", view.share().weight());
    share.put("rowsPerSecond", view.share().rowsPerSecond());
    share.put("computeMillisPerSecond", view.share().computeMillisPerSecond());
    share.put("concurrent", view.share().concurrent());
    share.put("queue", view.share().queue());
    ObjectNode use = json.putObject("use");
    use.put("rows", view.rows());
    use.put("computeMillis", view.computeNanos() / 1_000_000);
    use.put("waiting", view.waiting());
    use.put("refused", view.refused());
    return json;
  }

  static JsonNode token(Workspaces.Issued issued) {
    ObjectNode json = Json.object();
    json.put("token", issued.token());
    json.put("subject", issued.caller().subject());
    json.put("role", Views.lower(issued.caller().role()));
    json.set("workspaces", Json.strings(issued.caller().workspaces().stream().sorted().toList()));
    return json;
  }
}
