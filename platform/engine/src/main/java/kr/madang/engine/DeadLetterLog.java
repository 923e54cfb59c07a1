package kr.madang.engine;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import kr.madang.journal.Appended;
import kr.madang.journal.Entry;
import kr.madang.journal.JournalStream;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.ErrorCode;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps rejected rows in the journal, a stream for each stage. Its memory is not the pipeline's,
 * which may be used up. Safe for any thread.
 */
final class DeadLetterLog implements Rejects {
  private static final Logger LOG = LoggerFactory.getLogger(DeadLetterLog.class);
  private static final long RECORD_BYTES = 4L << 20;
  private static final long AGAIN = Duration.ofSeconds(10).toNanos();
  private static final int ROWS = 4096;
  private static final int TEXT = 4096;

  private final Supplier<Streams> streams;
  private final BufferAllocator allocator;
  private final InstantSource clock;
  private final Map<String, Long> counted = new HashMap<>();
  private long unkept;
  private long tryAgain;

  DeadLetterLog(Supplier<Streams> streams, BufferAllocator allocator, InstantSource clock) {
    this.streams = streams;
    this.allocator = allocator;
    this.clock = clock;
  }

  /**
   * The rows of a stage that were rejected so far, when a state is restored that is older than its
   * letters: what it rejects again up to the last of them is not kept twice.
   */
  synchronized void counted(String stage, long rows) {
    counted.put(stage, rows);
  }

  /** How many rows of a stage were rejected, also those that were kept before. */
  synchronized long counted(String stage) {
    Long rows = counted.get(stage);
    return rows == null ? 0 : rows;
  }

  @Override
  public void keep(
      Account account,
      String stage,
      Batch batch,
      BitSet rows,
      ErrorCode code,
      String why,
      int attempts) {
    int[] chosen = rows.get(0, batch.rows()).stream().toArray();
    account.rejected(chosen.length);
    long rowBytes = Math.max(1, Footprint.of(batch) / Math.max(1, batch.rows()));
    int most = Math.clamp(RECORD_BYTES / rowBytes, 1, ROWS);
    for (int from = 0; from < chosen.length; from += most) {
      keep(
          stage,
          batch,
          Arrays.copyOfRange(chosen, from, Math.min(chosen.length, from + most)),
          code,
          why,
          attempts);
    }
  }

  private synchronized void keep(
      String stage, Batch batch, int[] rows, ErrorCode code, String why, int attempts) {
    if (counts(stage, rows.length) || waits(rows.length)) {
      return;
    }
    String text = "";
    try {
      text = RowText.of(batch, rows, TEXT);
      try (Batch picked = Picked.rows(batch, rows, allocator)) {
        write(entry(stage, picked, rows.length, letter(batch, rows, code, why, attempts, text)));
      }
    } catch (RuntimeException e) {
      LOG.warn("rejected rows of {} are kept as text only: {}", stage, e.toString());
      tryText(stage, rows.length, letter(batch, rows, code, why, attempts, text));
    }
  }

  @Override
  public void keepText(Account account, String stage, String row, String why) {
    account.begin(1);
    account.rejected(1);
    synchronized (this) {
      if (!counts(stage, 1) && !waits(1)) {
        tryText(stage, 1, letter(row, why));
      }
    }
  }

  /** One row that never became part of a batch, to be appended together with something else. */
  Entry text(String stage, String row, String why) {
    return entry(stage, null, 1, letter(row, why));
  }

  private Letter letter(String row, String why) {
    String text = row.length() > TEXT ? row.substring(0, TEXT) : row;
    return new Letter(
        clock.instant(), ErrorCode.BAD_DATA.name(), why, 1, "", 0, 0, new int[0], text);
  }

  private Letter letter(
      Batch batch, int[] rows, ErrorCode code, String why, int attempts, String text) {
    return new Letter(
        clock.instant(),
        code.name(),
        why,
        attempts,
        batch.stream(),
        batch.epoch(),
        batch.sequence() + rows[0],
        Arrays.stream(rows).map(row -> row - rows[0]).toArray(),
        text);
  }

  private Entry entry(String stage, @Nullable Batch batch, int rows, Letter letter) {
    return new Entry(streams.get().rejected(stage), batch, rows, letter.encode());
  }

  /** Counts rows; true if they were kept before. */
  private boolean counts(String stage, int rows) {
    Long before = counted.get(stage);
    if (before == null) {
      return false;
    }
    counted.put(stage, before + rows);
    JournalStream stream = streams.get().rejected(stage);
    return before + rows <= stream.next();
  }

  private void tryText(String stage, int rows, Letter letter) {
    try {
      write(entry(stage, null, rows, letter));
    } catch (RuntimeException e) {
      failed(rows, e.toString());
    }
  }

  private void write(Entry entry) {
    Appended done = streams.get().journal().append(List.of(entry), Duration.ZERO);
    if (done.outcome() != Appended.Outcome.TAKEN) {
      failed(entry.rows(), "the journal is full");
    } else if (unkept > 0) {
      LOG.warn("rejected rows are kept again; {} were not", unkept);
      unkept = 0;
    }
  }

  /** A store that cannot be written must not stop the stream; the count stays right. */
  private void failed(int rows, String why) {
    if (unkept == 0) {
      LOG.error("rejected rows cannot be kept: {}", why);
    }
    unkept += rows;
    tryAgain = System.nanoTime() + AGAIN;
  }

  private boolean waits(int rows) {
    boolean waits = unkept > 0 && System.nanoTime() - tryAgain < 0;
    if (waits) {
      unkept += rows;
    }
    return waits;
  }
}
