package kr.madang.gateway;

import static kr.madang.gateway.Figure.count;
import static kr.madang.gateway.Figure.counter;
import static kr.madang.gateway.Figure.gauge;
import static kr.madang.gateway.Figure.point;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kr.madang.control.Metrics;
import kr.madang.engine.Ledger;
import kr.madang.engine.PipelineStatus;
import kr.madang.engine.SourceTags;

/** Pipelines in figures. */
final class PipelineFigures {
  private static final List<String> QUALITIES = List.of("good", "uncertain", "bad");

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
    var tags =
        gauge("madang_source_tags", "Tags of a source, by the quality of the latest sample.");
    var samples = counter("madang_source_samples", "Samples of a source, by quality.");
    var overflows =
        counter(
            "madang_source_overflows", "Samples that said that others were lost at the device.");
    var oldest =
        gauge("madang_source_oldest_seconds", "Age of the tag that has not been heard of longest.");
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
      for (SourceTags source : pipeline.tags()) {
        Labels labels = whole.add("stage", source.source());
        long[] now = new long[3];
        long[] sum = new long[3];
        long lost = 0;
        Duration age = Duration.ZERO;
        for (SourceTags.Tag tag : source.tags()) {
          now[Math.min(2, tag.status() >>> 30)]++;
          sum[0] += tag.good();
          sum[1] += tag.uncertain();
          sum[2] += tag.bad();
          lost += tag.overflows();
          Duration its = tag.age().orElse(age);
          age = its.compareTo(age) > 0 ? its : age;
        }
        for (int i = 0; i < now.length; i++) {
          tags.dataPoint(point(labels.add("quality", QUALITIES.get(i)), now[i]));
          samples.dataPoint(count(labels.add("quality", QUALITIES.get(i)), sum[i]));
        }
        overflows.dataPoint(count(labels, lost));
        oldest.dataPoint(point(labels, age.toMillis() / 1e3));
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
    all.metricSnapshot(tags.build());
    all.metricSnapshot(samples.build());
    all.metricSnapshot(overflows.build());
    all.metricSnapshot(oldest.build());
    all.metricSnapshot(rows.build());
    all.metricSnapshot(held.build());
    all.metricSnapshot(queued.build());
    all.metricSnapshot(restarts.build());
    all.metricSnapshot(overruns.build());
    all.metricSnapshot(up.build());
  }
}
