package kr.madang.control;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kr.madang.engine.Replay;
import kr.madang.engine.compare.ResultSummary;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One replay that runs. */
final class ReplayRun {
  private static final Logger LOG = LoggerFactory.getLogger(ReplayRun.class);

  private final ReplayView begun;
  private final Replay replay;
  private final Holds holds;
  private final ReplayShelf shelf;
  private final InstantSource clock;
  private final long most;
  private volatile boolean unwanted;
  private volatile String cancelled = "";

  ReplayRun(
      ReplayView begun,
      Replay replay,
      Holds holds,
      ReplayShelf shelf,
      InstantSource clock,
      long most) {
    this.begun = begun;
    this.replay = replay;
    this.holds = holds;
    this.shelf = shelf;
    this.clock = clock;
    this.most = most;
  }

  String id() {
    return begun.id();
  }

  /** Whether nobody wants its result. */
  boolean unwanted() {
    return unwanted;
  }

  void discard() {
    unwanted = true;
    replay.cancel();
  }

  void cancel() {
    cancel("it was cancelled");
  }

  private void cancel(String why) {
    cancelled = why;
    replay.cancel();
  }

  /** As it is now. */
  ReplayView view() {
    Replay.Progress progress = replay.progress();
    return with(begun, ReplayView.RUNNING, "", progress.rows(), progress.of(), 0, Optional.empty());
  }

  /** Waits until it has ended and stores what became of it. */
  ReplayView await() {
    Path folder = shelf.result(begun.workspace(), begun.id());
    ReplayView last;
    try {
      last = done(result(folder), folder);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      String why = cancelled.isEmpty() ? String.valueOf(cause.getMessage()) : cancelled;
      last = failed(view(), why, clock.instant());
      LOG.warn("replay {} of {}/{} failed: {}", id(), begun.workspace(), begun.pipeline(), why);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      replay.cancel();
      last = failed(view(), "interrupted", clock.instant());
    } catch (RuntimeException e) {
      LOG.error("the result of replay {} cannot be kept", id(), e);
      last = failed(view(), String.valueOf(e.getMessage()), clock.instant());
    } finally {
      holds.close();
    }
    store(last);
    return last;
  }

  private void store(ReplayView last) {
    try {
      if (unwanted) {
        shelf.delete(begun.workspace(), begun.id());
      } else {
        shelf.write(last);
      }
    } catch (RuntimeException e) {
      LOG.error("{}", e.getMessage());
    }
  }

  private ResultSummary result(Path folder) throws ExecutionException, InterruptedException {
    CompletableFuture<ResultSummary> end = replay.ended();
    while (true) {
      try {
        return end.get(1, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        if (cancelled.isEmpty() && ReplayShelf.bytes(folder) > most) {
          cancel(
              "its result is larger than %,d MiB: replay a shorter part, or add a step that"
                      .formatted(most >> 20)
                  + " keeps less");
        }
      }
    }
  }

  private ReplayView done(ResultSummary engine, Path folder) {
    ResultSummary summary =
        new ResultSummary(
            engine.pipeline(),
            engine.label(),
            begun.version(),
            engine.inputRows(),
            engine.from(),
            engine.to(),
            engine.wallNanos(),
            engine.stages(),
            engine.outputRows(),
            engine.rejectedRows());
    ResultJson.write(folder, summary);
    return new ReplayView(
        begun.id(),
        begun.workspace(),
        begun.pipeline(),
        begun.label(),
        begun.version(),
        ReplayView.DONE,
        "",
        summary.inputRows(),
        replay.progress().of(),
        ReplayShelf.bytes(folder),
        begun.startedAt(),
        Optional.of(clock.instant()),
        summary.wallNanos(),
        summary.stages().stream()
            .map(stage -> new ReplayView.Stage(stage.stage(), stage.wallNanos(), stage.cpuNanos()))
            .toList(),
        summary.outputRows(),
        summary.rejectedRows());
  }

  static ReplayView failed(ReplayView view, String why, Instant now) {
    return with(view, ReplayView.FAILED, why, view.rows(), view.of(), 0, Optional.of(now));
  }

  private static ReplayView with(
      ReplayView view,
      String state,
      String reason,
      long rows,
      long of,
      long bytes,
      Optional<Instant> ended) {
    return new ReplayView(
        view.id(),
        view.workspace(),
        view.pipeline(),
        view.label(),
        view.version(),
        state,
        reason,
        rows,
        of,
        bytes,
        view.startedAt(),
        ended,
        view.wallNanos(),
        view.stages(),
        view.outputRows(),
        view.rejectedRows());
  }
}
