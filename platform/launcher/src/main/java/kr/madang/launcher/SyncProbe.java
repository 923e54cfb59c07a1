package kr.madang.launcher;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import kr.madang.launcher.Ground.Kind;

/**
 * How long the disk takes to say that it has something.
 *
 * @param median of forced writes of 4 KiB, nanoseconds
 * @param slow 99 of 100 take at most so long, nanoseconds
 * @param rate of a long forced write, bytes a second
 */
record SyncProbe(long median, long slow, double rate) {
  /** A flush through bus, controller and medium takes longer than this on any honest disk. */
  private static final long IMPLAUSIBLE = 50_000;

  private static final int WRITES = 50;
  private static final int BLOCK = 4 << 10;
  private static final int CHUNK = 1 << 20;
  private static final int CHUNKS = 32;

  /** Measures in a folder, as the journal writes: into room that was made before. */
  static SyncProbe in(Path folder) throws IOException {
    Path file = Files.createTempFile(folder, "sync-probe-", ".tmp");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
      long start = System.nanoTime();
      for (int i = 0; i < CHUNKS; i++) {
        write(channel, chunk.clear(), (long) i * CHUNK);
      }
      channel.force(true);
      double seconds = Math.max(1, System.nanoTime() - start) / 1e9;
      ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
      long[] took = new long[WRITES];
      for (int i = 0; i < WRITES; i++) {
        block.clear().putInt(0, i);
        long before = System.nanoTime();
        write(channel, block, (long) i * BLOCK);
        channel.force(false);
        took[i] = System.nanoTime() - before;
      }
      return of(took, (double) CHUNKS * CHUNK / seconds);
    } finally {
      Files.deleteIfExists(file);
    }
  }

  static SyncProbe of(long[] took, double rate) {
    long[] sorted = took.clone();
    Arrays.sort(sorted);
    int slow = (int) Math.ceil(sorted.length * 0.99) - 1;
    return new SyncProbe(sorted[sorted.length / 2], sorted[slow], rate);
  }

  private static void write(FileChannel channel, ByteBuffer from, long position)
      throws IOException {
    long at = position;
    while (from.hasRemaining()) {
      at += channel.write(from, at);
    }
  }

  /** What is wrong with these figures; empty if they can be believed. */
  Optional<String> suspicion(Kind kind) {
    return kind == Kind.MEMORY || median >= IMPLAUSIBLE
        ? Optional.empty()
        : Optional.of(
            "the disk, or its controller, seems to say done before it is: a write cache that does not"
                + " outlive a power cut loses rows then; make it write through, or make sure that it"
                + " has a battery or capacitors of its own");
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "a forced write of 4 KiB takes %.3f ms (median), %.3f ms (99 of 100); %.0f MiB/s in a row",
        median / 1e6,
        slow / 1e6,
        rate / (1 << 20));
  }
}
