package kr.madang.inference;

import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Content that all good batches have in common: bitmaps of ones, statuses of zero. Made once for
 * the largest batch; every batch holds it as its own.
 */
final class SharedBuffers implements AutoCloseable {
  private final BufferAllocator allocator;
  private @Nullable ArrowBuf ones;
  private @Nullable ArrowBuf zeros;

  SharedBuffers(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /** A bitmap with at least so many bits, all set; not to be written or closed. */
  ArrowBuf ones(long bits) {
    ArrowBuf current = ones;
    if (current == null || current.capacity() * 8 < bits) {
      ones = null;
      current = replace(current, (bits + 7) / 8);
      current.setOne(0, current.capacity());
      ones = current;
    }
    return current;
  }

  /** At least so many bytes of zero; not to be written or closed. */
  ArrowBuf zeros(long bytes) {
    ArrowBuf current = zeros;
    if (current == null || current.capacity() < bytes) {
      zeros = null;
      current = replace(current, bytes);
      current.setZero(0, current.capacity());
      zeros = current;
    }
    return current;
  }

  private ArrowBuf replace(@Nullable ArrowBuf old, long bytes) {
    if (old != null) {
      old.close();
    }
    return allocator.buffer(Math.max(64, bytes));
  }

  @Override
  public void close() {
    if (ones != null) {
      ones.close();
      ones = null;
    }
    if (zeros != null) {
      zeros.close();
      zeros = null;
    }
  }
}
