package kr.madang.engine.compare;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import kr.madang.engine.compare.SinkComparison.MissingRun;
import org.jspecify.annotations.Nullable;

/** Joins rows without partner to runs, and keeps the longest. */
final class Runs {
  private final int most;
  private final Tags tags;
  private final List<Run> ofA = new ArrayList<>();
  private final List<Run> ofB = new ArrayList<>();
  private final PriorityQueue<MissingRun> longest =
      new PriorityQueue<>(Comparator.comparingLong(MissingRun::rows));
  private long count;

  Runs(int most, Tags tags) {
    this.most = most;
    this.tags = tags;
  }

  void add(boolean inA, Row row) {
    List<Run> runs = inA ? ofA : ofB;
    while (runs.size() <= row.tag) {
      runs.add(new Run());
    }
    Run run = runs.get(row.tag);
    if (run.rows > 0 && row.number != run.next) {
      end(inA, row.tag, run);
    }
    if (run.rows == 0) {
      run.from = Times.of(row);
    }
    run.to = row.timed ? row.time : run.to;
    run.timed |= row.timed;
    run.rows++;
    run.next = row.number + 1;
  }

  /** Ends all runs; to be called once, before the results are asked for. */
  void end() {
    for (int i = 0; i < ofA.size(); i++) {
      end(true, i, ofA.get(i));
    }
    for (int i = 0; i < ofB.size(); i++) {
      end(false, i, ofB.get(i));
    }
  }

  private void end(boolean inA, int tag, Run run) {
    if (run.rows == 0) {
      return;
    }
    count++;
    longest.add(
        new MissingRun(
            inA ? "A" : "B",
            tag < tags.count() ? tags.name(tag) : "",
            run.from,
            run.timed ? Times.instant(run.to) : null,
            run.rows));
    if (longest.size() > most) {
      longest.remove();
    }
    run.rows = 0;
    run.timed = false;
    run.from = null;
  }

  long count() {
    return count;
  }

  List<MissingRun> longest() {
    return longest.stream()
        .sorted(
            Comparator.comparingLong((MissingRun r) -> -r.rows())
                .thenComparing(r -> r.from() == null ? Instant.MIN : r.from())
                .thenComparing(MissingRun::side)
                .thenComparing(MissingRun::tag))
        .toList();
  }

  private static final class Run {
    @Nullable Instant from;
    long to;
    boolean timed;
    long rows;
    long next;
  }
}
