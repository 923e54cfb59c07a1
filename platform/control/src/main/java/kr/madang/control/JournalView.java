package kr.madang.control;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The journal of a workspace, for people and programs outside.
 *
 * @param workspace whose it is
 * @param state {@code open}, {@code full}, {@code failing}, {@code closed}, or {@code unused} while
 *     no pipeline has needed it since the runtime was started
 * @param reason why it takes no records; empty when all is well
 * @param bytes of all segments
 * @param segments files
 * @param commits forced writes since it was opened
 * @param forceNanos the slowest tenth of the latest forced writes took at least so long
 * @param damaged places found broken since it was opened
 * @param damage the latest of them, newest last
 * @param streams by name
 */
public record JournalView(
    String workspace,
    String state,
    String reason,
    long bytes,
    int segments,
    long commits,
    long forceNanos,
    long damaged,
    List<Broken> damage,
    List<Stream> streams) {

  /** Makes the lists unmodifiable. */
  public JournalView {
    damage = List.copyOf(damage);
    streams = List.copyOf(streams);
  }

  /**
   * A place that was found broken.
   *
   * @param when it was found
   * @param file the segment or cursor
   * @param offset where in it, in bytes
   * @param what was expected and found, what was done, where the copy lies
   */
  public record Broken(Instant when, String file, long offset, String what) {}

  /**
   * One ordered stream.
   *
   * @param name in the journal
   * @param pipeline whose it is
   * @param stage the source or sink whose rows it has, the step whose dead letters it has; empty
   *     for what belongs to the whole pipeline
   * @param kind {@code rows}, {@code rejected}, or what else a pipeline keeps: {@code state}
   * @param epoch rises only when numbers could repeat
   * @param first the oldest row that is still there
   * @param next the number that the next row gets
   * @param backlog rows that are still needed
   * @param bytes of them
   * @param gone rows that were dropped or damaged, ever
   * @param oldest when the oldest of what is needed was taken in; empty if nothing is
   */
  public record Stream(
      String name,
      String pipeline,
      String stage,
      String kind,
      long epoch,
      long first,
      long next,
      long backlog,
      long bytes,
      long gone,
      Optional<Instant> oldest) {

    /** Whether rows of a source or before a sink wait in it. */
    public boolean isBacklog() {
      return kind.equals("rows");
    }
  }
}
