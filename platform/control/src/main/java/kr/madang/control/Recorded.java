package kr.madang.control;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import kr.madang.journal.Journal;
import kr.madang.journal.JournalStream;
import kr.madang.journal.Logged;
import kr.madang.journal.Reader;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.BufferAllocator;

/**
 * The rows that the journal has of a stage, read and left as they are. Its batches are closed
 * before it. One thread.
 */
public final class Recorded implements AutoCloseable {
  private static final long MOST_BYTES = 256L << 20;

  private final long from;
  private final long upTo;
  private final BufferAllocator allocator;
  private final Reader reader;
  private long next;
  private long missing;

  Recorded(Journal journal, JournalStream stream, long from, BufferAllocator parent) {
    this.from = from;
    upTo = stream.forced();
    next = Math.max(from, stream.status().first());
    missing = next - from;
    allocator = parent.newChildAllocator("recorded " + stream.name(), 0, MOST_BYTES);
    boolean open = false;
    try {
      reader = journal.read(Map.of(stream.name(), next), allocator);
      open = true;
    } finally {
      if (!open) {
        allocator.close();
      }
    }
  }

  /** The next rows, which the caller closes, or empty if there are none after this time. */
  public Optional<Batch> poll(Duration atMost) throws InterruptedException {
    if (ended()) {
      return Optional.empty();
    }
    switch (reader.poll(reader.atEnd() ? Duration.ZERO : atMost)) {
      case Logged.Rows rows -> {
        next = rows.sequence() + rows.batch().rows();
        return rows.sequence() >= upTo ? none(rows.batch()) : part(rows.batch());
      }
      case Logged.Gap gap -> {
        missing += Math.max(0, gap.to() - Math.max(from, gap.sequence()));
        next = gap.to();
      }
      case Logged.Note _ -> {}
      case null -> {
        if (reader.atEnd()) {
          next = upTo;
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<Batch> none(Batch batch) {
    batch.close();
    return Optional.empty();
  }

  /** Without the rows before the first that is wanted. */
  private Optional<Batch> part(Batch batch) {
    int before = (int) Math.max(0, from - batch.sequence());
    if (before >= batch.rows()) {
      return none(batch);
    }
    if (before == 0) {
      return Optional.of(batch);
    }
    try (batch) {
      Batch held = batch.retain();
      try (Batch rest =
          Batch.of(
              batch.root().slice(before, batch.rows() - before),
              batch.dictionaries(),
              held::close)) {
        return Optional.of(rest.retainAs(batch.stream(), batch.epoch(), batch.sequence() + before));
      }
    }
  }

  /** Whether everything was given that was there when this was opened. */
  public boolean ended() {
    return next >= upTo;
  }

  /** Rows after the first that was wanted which are not there any more. */
  public long missing() {
    return missing;
  }

  @Override
  public void close() {
    reader.close();
    allocator.close();
  }
}
