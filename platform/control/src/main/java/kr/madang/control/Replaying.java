package kr.madang.control;

import kr.madang.engine.Replay;
import kr.madang.engine.compare.ResultSummary;

/** A replay in the foreground, for the command line. Close it when it ended. */
public final class Replaying implements AutoCloseable {
  private final Replay replay;
  private final Runnable release;

  Replaying(Replay replay, Runnable release) {
    this.replay = replay;
    this.release = release;
  }

  /** Its progress, and its end to wait for, which gives a {@link ResultSummary}. */
  public Replay replay() {
    return replay;
  }

  /** Ends it if it still runs, and gives back plugins and models. */
  @Override
  public void close() {
    replay.cancel();
    replay.ended().exceptionally(_ -> null).join();
    release.run();
  }
}
