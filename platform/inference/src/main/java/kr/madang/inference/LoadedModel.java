package kr.madang.inference;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;

/**
 * One model in memory. Any thread may call; runs go on at once, each on the thread that asks and
 * under a permit.
 *
 * <p>Closing never breaks what goes on: steps and prepared calls that are open go on until they are
 * closed, then the native memory is freed. Everything new is refused.
 */
public final class LoadedModel implements AutoCloseable {
  private final ModelSpec spec;
  private final ModelInfo info;
  private final Binding binding;
  private final Session session;
  private final RawRuns raw;
  private final Consumer<LoadedModel> forget;
  private final AtomicBoolean closed = new AtomicBoolean();

  LoadedModel(
      ModelSpec spec,
      ModelInfo info,
      Binding binding,
      Session session,
      Consumer<LoadedModel> forget) {
    this.spec = spec;
    this.info = info;
    this.binding = binding;
    this.session = session;
    this.raw = new RawRuns(session, info);
    this.forget = forget;
  }

  /** What was declared. */
  public ModelSpec spec() {
    return spec;
  }

  /** What the file says. */
  public ModelInfo info() {
    return info;
  }

  /** Runs so far, whoever asked for them. */
  public long runs() {
    return session.runs();
  }

  /**
   * Runs the graph as it is: no scale, no status, copies in and out. For remote callers.
   *
   * @param inputs one for each input of the graph, in any order
   * @return all outputs, in the order of the graph, in direct memory that the collector frees
   * @throws PluginException {@code SCHEMA_MISFIT} naming tensor, expected and got; {@code
   *     NOT_FOUND} when the model is closed; {@code EXHAUSTED} for lack of a permit
   */
  public List<Tensor> run(List<Tensor> inputs) throws InterruptedException {
    Session held = hold();
    try {
      return raw.run(inputs);
    } finally {
      held.release();
    }
  }

  /**
   * Buffers for one number of rows, to be run again and again at the least cost.
   *
   * @throws PluginException {@code SCHEMA_MISFIT} for a graph whose shapes are not known or whose
   *     types Java cannot wrap
   */
  public PreparedCall prepare(int rows) {
    Session held = hold();
    try {
      return new PreparedCall(held, info, rows);
    } catch (RuntimeException e) {
      held.release();
      throw e;
    }
  }

  /** Whether {@link #close} was called. */
  public boolean closed() {
    return closed.get();
  }

  /** Waits until the model is closed, nobody uses it and its native memory is free. */
  public boolean awaitReleased(Duration limit) throws InterruptedException {
    return session.awaitGone(limit.toNanos());
  }

  /** Refuses new use; see the class. Returns at once; closing twice is fine. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      forget.accept(this);
      raw.close();
      session.release();
    }
  }

  /** How spec and file go together. */
  Binding binding() {
    return binding;
  }

  /** A hold of the session that the caller releases. */
  Session hold() {
    if (closed.get() || !session.retain()) {
      throw new PluginException(
          ErrorCode.NOT_FOUND, "model " + session.model() + " is no longer loaded");
    }
    return session;
  }
}
