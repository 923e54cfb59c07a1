package kr.madang.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kr.madang.control.PipelineTable.Key;
import kr.madang.control.store.Store;
import kr.madang.engine.DeadLetter;
import kr.madang.engine.DeadLetters;
import kr.madang.engine.Engine;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.BufferAllocator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rows that stages of pipelines could not take: look, correct, put back in, let be. */
public final class DeadLetterVerbs {
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetterVerbs.class);
  private static final int REASONS = 5;

  private final Guard guard;
  private final Reconciler reconciler;
  private final Store store;
  private final Engine engine;
  private final BufferAllocator allocator;

  DeadLetterVerbs(
      Guard guard, Reconciler reconciler, Store store, Engine engine, BufferAllocator allocator) {
    this.guard = guard;
    this.reconciler = reconciler;
    this.store = store;
    this.engine = engine;
    this.allocator = allocator;
  }

  /**
   * A part of the dead letters of a pipeline.
   *
   * @param stage only those of a stage; empty for all
   * @param state only those in a state; empty for all
   * @param atMost how many
   */
  public record Filter(Optional<String> stage, Optional<DeadLetter.State> state, int atMost) {}

  /**
   * One dead letter.
   *
   * @param rows the caller's to close; empty if only their text was kept
   */
  public record Opened(DeadLetter letter, Optional<Batch> rows) implements AutoCloseable {
    @Override
    public void close() {
      rows.ifPresent(Batch::close);
    }
  }

  /**
   * What became of several.
   *
   * @param done how many were put back in or discarded
   * @param rows in them
   * @param left how many could not be
   * @param reasons why not, the first few
   */
  public record Outcome(int done, long rows, int left, List<String> reasons) {
    /** Makes the list unmodifiable. */
    public Outcome {
      reasons = List.copyOf(reasons);
    }
  }

  /** Makes rows that replace others; it may throw, and closes nothing. */
  @FunctionalInterface
  public interface Correction {
    /** The rows to put in instead, of the same schema; control closes them. */
    Batch of(Batch rows, BufferAllocator allocator);
  }

  /** The latest dead letters of a pipeline, newest last. */
  public List<DeadLetter> list(Caller caller, String workspace, String pipeline, Filter filter) {
    return of(caller, workspace, pipeline, Role.VIEWER)
        .list(filter.stage(), filter.state(), filter.atMost());
  }

  /** One of them with its rows, which the caller closes. */
  public Opened open(Caller caller, String workspace, String pipeline, String id) {
    DeadLetters letters = of(caller, workspace, pipeline, Role.VIEWER);
    return new Opened(found(letters, id), letters.rows(id, allocator));
  }

  /**
   * Puts the rows of a dead letter back in where they were refused.
   *
   * @param correction makes other rows of them; empty for the rows as they were
   */
  public DeadLetter replay(
      Caller caller,
      String workspace,
      String pipeline,
      String id,
      Optional<Correction> correction) {
    DeadLetters letters = of(caller, workspace, pipeline, Role.MEMBER);
    DeadLetter letter = found(letters, id);
    if (correction.isEmpty()) {
      letters.replay(id, null);
    } else {
      try (Batch before = rows(letters, letter);
          Batch after = correction.get().of(before, allocator)) {
        letters.replay(id, after);
      }
    }
    String how = correction.isEmpty() ? "" : ", corrected";
    note(caller, "deadletter.replay", workspace, pipeline, id, letter.rows() + " rows" + how);
    return found(letters, id);
  }

  private Batch rows(DeadLetters letters, DeadLetter letter) {
    return letters
        .rows(letter.id(), allocator)
        .orElseThrow(() ->
            new PluginException(
                ErrorCode.CONFIG_INVALID,
                "of dead letter "
                    + letter.id()
                    + " only a text was kept, no rows that could be corrected: discard it"));
  }

  /** Lets a dead letter be. */
  public DeadLetter discard(Caller caller, String workspace, String pipeline, String id) {
    DeadLetters letters = of(caller, workspace, pipeline, Role.MEMBER);
    DeadLetter letter = found(letters, id);
    letters.discard(id);
    note(caller, "deadletter.discard", workspace, pipeline, id, letter.rows() + " rows");
    return found(letters, id);
  }

  /** Puts the rows of several back in as they were; the oldest first. */
  public Outcome replayAll(Caller caller, String workspace, String pipeline, Filter filter) {
    return all(
        caller,
        workspace,
        pipeline,
        filter,
        "deadletter.replayAll",
        (all, it) -> all.replay(it, null));
  }

  /** Lets several be. */
  public Outcome discardAll(Caller caller, String workspace, String pipeline, Filter filter) {
    return all(caller, workspace, pipeline, filter, "deadletter.discardAll", DeadLetters::discard);
  }

  @FunctionalInterface
  private interface Deed {
    void on(DeadLetters letters, String id);
  }

  private Outcome all(
      Caller caller, String workspace, String pipeline, Filter filter, String verb, Deed deed) {
    DeadLetters letters = of(caller, workspace, pipeline, Role.MEMBER);
    int done = 0;
    long rows = 0;
    int left = 0;
    List<String> reasons = new ArrayList<>();
    for (DeadLetter letter : letters.list(filter.stage(), filter.state(), filter.atMost())) {
      try {
        deed.on(letters, letter.id());
        done++;
        rows += letter.rows();
      } catch (PluginException e) {
        left++;
        if (reasons.size() < REASONS) {
          reasons.add(letter.id() + ": " + e.getMessage());
        }
        if (!e.code().equals(ErrorCode.CONFIG_INVALID) && !e.code().equals(ErrorCode.NOT_FOUND)) {
          LOG.warn("{} of {}/{} ends early: {}", verb, workspace, pipeline, e.getMessage());
          break;
        }
      }
    }
    note(
        caller,
        verb,
        workspace,
        pipeline,
        filter.stage().orElse("*"),
        done + " dead letters, " + rows + " rows");
    return new Outcome(done, rows, left, reasons);
  }

  private DeadLetters of(Caller caller, String workspace, String pipeline, Role role) {
    guard.require(caller, workspace, role);
    Key key = new Key(workspace, pipeline);
    return reconciler
        .with(key, unit -> true)
        .map(_ -> engine.deadLetters(workspace, pipeline))
        .orElseThrow(() -> Pipelines.missing(key));
  }

  private static DeadLetter found(DeadLetters letters, String id) {
    return letters
        .find(id)
        .orElseThrow(() ->
            new PluginException(
                ErrorCode.NOT_FOUND,
                "dead letter '" + id + "' does not exist; only the latest are kept"));
  }

  private void note(
      Caller caller, String verb, String workspace, String pipeline, String what, String detail) {
    store.transaction(rows -> {
      guard.note(rows, caller, verb, workspace + "/" + pipeline + "/" + what, detail);
      return true;
    });
  }
}
