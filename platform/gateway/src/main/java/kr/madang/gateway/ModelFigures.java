package kr.madang.gateway;

import static kr.madang.gateway.Figure.count;
import static kr.madang.gateway.Figure.counter;
import static kr.madang.gateway.Figure.gauge;
import static kr.madang.gateway.Figure.point;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Locale;
import kr.madang.control.Metrics;
import kr.madang.control.ModelStanding;
import kr.madang.control.ModelView;
import kr.madang.control.Workspaces;
import kr.madang.inference.CallFigures;

/** Models for callers from outside, and the use that workspaces make of the cores, in figures. */
final class ModelFigures {
  private ModelFigures() {}

  static void addTo(MetricSnapshots.Builder all, Metrics metrics) {
    models(all, metrics);
    workspaces(all, metrics);
    machine(all, metrics);
  }

  private static void models(MetricSnapshots.Builder all, Metrics metrics) {
    var calls = counter("madang_model_calls", "Calls from outside, by how they ended.");
    var rows = counter("madang_model_rows", "Rows of calls that succeeded.");
    var runs = counter("madang_model_runs", "Runs, by why they had as many calls as they had.");
    var queue = counter("madang_model_queue_seconds", "Time that calls have waited for a core.");
    var run = counter("madang_model_run_seconds", "Time that runs have taken.");
    for (ModelStanding model : metrics.models()) {
      if (model.figures().isPresent()) {
        CallFigures.Snapshot had = model.figures().get();
        Labels labels = Labels.of("model", model.name(), "version", model.version());
        calls.dataPoint(count(labels.add("end", "succeeded"), had.succeeded()));
        calls.dataPoint(count(labels.add("end", "failed"), had.failed()));
        calls.dataPoint(count(labels.add("end", "rejected"), had.rejected()));
        rows.dataPoint(count(labels, had.rows()));
        had.closings()
            .forEach((why, times) ->
                runs.dataPoint(
                    count(labels.add("why", why.name().toLowerCase(Locale.ROOT)), times)));
        queue.dataPoint(count(labels, had.queueNanos() / 1e9));
        run.dataPoint(count(labels, had.runNanos() / 1e9));
      }
    }
    all.metricSnapshot(calls.build());
    all.metricSnapshot(rows.build());
    all.metricSnapshot(runs.build());
    all.metricSnapshot(queue.build());
    all.metricSnapshot(run.build());
  }

  private static void machine(MetricSnapshots.Builder all, Metrics metrics) {
    Metrics.Machine machine = metrics.machine();
    var bytes =
        gauge("madang_model_memory_bytes", "Memory of a model that is loaded, as measured.");
    for (ModelView model : metrics.loaded()) {
      bytes.dataPoint(
          point(
              Labels.of(
                  "model",
                  model.name(),
                  "version",
                  model.version(),
                  "origin",
                  model.origin(),
                  "plugin",
                  model.plugin()),
              model.bytes()));
    }
    all.metricSnapshot(bytes.build());
    one(all, "madang_serving_memory_bytes", "Memory of models for callers.", machine.modelBytes());
    one(
        all,
        "madang_serving_memory_budget_bytes",
        "Memory that models for callers may take.",
        machine.mostModelBytes());
    one(all, "madang_call_memory_bytes", "Native memory of tensors of calls.", machine.callBytes());
    one(
        all,
        "madang_call_memory_budget_bytes",
        "Native memory that tensors of calls may take.",
        machine.mostCallBytes());
    one(all, "madang_permits", "Runs of models that may go on at once.", machine.permits());
    one(all, "madang_permits_free", "Permits that nobody uses.", machine.free());
    one(
        all,
        "madang_backlog_seconds",
        "Time until all calls that wait are likely through.",
        machine.backlog().toNanos() / 1e9);
  }

  private static void one(MetricSnapshots.Builder all, String name, String help, double value) {
    all.metricSnapshot(gauge(name, help).dataPoint(point(Labels.EMPTY, value)).build());
  }

  private static void workspaces(MetricSnapshots.Builder all, Metrics metrics) {
    var rows = counter("madang_workspace_rows", "Rows that models have run for a workspace.");
    var compute =
        counter("madang_workspace_compute_seconds", "Time on cores that they have taken.");
    var refused = counter("madang_workspace_refused", "Calls that its limits have refused.");
    var waiting = gauge("madang_workspace_waiting", "Calls that wait for a core.");
    for (Workspaces.View view : metrics.workspaces()) {
      Labels labels = Labels.of("workspace", view.name());
      rows.dataPoint(count(labels, view.rows()));
      compute.dataPoint(count(labels, view.computeNanos() / 1e9));
      refused.dataPoint(count(labels, view.refused()));
      waiting.dataPoint(point(labels, view.waiting()));
    }
    all.metricSnapshot(rows.build());
    all.metricSnapshot(compute.build());
    all.metricSnapshot(refused.build());
    all.metricSnapshot(waiting.build());
  }
}
