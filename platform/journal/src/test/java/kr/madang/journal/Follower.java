package kr.madang.journal;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import kr.madang.journal.Expected.Item;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/** Reads on in a journal that is written, and compares what comes with what was told. */
final class Follower implements AutoCloseable {
  private final Expected expected;
  private final Map<String, Long> from = new HashMap<>();
  private final @Nullable Reader reader;
  private int readTo;

  /** Begins where the cursors are. */
  Follower(
      Journal journal, Collection<String> streams, Expected expected, BufferAllocator allocator) {
    this.expected = expected;
    Expected.State now = expected.now();
    for (String name : streams) {
      if (journal.find(name).isPresent()) {
        Expected.Places held = now.cursors().get(name);
        from.put(name, held == null ? 0 : Check.position(held));
      }
    }
    reader = from.isEmpty() ? null : journal.read(from, allocator);
  }

  /** Reads what is there. */
  void read(int most) throws InterruptedException {
    for (int i = 0; reader != null && i < most; i++) {
      Logged next = reader.poll(Duration.ZERO);
      if (next == null) {
        return;
      }
      if (next instanceof Logged.Gap gap && gap.to() <= released(gap.stream())) {
        // released since it began, and gone
        continue;
      }
      Check.Got got = Check.got(next);
      expected.forced(got.order());
      find(got);
    }
  }

  private void find(Check.Got got) {
    while (true) {
      if (readTo == expected.size()) {
        throw new AssertionError("read and never appended, or not here: " + got);
      }
      Item item = expected.item(readTo++);
      Long first = from.get(item.stream());
      if (first == null) {
        continue;
      }
      // rows that were released since it began may be left out
      long needed = Math.max(first, released(item.stream()));
      if (got.is(item, first) || got.is(item, Math.clamp(got.sequence(), first, needed))) {
        return;
      }
      if ((item.rows() == 0 ? item.sequence() : item.end()) > needed) {
        throw new AssertionError("read " + got + " and not " + item);
      }
    }
  }

  private long released(String stream) {
    Expected.Places held = expected.now().cursors().get(stream);
    return held == null ? 0 : Check.position(held);
  }

  /** That all of its streams was read. */
  void atEnd() {
    for (int i = readTo; i < expected.size(); i++) {
      Item item = expected.item(i);
      Long first = from.get(item.stream());
      if (first != null
          && (item.rows() == 0 ? item.sequence() : item.end())
              > Math.max(first, released(item.stream()))) {
        throw new AssertionError("forced and not read: " + item);
      }
    }
  }

  @Override
  public void close() {
    if (reader != null) {
      reader.close();
    }
  }
}
