package kr.madang.gateway;

import static kr.madang.gateway.Figure.gauge;
import static kr.madang.gateway.Figure.point;

import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import kr.madang.control.Drifts;
import kr.madang.control.Metrics;
import kr.madang.inference.Drift;

/** How far what models see has moved, in figures. */
final class DriftFigures {
  private DriftFigures() {}

  static void addTo(MetricSnapshots.Builder all, Metrics metrics) {
    var index = gauge("madang_model_psi", "Population stability index against the baseline.");
    var missing = gauge("madang_model_missing_share", "Share of values that were missing.");
    var outside =
        gauge("madang_model_out_of_range_share", "Share of values outside the baseline's range.");
    for (Drifts.View view : metrics.drifts()) {
      for (Drift.Figures figures : view.places()) {
        Labels place =
            Labels.of(
                "model",
                view.model(),
                "version",
                view.version(),
                "workspace",
                figures.place().workspace(),
                "pipeline",
                figures.place().pipeline(),
                "step",
                figures.place().step());
        for (Drift.Moved column : figures.columns()) {
          // without a baseline there is nothing to compare with
          if (column.expected()) {
            Labels labels =
                place.add("side", Views.lower(column.side())).add("column", column.name());
            add(index, labels, column.index());
            add(missing, labels, column.missing());
            add(outside, labels, column.outside());
          }
        }
      }
    }
    all.metricSnapshot(index.build());
    all.metricSnapshot(missing.build());
    all.metricSnapshot(outside.build());
  }

  private static void add(GaugeSnapshot.Builder gauge, Labels labels, double value) {
    if (!Double.isNaN(value)) {
      gauge.dataPoint(point(labels, value));
    }
  }
}
