package kr.madang.inference;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Native memory for the tensors of calls: bounded, and used again. Any thread. */
public final class Slabs implements AutoCloseable {
  private static final int SMALLEST = 12;
  private static final int LARGEST_KEPT = 20;
  private static final int KEPT = 64;

  private final long most;
  private final AtomicLong taken = new AtomicLong();
  private final Kept[] kept = new Kept[LARGEST_KEPT - SMALLEST + 1];
  private volatile boolean closed;

  private static final class Kept {
    final ConcurrentLinkedDeque<Slab> slabs = new ConcurrentLinkedDeque<>();
    final AtomicInteger count = new AtomicInteger();
  }

  /** No more bytes than that in use at once. */
  Slabs(long most) {
    this.most = most;
    for (int i = 0; i < kept.length; i++) {
      kept[i] = new Kept();
    }
  }

  /** A piece of native memory; whoever has it closes it, once. */
  public final class Slab implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment memory;
    private final ByteBuffer buffer;
    private final int size;
    private boolean out;

    private Slab(int size, long bytes) {
      this.size = size;
      memory = arena.allocate(bytes, 64);
      buffer = memory.asByteBuffer().order(ByteOrder.nativeOrder());
    }

    /** All of it, at least as large as asked for, in the byte order of the machine. */
    public ByteBuffer buffer() {
      return buffer;
    }

    /** A part of it. */
    public ByteBuffer part(int from, int bytes) {
      return buffer.slice(from, bytes).order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
      synchronized (this) {
        if (!out) {
          return;
        }
        out = false;
      }
      taken.addAndGet(-memory.byteSize());
      if (size <= LARGEST_KEPT && !closed) {
        Kept home = kept[size - SMALLEST];
        if (home.count.incrementAndGet() <= KEPT) {
          home.slabs.push(this);
          return;
        }
        home.count.decrementAndGet();
      }
      arena.close();
    }
  }

  /**
   * Takes memory whose content is whatever was there before.
   *
   * @throws PluginException EXHAUSTED when too much is in use
   */
  public Slab take(long bytes) {
    int size = Math.max(SMALLEST, 64 - Long.numberOfLeadingZeros(Math.max(1, bytes) - 1));
    long real = size <= LARGEST_KEPT ? 1L << size : bytes;
    if (real > Integer.MAX_VALUE) {
      throw new PluginException(
          ErrorCode.EXHAUSTED, "a tensor of %,d bytes is larger than 2 GiB".formatted(bytes));
    }
    if (taken.addAndGet(real) > most) {
      taken.addAndGet(-real);
      throw new PluginException(
          ErrorCode.EXHAUSTED,
          "%,d bytes for tensors are in use of %,d that may be, %,d more are not there; try again later or send less at once"
              .formatted(taken.get(), most, real));
    }
    Slab slab = null;
    if (size <= LARGEST_KEPT) {
      Kept home = kept[size - SMALLEST];
      slab = home.slabs.poll();
      if (slab != null) {
        home.count.decrementAndGet();
      }
    }
    try {
      if (slab == null) {
        slab = new Slab(size, real);
      }
    } catch (OutOfMemoryError e) {
      taken.addAndGet(-real);
      throw new PluginException(
          ErrorCode.EXHAUSTED, "%,d bytes for a tensor are not there".formatted(real), e);
    }
    slab.out = true;
    return slab;
  }

  /** Bytes that may be in use at once. */
  public long most() {
    return most;
  }

  /** Bytes that are in use. */
  public long taken() {
    return taken.get();
  }

  @Override
  public void close() {
    closed = true;
    for (Kept home : kept) {
      for (Slab slab = home.slabs.poll(); slab != null; slab = home.slabs.poll()) {
        slab.arena.close();
      }
    }
  }
}
