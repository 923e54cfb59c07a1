package kr.madang.engine;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A pipeline that was started. Methods may be called from any thread. */
public final class Pipeline {
  Pipeline(Graph graph, EngineOptions options) {}

  /** How it is now. */
  public PipelineStatus status() {
    throw new IllegalStateException();
  }

  /** Where every row is. */
  public Ledger ledger() {
    throw new IllegalStateException();
  }

  /**
   * Looks at what a stage emits (for a sink, at what it is given). Taps are lossy and never slow a
   * pipeline down.
   *
   * @param capacity batches kept for the reader before new ones are skipped
   * @throws kr.madang.sdk.error.PluginException NOT_FOUND for an unknown stage
   */
  public Tap tap(String stage, int capacity) {
    throw new IllegalStateException();
  }

  /** The latest rejected rows that are still kept, newest last. */
  public List<Reject> rejects(int atMost) {
    throw new IllegalStateException();
  }

  /** Stops the sources, delivers what is under way, and forces the end after the given time. */
  public void stop(Duration drain) {
    throw new IllegalStateException();
  }

  /** Completes with the last status when the pipeline has ended and everything is released. */
  public CompletableFuture<PipelineStatus> ended() {
    throw new IllegalStateException();
  }
}
