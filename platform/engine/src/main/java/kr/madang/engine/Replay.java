package kr.madang.engine;

import java.util.concurrent.CompletableFuture;

/** A replay that was started. Any thread. */
public final class Replay {
  Replay() {}

  /**
   * How far it is.
   *
   * @param rows input rows that were worked on
   * @param of all input rows of the range, about
   */
  public record Progress(long rows, long of) {}

  /** How far it is. */
  public Progress progress() {
    throw new UnsupportedOperationException();
  }

  /** Ends it early; what it wrote is removed. */
  public void cancel() {
    throw new UnsupportedOperationException();
  }

  /**
   * Completes with the summary when all results are in the folder, or with a {@link
   * kr.madang.sdk.error.PluginException}.
   */
  public CompletableFuture<Void> ended() {
    throw new UnsupportedOperationException();
  }
}
