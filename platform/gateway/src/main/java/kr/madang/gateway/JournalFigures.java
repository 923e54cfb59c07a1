package kr.madang.gateway;

import static kr.madang.gateway.Figure.count;
import static kr.madang.gateway.Figure.counter;
import static kr.madang.gateway.Figure.gauge;
import static kr.madang.gateway.Figure.point;

import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import kr.madang.control.JournalView;
import kr.madang.control.Metrics;

/** Journals in figures. */
final class JournalFigures {
  private JournalFigures() {}

  static void addTo(MetricSnapshots.Builder all, Metrics metrics) {
    var states = gauge("madang_journal_state", "1 for the state that a journal is in.");
    var bytes = gauge("madang_journal_bytes", "Bytes of all segments.");
    var segments = gauge("madang_journal_segments", "Files.");
    var commits = counter("madang_journal_commits", "Forced writes.");
    var force =
        gauge("madang_journal_force_seconds", "The slowest tenth of the latest forced writes.");
    var damaged = counter("madang_journal_damaged", "Places that were found broken.");
    for (JournalView journal : metrics.journals()) {
      Labels labels = Labels.of("workspace", journal.workspace());
      states.dataPoint(point(labels.add("state", journal.state()), 1));
      bytes.dataPoint(point(labels, journal.bytes()));
      segments.dataPoint(point(labels, journal.segments()));
      commits.dataPoint(count(labels, journal.commits()));
      force.dataPoint(point(labels, journal.forceNanos() / 1e9));
      damaged.dataPoint(count(labels, journal.damaged()));
    }
    all.metricSnapshot(states.build());
    all.metricSnapshot(bytes.build());
    all.metricSnapshot(segments.build());
    all.metricSnapshot(commits.build());
    all.metricSnapshot(force.build());
    all.metricSnapshot(damaged.build());
    streams(all, metrics);
  }

  private static void streams(MetricSnapshots.Builder all, Metrics metrics) {
    var rows = gauge("madang_stream_backlog_rows", "Rows that wait in the journal.");
    var bytes = gauge("madang_stream_backlog_bytes", "Bytes that wait in the journal.");
    var gone = counter("madang_stream_gone_rows", "Rows that were dropped or damaged.");
    for (JournalView journal : metrics.journals()) {
      for (JournalView.Stream stream : journal.streams()) {
        if (stream.isBacklog()) {
          Labels labels =
              Labels.of(
                  "workspace",
                  journal.workspace(),
                  "pipeline",
                  stream.pipeline(),
                  "stage",
                  stream.stage());
          rows.dataPoint(point(labels, stream.backlog()));
          bytes.dataPoint(point(labels, stream.bytes()));
          gone.dataPoint(count(labels, stream.gone()));
        }
      }
    }
    all.metricSnapshot(rows.build());
    all.metricSnapshot(bytes.build());
    all.metricSnapshot(gone.build());
  }
}
