package kr.madang.gateway;

import static kr.madang.gateway.Figure.count;
import static kr.madang.gateway.Figure.counter;
import static kr.madang.gateway.Figure.gauge;
import static kr.madang.gateway.Figure.point;

import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntSupplier;
import kr.madang.control.Caller;
import kr.madang.control.Control;
import kr.madang.control.Metrics;
import kr.madang.gateway.trace.Tracing;
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
  private final Tracing tracing;
  private final LongAdder[] requests = new LongAdder[600];
  private @Nullable PrometheusMeterRegistry registry;
  private MetricSnapshots figures = MetricSnapshots.of();

  MetricsPage(Control control, IntSupplier connections, IntSupplier taps, Tracing tracing) {
    this.control = control;
    this.connections = connections;
    this.taps = taps;
    this.tracing = tracing;
    Arrays.setAll(requests, _ -> new LongAdder());
  }

  /** A request was answered. */
  void answered(int status) {
    requests[status].increment();
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
    PipelineFigures.addTo(all, metrics);
    JournalFigures.addTo(all, metrics);
    ModelFigures.addTo(all, metrics);
    UseFigures.addTo(all, metrics);
    DriftFigures.addTo(all, metrics);
    runtime(all, metrics);
    doors(all);
    spans(all);
    return all.build();
  }

  private static void runtime(MetricSnapshots.Builder all, Metrics metrics) {
    all.metricSnapshot(
        gauge("madang_arrow_bytes", "Memory of all batches.")
            .dataPoint(point(Labels.EMPTY, metrics.arrowBytes()))
            .build());
    all.metricSnapshot(
        gauge("madang_safe_mode", "1 while neither plugins nor pipelines are started.")
            .dataPoint(point(Labels.EMPTY, metrics.safe() ? 1 : 0))
            .build());
  }

  private void doors(MetricSnapshots.Builder all) {
    var answered = counter("madang_http_requests", "Requests answered, by status.");
    for (int status = 0; status < requests.length; status++) {
      long sum = requests[status].sum();
      if (sum > 0) {
        answered.dataPoint(count(Labels.of("status", Integer.toString(status)), sum));
      }
    }
    all.metricSnapshot(answered.build());
    all.metricSnapshot(
        gauge("madang_http_connections", "Connections that are open.")
            .dataPoint(point(Labels.EMPTY, connections.getAsInt()))
            .build());
    all.metricSnapshot(
        gauge("madang_tensor_bytes", "Native memory of the tensors of calls that are under way.")
            .dataPoint(point(Labels.EMPTY, control.serving().memory().taken()))
            .build());
    all.metricSnapshot(
        gauge("madang_taps", "Taps that are open.")
            .dataPoint(point(Labels.EMPTY, taps.getAsInt()))
            .build());
  }

  private void spans(MetricSnapshots.Builder all) {
    if (tracing.on()) {
      Tracing.Figures figures = tracing.figures();
      all.metricSnapshot(
          counter("madang_spans", "Spans, by what became of them on the way to the collector.")
              .dataPoint(count(Labels.of("end", "exported"), figures.exported()))
              .dataPoint(count(Labels.of("end", "failed"), figures.failed()))
              .dataPoint(count(Labels.of("end", "dropped"), figures.dropped()))
              .build());
      all.metricSnapshot(
          counter("madang_traces_skipped", "Calls not traced since too many were in a second.")
              .dataPoint(count(Labels.EMPTY, figures.skipped()))
              .build());
    }
  }

  private static GaugeSnapshot byState(String name, String help, Map<String, Long> counts) {
    var gauge = gauge(name, help);
    new TreeMap<>(counts)
        .forEach((state, count) -> gauge.dataPoint(point(Labels.of("state", state), count)));
    return gauge.build();
  }
}
