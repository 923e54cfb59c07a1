package kr.madang.journal;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import kr.madang.journal.disk.SimDisk;
import org.jspecify.annotations.Nullable;

/** How a journal is set up, by a seed: small segments; some are compressed, some secret. */
final class Setup {
  private final boolean compress;
  private final Optional<byte[]> key;
  private final int first;
  private final AtomicReference<@Nullable Throwable> trouble = new AtomicReference<>();

  Setup(Random random) {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    compress = random.nextInt(4) == 0;
    key = random.nextInt(4) == 0 ? Optional.of(bytes) : Optional.empty();
    first = random.nextBoolean() ? 16 << 10 : 64 << 10;
  }

  /**
   * For one opening.
   *
   * @param patient whether commits wait for others
   */
  JournalOptions options(SimDisk disk, boolean patient) {
    return new JournalOptions(
        disk,
        () -> Instant.parse("2026-01-01T00:00:00Z"),
        task -> {
          Thread thread = new Thread(task, "journal");
          thread.setDaemon(true);
          thread.setUncaughtExceptionHandler((who, e) -> {
            if (!disk.stopped()) {
              trouble.compareAndSet(null, e);
            }
          });
          return thread;
        },
        16L << 20,
        64 << 10,
        first,
        128 << 10,
        patient ? Duration.ofMillis(1) : Duration.ZERO,
        compress,
        key);
  }

  /** That no thread of a journal ended by an error of its own. */
  void untroubled() {
    Throwable thrown = trouble.get();
    if (thrown != null) {
      throw new AssertionError("a thread of the journal has ended", thrown);
    }
  }
}
