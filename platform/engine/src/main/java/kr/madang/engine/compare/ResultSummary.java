package kr.madang.engine.compare;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a replay tells about its result besides the rows; kept beside them as {@code result.json}.
 * Made by whoever replayed.
 *
 * @param pipeline name of the pipeline
 * @param label a short name for people, such as {@code model 1.3.0}; empty if there is none
 * @param version what ran, for people: digests or versions of pipeline, plugins and models
 * @param inputRows rows that the sources gave
 * @param from when the recorded input begins, or null if it had no rows
 * @param to when the recorded input ends, or null if it had no rows
 * @param wallNanos how long the replay took, or {@link #NOT_MEASURED}
 * @param stages what each stage cost, in the order of the graph
 * @param outputRows rows by sink
 * @param rejectedRows rows by the stage that rejected them
 */
public record ResultSummary(
    String pipeline,
    String label,
    String version,
    long inputRows,
    @Nullable Instant from,
    @Nullable Instant to,
    long wallNanos,
    List<StageTime> stages,
    Map<String, Long> outputRows,
    Map<String, Long> rejectedRows) {
  /** Stands for a duration that is not known. */
  public static final long NOT_MEASURED = -1;

  /** Copies the collections. */
  public ResultSummary {
    stages = List.copyOf(stages);
    outputRows = Map.copyOf(outputRows);
    rejectedRows = Map.copyOf(rejectedRows);
  }

  /**
   * What one stage cost over the whole replay.
   *
   * @param stage name in the pipeline
   * @param wallNanos time spent inside the stage, or {@link #NOT_MEASURED}
   * @param cpuNanos CPU time of the stage, or {@link #NOT_MEASURED}
   */
  public record StageTime(String stage, long wallNanos, long cpuNanos) {}
}
