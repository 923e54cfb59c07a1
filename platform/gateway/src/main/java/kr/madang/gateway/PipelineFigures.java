package kr.madang.gateway;

import static kr.madang.gateway.Figure.count;
import static kr.madang.gateway.Figure.counter;
import static kr.madang.gateway.Figure.gauge;
import static kr.madang.gateway.Figure.point;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import kr.madang.control.Metrics;
import kr.madang.engine.Ledger;
import kr.madang.engine.PipelineStatus;

/** Pipelines in figures. */
final class PipelineFigures {
  private PipelineFigures() {}

  static void addTo(MetricSnapshots.Builder all, Metrics metrics) {
    var states = gauge("madang_pipeline_state", "1 for the state that a pipeline is in.");
    var starts = counter("madang_pipeline_starts", "Starts of a pipeline.");
    var rows =
        counter("madang_stage_rows", "Rows of a stage of the latest run, by what became of them.");
    var held = gauge("madang_stage_held_rows", "Rows on which coming outputs still depend.");
    var queued = gauge("madang_link_queued_rows", "Rows between two stages.");
    var restarts = counter("madang_stage_restarts", "How often a stage was opened again.");
    var overruns = counter("madang_stage_overruns", "Periods that a polled source missed.");
    var up = gauge("madang_stage_up", "1 when a stage is at work, 0 when it is not.");
    var looping =
        gauge("madang_pipeline_crash_looping", "1 for a pipeline that fails again and again.");
    var balanced = gauge("madang_ledger_balanced", "1 when every row of a pipeline has its place.");
    var gaps = counter("madang_gap_rows", "Rows of a pipeline that are gone, by cause.");
    for (Metrics.PipelineFigures pipeline : metrics.pipelines()) {
      Labels whole = Labels.of("workspace", pipeline.workspace(), "pipeline", pipeline.name());
      states.dataPoint(point(whole.add("state", Views.lower(pipeline.state())), 1));
      starts.dataPoint(count(whole, pipeline.starts()));
      looping.dataPoint(point(whole, pipeline.crashLooping() ? 1 : 0));
      balanced.dataPoint(point(whole, pipeline.ledger().balanced() ? 1 : 0));
      new TreeMap<>(pipeline.gaps())
          .forEach((cause, lost) -> gaps.dataPoint(count(whole.add("cause", cause), lost)));
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
      Map<Labels, Long> waiting = new LinkedHashMap<>();
      for (Ledger.Link link : pipeline.ledger().links()) {
        waiting.merge(
            whole.add("from", link.from()).add("to", link.to()), link.queued(), Long::sum);
      }
      waiting.forEach((labels, rowsBetween) -> queued.dataPoint(point(labels, rowsBetween)));
      for (PipelineStatus.StageStatus stage : pipeline.status()) {
        Labels labels = whole.add("stage", stage.name());
        restarts.dataPoint(count(labels, stage.restarts()));
        overruns.dataPoint(count(labels, stage.overruns()));
        up.dataPoint(point(labels, stage.state() == PipelineStatus.State.RUNNING ? 1 : 0));
      }
    }
    all.metricSnapshot(states.build());
    all.metricSnapshot(starts.build());
    all.metricSnapshot(looping.build());
    all.metricSnapshot(balanced.build());
    all.metricSnapshot(gaps.build());
    all.metricSnapshot(rows.build());
    all.metricSnapshot(held.build());
    all.metricSnapshot(queued.build());
    all.metricSnapshot(restarts.build());
    all.metricSnapshot(overruns.build());
    all.metricSnapshot(up.build());
  }
}
