package kr.madang.gateway;

import static kr.madang.gateway.Figure.count;
import static kr.madang.gateway.Figure.counter;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.List;
import kr.madang.control.Metrics;
import kr.madang.inference.Use;

/** What each workspace has had of each model, and where the time has gone, in figures. */
final class UseFigures {
  private static final List<Double> BOUNDS = bounds();

  private UseFigures() {}

  private static List<Double> bounds() {
    List<Double> bounds = new ArrayList<>();
    Use.Spread.bounds().forEach(nanos -> bounds.add(nanos / 1e9));
    bounds.add(Double.POSITIVE_INFINITY);
    return List.copyOf(bounds);
  }

  static void addTo(MetricSnapshots.Builder all, Metrics metrics) {
    var calls =
        counter("madang_use_calls", "Calls, and batches of pipelines, by how they have ended.");
    var rows = counter("madang_use_rows", "Rows that a model has run for a workspace.");
    var compute = counter("madang_use_compute_seconds", "Time on cores that they have taken.");
    var bytes = counter("madang_use_bytes", "Bytes of tensors that came and went.");
    var stages =
        HistogramSnapshot.builder()
            .name("madang_use_seconds")
            .help("Where the time of calls has gone: queue, batch, run, render.");
    for (Use.Snapshot use : metrics.uses()) {
      Labels labels =
          Labels.of(
              "workspace",
              use.key().workspace(),
              "model",
              use.key().model(),
              "version",
              use.key().version(),
              "origin",
              Views.lower(use.key().by()));
      calls.dataPoint(count(labels.add("end", "succeeded"), use.calls()));
      calls.dataPoint(count(labels.add("end", "failed"), use.failed()));
      calls.dataPoint(count(labels.add("end", "rejected"), use.rejected()));
      rows.dataPoint(count(labels, use.rows()));
      compute.dataPoint(count(labels, use.computeNanos() / 1e9));
      bytes.dataPoint(count(labels.add("way", "in"), use.bytesIn()));
      bytes.dataPoint(count(labels.add("way", "out"), use.bytesOut()));
      for (Use.Stage stage : Use.Stage.values()) {
        Use.Spread spread = use.stages().get(stage.ordinal());
        if (spread.counts().stream().anyMatch(times -> times > 0)) {
          stages.dataPoint(
              HistogramDataPointSnapshot.builder()
                  .labels(labels.add("stage", Views.lower(stage)))
                  .classicHistogramBuckets(ClassicHistogramBuckets.of(BOUNDS, spread.counts()))
                  .sum(spread.sumNanos() / 1e9)
                  .build());
        }
      }
    }
    all.metricSnapshot(calls.build());
    all.metricSnapshot(rows.build());
    all.metricSnapshot(compute.build());
    all.metricSnapshot(bytes.build());
    all.metricSnapshot(stages.build());
  }
}
