package kr.madang.gateway;

import static kr.madang.gateway.Operation.delete;
import static kr.madang.gateway.Operation.get;
import static kr.madang.gateway.Operation.post;
import static kr.madang.gateway.Operation.put;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import kr.madang.control.Control;
import kr.madang.control.Format;
import kr.madang.control.PipelineView;
import kr.madang.gateway.Operation.Query;
import kr.madang.gateway.Operation.Takes;

/** The table of everything that these doors offer; each line is one call on control. */
final class Api {
  private static final String V1 = "/api/v1";
  private static final String PLUGIN = V1 + "/plugins/{id}/{version}";
  private static final String SPACE = V1 + "/workspaces/{workspace}";
  private static final String PIPELINES = SPACE + "/pipelines";
  private static final String PIPELINE = PIPELINES + "/{pipeline}";

  private final Control control;
  private final String version;
  private final BooleanSupplier ready;
  private final MetricsPage metrics;
  private final Taps taps;
  private final List<Operation> operations = new ArrayList<>();

  private Api(
      Control control, String version, BooleanSupplier ready, MetricsPage metrics, Taps taps) {
    this.control = control;
    this.version = version;
    this.ready = ready;
    this.metrics = metrics;
    this.taps = taps;
  }

  static List<Operation> table(
      Control control, String version, BooleanSupplier ready, MetricsPage metrics, Taps taps) {
    Api api = new Api(control, version, ready, metrics, taps);
    api.doors();
    api.plugins();
    api.pipelines();
    api.looks();
    api.alarms();
    return List.copyOf(api.operations);
  }

  private void doors() {
    add(
        get("/health/live", "live", "Whether the process answers.")
            .open()
            .givesJson(200, "Health", "It does.")
            .by(exchange -> Answer.json(200, Json.object().put("status", "live"))));
    add(
        get("/health/ready", "ready", "Whether requests are served; 503 while it shuts down.")
            .open()
            .givesJson(200, "Health", "They are.")
            .by(exchange ->
                ready.getAsBoolean()
                    ? Answer.json(200, Json.object().put("status", "ready"))
                    : Answer.json(503, Json.object().put("status", "draining"))));
    add(
        get("/metrics", "metrics", "Figures in the text format of Prometheus.")
            .gives(200, MetricsPage.TYPE, "", "One scrape.")
            .by(exchange ->
                new Answer.Text(
                    200, MetricsPage.TYPE, Map.of(), metrics.scrape(exchange.caller()))));
    add(
        get(V1, "version", "What answers here.")
            .givesJson(200, "Version", "Name and version.")
            .by(exchange -> {
              ObjectNode json = Json.object();
              json.put("name", "madang");
              json.put("version", version);
              json.put("api", "v1");
              json.put("subject", exchange.caller().subject());
              json.put("role", Views.lower(exchange.caller().role()));
              return Answer.json(200, json);
            }));
    add(
        get(V1 + "/openapi.json", "openapi", "This document.")
            .gives(200, "application/json", "", "OpenAPI 3.1.")
            .by(exchange -> Answer.json(200, OpenApi.document(operations, version))));
  }

  private void plugins() {
    add(
        get(V1 + "/plugins", "listPlugins", "All plugins of this installation.")
            .givesJson(200, "Plugins", "By id and version.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.list(
                        "plugins",
                        Json.array(control.plugins().list(exchange.caller()), Views::plugin)))));
    add(
        post(V1 + "/plugins", "installPlugin", "Tries, installs and starts a plugin archive.")
            .takes(Takes.ARCHIVE)
            .givesJson(201, "Plugin", "Installed; Location names it.")
            .by(exchange -> {
              var plugin =
                  control.plugins().install(exchange.caller(), exchange.archive().orElseThrow());
              return Answer.json(
                  201,
                  Map.of(
                      "Location",
                      V1
                          + "/plugins/"
                          + Door.encode(plugin.id())
                          + "/"
                          + Door.encode(plugin.version())),
                  Views.plugin(plugin));
            }));
    add(
        get(PLUGIN, "getPlugin", "One version of a plugin.")
            .givesJson(200, "Plugin", "As it is.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.plugin(
                        control
                            .plugins()
                            .get(exchange.caller(), exchange.at("id"), exchange.at("version"))))));
    add(
        delete(PLUGIN, "uninstallPlugin", "Stops a plugin and deletes its files.")
            .givesNothing("Gone.")
            .by(exchange -> {
              control
                  .plugins()
                  .uninstall(exchange.caller(), exchange.at("id"), exchange.at("version"));
              return new Answer.Empty(204);
            }));
    add(
        post(PLUGIN + "/start", "startPlugin", "Starts a plugin, now and after each restart.")
            .givesJson(200, "Plugin", "Started.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.plugin(
                        control
                            .plugins()
                            .start(
                                exchange.caller(), exchange.at("id"), exchange.at("version"))))));
    add(
        post(PLUGIN + "/stop", "stopPlugin", "Stops a plugin, now and after each restart.")
            .givesJson(200, "Plugin", "Stopped.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.plugin(
                        control
                            .plugins()
                            .stop(exchange.caller(), exchange.at("id"), exchange.at("version"))))));
    add(
        get(V1 + "/models", "listModels", "The models of all plugins.")
            .givesJson(200, "Models", "By name and version.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.list(
                        "models",
                        Json.array(control.models().list(exchange.caller()), Views::model)))));
  }

  private void pipelines() {
    add(
        get(PIPELINES, "listPipelines", "The pipelines of a workspace.")
            .givesJson(200, "Pipelines", "By name.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.list(
                        "pipelines",
                        Json.array(
                            control.pipelines().list(exchange.caller(), space(exchange)),
                            Views::pipeline)))));
    add(
        post(PIPELINES, "createPipeline", "Stores a pipeline that should run from now on.")
            .takes(Takes.DOCUMENT)
            .givesJson(201, "Pipeline", "Stored; Location names it, ETag is its revision.")
            .by(exchange ->
                stored(
                    201,
                    control
                        .pipelines()
                        .create(
                            exchange.caller(),
                            space(exchange),
                            exchange.document(),
                            format(exchange)))));
    add(
        get(PIPELINE, "getPipeline", "One pipeline: what it should do and what it does.")
            .givesJson(200, "Pipeline", "ETag is its revision.")
            .by(exchange ->
                tagged(
                    200,
                    control.pipelines().get(exchange.caller(), space(exchange), name(exchange)))));
    add(
        put(PIPELINE, "replacePipeline", "Replaces the document of a pipeline, or creates it.")
            .ifMatch()
            .takes(Takes.DOCUMENT)
            .givesJson(200, "Pipeline", "Stored; ETag is its revision.")
            .by(exchange ->
                tagged(
                    200,
                    control
                        .pipelines()
                        .replace(
                            exchange.caller(),
                            space(exchange),
                            name(exchange),
                            exchange.document(),
                            format(exchange),
                            exchange.revision()))));
    add(
        delete(PIPELINE, "deletePipeline", "Stops a pipeline and forgets it.")
            .givesNothing("Gone.")
            .by(exchange -> {
              control.pipelines().delete(exchange.caller(), space(exchange), name(exchange));
              return new Answer.Empty(204);
            }));
    add(
        post(PIPELINE + "/start", "startPipeline", "Asks that a pipeline runs.")
            .givesJson(200, "Pipeline", "Noted.")
            .by(exchange ->
                tagged(
                    200,
                    control
                        .pipelines()
                        .start(exchange.caller(), space(exchange), name(exchange)))));
    add(
        post(PIPELINE + "/stop", "stopPipeline", "Asks that a pipeline does not run.")
            .givesJson(200, "Pipeline", "Noted.")
            .by(exchange ->
                tagged(
                    200,
                    control.pipelines().stop(exchange.caller(), space(exchange), name(exchange)))));
    add(
        post(SPACE + "/check", "checkPipeline", "Checks a document without starting it.")
            .query(new Query("verify", 0, 1, 0, "1 lets each stage look at its far side too."))
            .takes(Takes.DOCUMENT)
            .givesJson(200, "Report", "What was tried; 'ok' says whether all went well.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.report(
                        control
                            .pipelines()
                            .check(
                                exchange.caller(),
                                space(exchange),
                                exchange.document(),
                                format(exchange),
                                exchange.number("verify") == 1)))));
  }

  private void looks() {
    add(
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
    add(
        get(PIPELINE + "/status", "getStatus", "How each stage is, and why.")
            .givesJson(200, "Status", "Of the latest run.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.status(
                        control
                            .pipelines()
                            .get(exchange.caller(), space(exchange), name(exchange))))));
    add(
        get(PIPELINE + "/ledger", "getLedger", "Where every row is.")
            .givesJson(200, "Ledger", "Of the latest run.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.ledger(
                        control
                            .pipelines()
                            .ledger(exchange.caller(), space(exchange), name(exchange))))));
    add(
        get(PIPELINE + "/rejects", "getRejects", "The latest rejected rows, newest last.")
            .query(new Query("limit", 1, 1_000, 100, "How many at most."))
            .givesJson(200, "Rejects", "With cause and stage.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.list(
                        "rejects",
                        Json.array(
                            control
                                .pipelines()
                                .rejects(
                                    exchange.caller(),
                                    space(exchange),
                                    name(exchange),
                                    exchange.number("limit")),
                            Views::reject)))));
    add(
        get(PIPELINE + "/stages/{stage}/tap", "tapStage", "A live, lossy look at a stage.")
            .query(new Query("rows", 1, 1_000, 100, "Rows of a batch that are shown at most."))
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

  private void alarms() {
    add(
        get(SPACE + "/alarms", "listAlarms", "The active alarms, then the latest cleared.")
            .givesJson(200, "Alarms", "Of the workspace and of the platform.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.list(
                        "alarms",
                        Json.array(
                            control.alarms().list(exchange.caller(), space(exchange)),
                            Views::alarm)))));
    add(
        post(
                SPACE + "/alarms/{alarm}/acknowledge",
                "acknowledgeAlarm",
                "Notes that somebody has seen an alarm.")
            .givesJson(200, "Alarm", "Noted.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.alarm(
                        control
                            .alarms()
                            .acknowledge(
                                exchange.caller(),
                                space(exchange),
                                number(exchange.at("alarm")))))));
  }

  private void add(Operation operation) {
    operations.add(operation);
  }

  private static String space(Exchange exchange) {
    return exchange.at("workspace");
  }

  private static String name(Exchange exchange) {
    return exchange.at("pipeline");
  }

  private static Format format(Exchange exchange) {
    return exchange.type().equals("application/json") ? Format.JSON : Format.YAML;
  }

  private static long number(String id) {
    try {
      return Long.parseLong(id);
    } catch (NumberFormatException e) {
      throw new Fault(404, "NOT_FOUND", "there is no alarm '" + id + "'; their ids are numbers");
    }
  }

  private static Answer tagged(int status, PipelineView pipeline) {
    return Answer.json(status, Map.of("ETag", etag(pipeline)), Views.pipeline(pipeline));
  }

  private static Answer stored(int status, PipelineView pipeline) {
    Map<String, String> headers = new HashMap<>();
    headers.put("ETag", etag(pipeline));
    headers.put(
        "Location",
        V1
            + "/workspaces/"
            + Door.encode(pipeline.workspace())
            + "/pipelines/"
            + Door.encode(pipeline.name()));
    return Answer.json(status, headers, Views.pipeline(pipeline));
  }

  private static String etag(PipelineView pipeline) {
    return "\"" + pipeline.revision() + "\"";
  }
}
