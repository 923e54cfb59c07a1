package kr.madang.gateway;

import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import kr.madang.control.Caller;
import kr.madang.control.Control;
import kr.madang.control.Metrics;
import kr.madang.engine.Ledger;
import kr.madang.engine.PipelineStatus;
import org.jspecify.annotations.Nullable;

/**
 * The page that Prometheus scrapes. Figures of pipelines are taken from control at that moment; the
 * registry is made with the first scrape, so that it costs nothing where nobody looks.
 */
final class MetricsPage {
  static final String TYPE = "text/plain";

  private final Control control;
  private final IntSupplier connections;
  private final IntSupplier taps;
  private final Map<Integer, LongAdder> requests = new ConcurrentHashMap<>();
  private @Nullable PrometheusMeterRegistry registry;
  private MetricSnapshots figures = MetricSnapshots.of();

  MetricsPage(Control control, IntSupplier connections, IntSupplier taps) {
    this.control = control;
    this.connections = connections;
    this.taps = taps;
  }

  /** A request was answered. */
  void answered(int status) {
    requests.computeIfAbsent(status, ignored -> new LongAdder()).increment();
  }

  /** The page as this caller may see it. */
  synchronized String scrape(Caller caller) {
    PrometheusMeterRegistry known = registry;
    if (known == null) {
      known = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
      new JvmMemoryMetrics().bindTo(known);
      new JvmThreadMetrics().bindTo(known);
      new ProcessorMetrics().bindTo(known);
      new FileDescriptorMetrics().bindTo(known);
      known.getPrometheusRegistry().register(() -> figures);
      registry = known;
    }
    figures = figures(control.metrics(caller));
    try {
      return known.scrape();
    } finally {
      figures = MetricSnapshots.of();
    }
  }

  private MetricSnapshots figures(Metrics metrics) {
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    var uptime = gauge("madang_uptime_seconds", "Time since the control plane was opened.");
    uptime.dataPoint(point(Labels.EMPTY, metrics.uptime().toMillis() / 1e3));
    all.metricSnapshot(uptime.build());
    all.metricSnapshot(byState("madang_plugins", "Plugins by state.", metrics.pluginsByState()));
    all.metricSnapshot(byState("madang_models", "Models by state.", metrics.modelsByState()));
    var alarms = gauge("madang_alarms_active", "Active alarms by severity.");
    new TreeMap<>(metrics.activeAlarms())
        .forEach(
            (severity, count) -> alarms.dataPoint(point(Labels.of("severity", severity), count)));
    all.metricSnapshot(alarms.build());
    pipelines(all, metrics);
    doors(all);
    return all.build();
  }

  private void doors(MetricSnapshots.Builder all) {
    var answered = counter("madang_http_requests", "Requests answered, by status.");
    new TreeMap<>(requests)
        .forEach((status, count) ->
            answered.dataPoint(count(Labels.of("status", Integer.toString(status)), count.sum())));
    all.metricSnapshot(answered.build());
    all.metricSnapshot(
        gauge("madang_http_connections", "Connections that are open.")
            .dataPoint(point(Labels.EMPTY, connections.getAsInt()))
            .build());
    all.metricSnapshot(
        gauge("madang_taps", "Taps that are open.")
            .dataPoint(point(Labels.EMPTY, taps.getAsInt()))
            .build());
  }

  private static void pipelines(MetricSnapshots.Builder all, Metrics metrics) {
    var states = gauge("madang_pipeline_state", "1 for the state that a pipeline is in.");
    var starts = counter("madang_pipeline_starts", "Starts of a pipeline.");
    var rows =
        counter("madang_stage_rows", "Rows of a stage of the latest run, by what became of them.");
    var held = gauge("madang_stage_held_rows", "Rows on which coming outputs still depend.");
    var queued = gauge("madang_link_queued_rows", "Rows between two stages.");
    var restarts = counter("madang_stage_restarts", "How often a stage was opened again.");
    var overruns = counter("madang_stage_overruns", "Periods that a polled source missed.");
    var up = gauge("madang_stage_up", "1 when a stage is at work, 0 when it is not.");
    for (Metrics.PipelineFigures pipeline : metrics.pipelines()) {
      Labels whole = Labels.of("workspace", pipeline.workspace(), "pipeline", pipeline.name());
      states.dataPoint(point(whole.add("state", Views.lower(pipeline.state())), 1));
      starts.dataPoint(count(whole, pipeline.starts()));
      for (Ledger.Stage stage : pipeline.ledger().stages()) {
        Labels labels = whole.add("stage", stage.name());
        rows.dataPoint(count(labels.add("kind", "in"), stage.in()));
        rows.dataPoint(count(labels.add("kind", "out"), stage.out()));
        rows.dataPoint(count(labels.add("kind", "absorbed"), stage.absorbed()));
        rows.dataPoint(count(labels.add("kind", "filtered"), stage.filtered()));
        rows.dataPoint(count(labels.add("kind", "rejected"), stage.rejected()));
        new TreeMap<>(stage.dropped())
            .forEach((policy, lost) ->
                rows.dataPoint(count(labels.add("kind", "dropped:" + policy), lost)));
        held.dataPoint(point(labels, stage.held()));
      }
      for (Ledger.Link link : pipeline.ledger().links()) {
        queued.dataPoint(point(whole.add("from", link.from()).add("to", link.to()), link.queued()));
      }
      for (PipelineStatus.StageStatus stage : pipeline.status()) {
        Labels labels = whole.add("stage", stage.name());
        restarts.dataPoint(count(labels, stage.restarts()));
        overruns.dataPoint(count(labels, stage.overruns()));
        up.dataPoint(point(labels, stage.state() == PipelineStatus.State.RUNNING ? 1 : 0));
      }
    }
    all.metricSnapshot(states.build());
    all.metricSnapshot(starts.build());
    all.metricSnapshot(rows.build());
    all.metricSnapshot(held.build());
    all.metricSnapshot(queued.build());
    all.metricSnapshot(restarts.build());
    all.metricSnapshot(overruns.build());
    all.metricSnapshot(up.build());
  }

  private static GaugeSnapshot byState(String name, String help, Map<String, Long> counts) {
    var gauge = gauge(name, help);
    new TreeMap<>(counts)
        .forEach((state, count) -> gauge.dataPoint(point(Labels.of("state", state), count)));
    return gauge.build();
  }

  private static GaugeSnapshot.Builder gauge(String name, String help) {
    return GaugeSnapshot.builder().name(name).help(help);
  }

  private static CounterSnapshot.Builder counter(String name, String help) {
    return CounterSnapshot.builder().name(name).help(help);
  }

  private static GaugeDataPointSnapshot point(Labels labels, double value) {
    return GaugeDataPointSnapshot.builder().labels(labels).value(value).build();
  }

  private static CounterDataPointSnapshot count(Labels labels, double value) {
    return CounterDataPointSnapshot.builder().labels(labels).value(value).build();
  }
}
