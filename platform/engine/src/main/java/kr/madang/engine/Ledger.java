package kr.madang.engine;

import java.util.List;
import java.util.Map;

/**
 * Where every row is: a consistent account of each stage and each link since the pipeline started.
 *
 * @param stages by input rows
 * @param links by rows on the way
 */
public record Ledger(List<Stage> stages, List<Link> links) {

  /** Whether every stage and every link adds up. */
  public boolean balanced() {
    return stages.stream().allMatch(Stage::balanced) && links.stream().allMatch(Link::balanced);
  }

  /** Rows that were rejected and kept, over all stages. */
  public long rejected() {
    return stages.stream().mapToLong(Stage::rejected).sum();
  }

  /** Rows that were lost by a policy or a stop, over all stages and links. */
  public long dropped() {
    return stages.stream()
            .flatMap(stage -> stage.dropped().values().stream())
            .mapToLong(Long::longValue)
            .sum()
        + links.stream().mapToLong(Link::dropped).sum();
  }

  /**
   * One stage: {@code in = absorbed + filtered + rejected + dropped + held + working}.
   *
   * @param name in the pipeline
   * @param in rows received; for a source, rows read
   * @param absorbed rows that went into outputs; for a sink, rows that the far side has
   * @param filtered rows that a condition kept out
   * @param rejected rows that were rejected and kept
   * @param dropped rows lost by a policy of the config, by policy
   * @param held rows on which coming outputs still depend
   * @param working rows of the batch that is being worked on
   * @param out rows emitted
   */
  public record Stage(
      String name,
      long in,
      long absorbed,
      long filtered,
      long rejected,
      Map<String, Long> dropped,
      long held,
      long working,
      long out) {
    /** Whether the account adds up. */
    public boolean balanced() {
      long lost = dropped.values().stream().mapToLong(Long::longValue).sum();
      return in == absorbed + filtered + rejected + lost + held + working && absorbed >= 0;
    }
  }

  /**
   * One link between two stages: {@code emitted = received + dropped + queued}.
   *
   * @param from the stage that emits
   * @param to the stage that receives
   * @param dropped rows that were on the way when the pipeline was stopped by force
   */
  public record Link(
      String from, String to, long emitted, long received, long dropped, long queued) {
    /** Whether the account adds up. */
    public boolean balanced() {
      return emitted == received + dropped + queued && queued >= 0;
    }
  }
}
