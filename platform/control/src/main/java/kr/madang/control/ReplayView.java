package kr.madang.control;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A replay of recorded input, under way or ended.
 *
 * @param id short and random
 * @param workspace whose it is
 * @param pipeline whose input was recorded
 * @param label names the result for people
 * @param version what ran: the pipeline's revision, plugins and models
 * @param state {@code running}, {@code done} or {@code failed}
 * @param reason why it failed; else empty
 * @param rows input rows that were worked on
 * @param of all input rows of the recording, of which a range may be less
 * @param bytes of the result
 * @param startedAt when it was started
 * @param endedAt when it ended
 * @param wallNanos how long it took; 0 while it runs
 * @param stages what each stage cost
 * @param outputRows rows by sink
 * @param rejectedRows rows by the stage that rejected them
 */
public record ReplayView(
    String id,
    String workspace,
    String pipeline,
    String label,
    String version,
    String state,
    String reason,
    long rows,
    long of,
    long bytes,
    Instant startedAt,
    Optional<Instant> endedAt,
    long wallNanos,
    List<Stage> stages,
    Map<String, Long> outputRows,
    Map<String, Long> rejectedRows) {

  /** Makes the collections unmodifiable. */
  public ReplayView {
    stages = List.copyOf(stages);
    outputRows = Map.copyOf(outputRows);
    rejectedRows = Map.copyOf(rejectedRows);
  }

  /** What one stage cost over the whole replay; -1 where it was not measured. */
  public record Stage(String stage, long wallNanos, long cpuNanos) {}

  boolean running() {
    return state.equals(RUNNING);
  }

  static final String RUNNING = "running";
  static final String DONE = "done";
  static final String FAILED = "failed";
}
