package kr.madang.gateway;

import static kr.madang.gateway.Operation.get;
import static kr.madang.gateway.Routes.V1;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import kr.madang.control.Control;

/** The table of everything that these doors offer; each line is one call on control. */
final class Api {
  private final Control control;
  private final String version;
  private final BooleanSupplier ready;
  private final MetricsPage metrics;
  private final List<Operation> operations = new ArrayList<>();

  private Api(Control control, String version, BooleanSupplier ready, MetricsPage metrics) {
    this.control = control;
    this.version = version;
    this.ready = ready;
    this.metrics = metrics;
  }

  static List<Operation> table(
      Control control, String version, BooleanSupplier ready, MetricsPage metrics, Taps taps) {
    Api api = new Api(control, version, ready, metrics);
    api.doors();
    new PluginApi(control).addTo(api.operations);
    new ModelApi(control).addTo(api.operations);
    new RolloutApi(control).addTo(api.operations);
    new RuntimeApi(control).addTo(api.operations);
    new WorkspaceApi(control).addTo(api.operations);
    new UsageApi(control).addTo(api.operations);
    new DriftApi(control).addTo(api.operations);
    new PipelineApi(control).addTo(api.operations);
    new LookApi(control, taps).addTo(api.operations);
    new DeadLetterApi(control).addTo(api.operations);
    new ReplayApi(control).addTo(api.operations);
    new JournalApi(control).addTo(api.operations);
    new AlarmApi(control).addTo(api.operations);
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
            .givesJson(200, "Readiness", "They are; mode 'safe' means that nothing runs.")
            .by(exchange ->
                ready.getAsBoolean()
                    ? Answer.json(200, Views.readiness("ready", control.safe()))
                    : Answer.json(503, Views.readiness("draining", control.safe()))));
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
              json.put("mode", Views.mode(control.safe()));
              json.put("role", Views.lower(exchange.caller().role()));
              return Answer.json(200, json);
            }));
    add(
        get(V1 + "/openapi.json", "openapi", "This document.")
            .gives(200, "application/json", "", "OpenAPI 3.1.")
            .by(exchange -> Answer.json(200, OpenApi.document(operations, version))));
  }

  private void add(Operation operation) {
    operations.add(operation);
  }
}
