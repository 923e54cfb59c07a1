package kr.madang.inference;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What came of a call. Its tensors are read until it is closed.
 *
 * <p>Times are nanoseconds.
 */
public final class Answer implements AutoCloseable {
  private final List<Tensor> outputs;
  private final Memory memory;
  private final Use use;
  private final long queued;
  private final long batched;
  private final long ran;
  private final long rowsTogether;
  private long told;

  /** Memory that several answers of one run share. */
  static final class Memory {
    private final List<Slabs.Slab> slabs;
    private final AtomicInteger users;

    Memory(List<Slabs.Slab> slabs, int users) {
      this.slabs = slabs;
      this.users = new AtomicInteger(users);
    }

    void leave() {
      if (users.decrementAndGet() == 0) {
        slabs.forEach(Slabs.Slab::close);
      }
    }
  }

  Answer(
      List<Tensor> outputs,
      Memory memory,
      Use use,
      long queued,
      long batched,
      long ran,
      long rowsTogether) {
    this.outputs = outputs;
    this.memory = memory;
    this.use = use;
    this.queued = queued;
    this.batched = batched;
    this.ran = ran;
    this.rowsTogether = rowsTogether;
  }

  /** In the order that was asked for, or that of the graph. */
  public List<Tensor> outputs() {
    return outputs;
  }

  /** How long the call waited. */
  public long queuedNanos() {
    return queued;
  }

  /** How long it then took to lay rows together. */
  public long batchedNanos() {
    return batched;
  }

  /** How long the run took that it was part of. */
  public long runNanos() {
    return ran;
  }

  /** The rows of that run. */
  public long rowsTogether() {
    return rowsTogether;
  }

  /** The caller is told of it from now on. */
  void told() {
    told = System.nanoTime();
  }

  @Override
  public void close() {
    use.took(Use.Stage.RENDER, System.nanoTime() - told);
    memory.leave();
  }
}
