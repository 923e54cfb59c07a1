package kr.madang.engine.compare;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kr.madang.engine.compare.ResultSummary.StageTime;
import org.jspecify.annotations.Nullable;

/**
 * What the replays cost, in nanoseconds per 1,000 input rows of the pipeline.
 *
 * @param wall from start to end
 * @param cpu of all stages together; null on a side where one was not measured
 * @param stages in the order of the graph, A's first
 */
public record CostComparison(Figure wall, Figure cpu, List<Stage> stages) {
  /** Copies the list. */
  public CostComparison {
    stages = List.copyOf(stages);
  }

  /**
   * A figure of both sides.
   *
   * @param a in A, or null if it was not measured
   * @param b in B, or null if it was not measured
   * @param ratio B / A, or null if either is missing or A is 0
   */
  public record Figure(@Nullable Double a, @Nullable Double b, @Nullable Double ratio) {
    static Figure of(@Nullable Double a, @Nullable Double b) {
      return new Figure(a, b, a == null || b == null || a == 0 ? null : b / a);
    }
  }

  /**
   * A stage of either pipeline.
   *
   * @param stage name in the pipeline
   * @param wall time inside the stage
   * @param cpu CPU time of the stage
   */
  public record Stage(String stage, Figure wall, Figure cpu) {}

  static CostComparison of(ResultSummary a, ResultSummary b) {
    Map<String, StageTime> inA = byName(a);
    Map<String, StageTime> inB = byName(b);
    Map<String, StageTime> all = new LinkedHashMap<>(inA);
    inB.forEach(all::putIfAbsent);
    List<Stage> stages = new ArrayList<>();
    for (String name : all.keySet()) {
      StageTime of = inA.get(name);
      StageTime with = inB.get(name);
      stages.add(
          new Stage(
              name,
              Figure.of(
                  of == null ? null : per1000(of.wallNanos(), a),
                  with == null ? null : per1000(with.wallNanos(), b)),
              Figure.of(
                  of == null ? null : per1000(of.cpuNanos(), a),
                  with == null ? null : per1000(with.cpuNanos(), b))));
    }
    return new CostComparison(
        Figure.of(per1000(a.wallNanos(), a), per1000(b.wallNanos(), b)),
        Figure.of(per1000(cpu(a), a), per1000(cpu(b), b)),
        stages);
  }

  private static Map<String, StageTime> byName(ResultSummary summary) {
    Map<String, StageTime> byName = new LinkedHashMap<>();
    summary.stages().forEach(stage -> byName.put(stage.stage(), stage));
    return byName;
  }

  private static long cpu(ResultSummary summary) {
    long sum = 0;
    for (StageTime stage : summary.stages()) {
      if (stage.cpuNanos() < 0) {
        return ResultSummary.NOT_MEASURED;
      }
      sum += stage.cpuNanos();
    }
    return summary.stages().isEmpty() ? ResultSummary.NOT_MEASURED : sum;
  }

  private static @Nullable Double per1000(long nanos, ResultSummary summary) {
    return nanos < 0 || summary.inputRows() <= 0 ? null : 1000.0 * nanos / summary.inputRows();
  }
}
