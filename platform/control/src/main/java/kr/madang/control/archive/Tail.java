package kr.madang.control.archive;

import java.time.Duration;
import java.util.Map;
import kr.madang.journal.Logged;
import kr.madang.journal.Reader;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/** The records of a part of a stream, up to its end. One thread. */
public final class Tail implements AutoCloseable {
  private final Reader reader;
  private final Span span;

  private Tail(Reader reader, Span span) {
    this.reader = reader;
    this.span = span;
  }

  /** Reads a stream that is there. */
  public static Tail of(Archive archive, String stream, Span span, BufferAllocator allocator) {
    String name = archive.stream(stream).name();
    return new Tail(archive.journal().read(Map.of(name, span.fromRow()), allocator), span);
  }

  /** The next record, whose batch is the caller's to close; null at the end. */
  public @Nullable Logged next() throws InterruptedException {
    while (true) {
      Logged next = end(reader);
      if (next == null) {
        return null;
      }
      if (next.sequence() >= span.untilRow()) {
        drop(next);
        return null;
      }
      boolean held =
          switch (next) {
            case Logged.Rows rows -> span.holds(rows.time());
            case Logged.Note note -> span.holds(note.time());
            case Logged.Gap _ -> true;
          };
      if (held) {
        return next;
      }
      drop(next);
    }
  }

  /** The next record of a journal to which nobody appends; null at its end. */
  static @Nullable Logged end(Reader reader) throws InterruptedException {
    while (true) {
      Logged next = reader.poll(Duration.ofMillis(100));
      if (next != null || reader.atEnd()) {
        return next;
      }
    }
  }

  private static void drop(Logged record) {
    if (record instanceof Logged.Rows rows) {
      rows.batch().close();
    }
  }

  @Override
  public void close() {
    reader.close();
  }
}
