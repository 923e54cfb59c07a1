package kr.madang.journal;

import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How far a reader is in one stream. */
final class Following {
  final String name;

  /** The next row wanted. */
  long expected;

  long epoch;

  /** Whether something damaged was passed since the stream was seen last. */
  boolean passedDamage;

  @Nullable SchemaIn schema;
  int schemaNumber = -1;
  long schemaSegment = -1;

  Following(String name, long expected) {
    this.name = name;
    this.expected = expected;
  }

  /** The stream as the log has it now; null if there is none. */
  @Nullable JournalStream stream(Log log) {
    return log.streams.get(name);
  }

  /** Goes on to a number; what lies between becomes gaps, by what is known of it. */
  void advance(Log log, long to, Deque<Logged> into) {
    advance(log, to, passedDamage ? Gone.DAMAGED : Gone.MISSING, into);
  }

  /** The same, with what it is called if nothing is known of it. */
  void advance(Log log, long to, String rest, Deque<Logged> into) {
    if (to <= expected) {
      return;
    }
    JournalStream stream = stream(log);
    for (Gone gone : pieces(log, stream, to, rest)) {
      into.add(new Logged.Gap(name, epoch, gone.from(), gone.to(), gone.cause()));
    }
    expected = to;
  }

  private List<Gone> pieces(Log log, @Nullable JournalStream stream, long to, String rest) {
    List<Gone> pieces = new ArrayList<>();
    List<Gone> known;
    log.lock.lock();
    try {
      known = stream == null ? List.of() : new ArrayList<>(stream.gaps);
    } finally {
      log.lock.unlock();
    }
    known.sort((a, b) -> Long.compare(a.from(), b.from()));
    long at = expected;
    for (Gone gone : known) {
      if (gone.to() <= at || gone.from() >= to) {
        continue;
      }
      if (gone.from() > at) {
        pieces.add(new Gone(at, gone.from(), rest));
        at = gone.from();
      }
      long end = Math.min(gone.to(), to);
      pieces.add(new Gone(at, end, gone.cause()));
      at = end;
    }
    if (at < to) {
      pieces.add(new Gone(at, to, rest));
    }
    Log.Lost lost = log.lost;
    if (lost != null && stream != null) {
      for (Gone piece : pieces) {
        if (piece.cause().equals(Gone.DAMAGED)) {
          lost.found(stream, piece.from(), piece.to());
        }
      }
    }
    return pieces;
  }

  void close() {
    SchemaIn held = schema;
    schema = null;
    if (held != null) {
      held.close();
    }
  }
}
