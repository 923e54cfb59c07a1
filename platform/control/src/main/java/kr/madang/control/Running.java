package kr.madang.control;

import java.time.Duration;
import java.util.List;
import kr.madang.engine.Pipeline;

/** A pipeline that runs in the foreground, without any desired state. Close it when it ended. */
public final class Running implements AutoCloseable {
  private final String name;
  private final Pipeline pipeline;
  private final List<PipelineView.Pin> pins;
  private final Runnable release;

  Running(String name, Pipeline pipeline, List<PipelineView.Pin> pins, Runnable release) {
    this.name = name;
    this.pipeline = pipeline;
    this.pins = List.copyOf(pins);
    this.release = release;
  }

  /** The name in the document. */
  public String name() {
    return name;
  }

  /** Status, ledger, rejected rows, taps, and the end to wait for. */
  public Pipeline pipeline() {
    return pipeline;
  }

  /** What the names of the document were resolved to. */
  public List<PipelineView.Pin> pins() {
    return pins;
  }

  /** Stops the pipeline if it still runs, without a drain, and gives back plugins and models. */
  @Override
  public void close() {
    if (!pipeline.ended().isDone()) {
      pipeline.stop(Duration.ZERO);
    }
    release.run();
  }
}
