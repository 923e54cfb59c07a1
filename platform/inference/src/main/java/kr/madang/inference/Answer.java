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
  private final long queued;
  private final long ran;
  private final long rowsTogether;

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

  Answer(List<Tensor> outputs, Memory memory, long queued, long ran, long rowsTogether) {
    this.outputs = outputs;
    this.memory = memory;
    this.queued = queued;
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

  /** How long the run took that it was part of. */
  public long runNanos() {
    return ran;
  }

  /** The rows of that run. */
  public long rowsTogether() {
    return rowsTogether;
  }

  @Override
  public void close() {
    memory.leave();
  }
}
