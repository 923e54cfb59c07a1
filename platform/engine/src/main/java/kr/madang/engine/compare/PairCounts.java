package kr.madang.engine.compare;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Counts pairs of different values; of very many different ones only the first are told apart. */
final class PairCounts<T> {
  private static final int MOST = 1_000;

  private final Map<Key<T>, Count> counts = new HashMap<>();
  private long rows;

  void add(T a, T b, Row row) {
    rows++;
    Key<T> key = new Key<>(a, b);
    Count count = counts.get(key);
    if (count == null) {
      if (counts.size() >= MOST) {
        return;
      }
      count = new Count(counts.size(), Times.of(row));
      counts.put(key, count);
    }
    count.rows++;
  }

  /** All rows with a pair. */
  long rows() {
    return rows;
  }

  /** The most frequent pairs; equally frequent ones as they came. */
  <R> List<R> top(int most, Shape<T, R> shape) {
    return counts.entrySet().stream()
        .sorted(
            Comparator.comparingLong((Map.Entry<Key<T>, Count> e) -> -e.getValue().rows)
                .thenComparingInt(e -> e.getValue().order))
        .limit(most)
        .map(e -> shape.of(e.getKey().a, e.getKey().b, e.getValue().rows, e.getValue().first))
        .toList();
  }

  /** Makes what is shown of a pair. */
  @FunctionalInterface
  interface Shape<T, R> {
    R of(T a, T b, long rows, @Nullable Instant first);
  }

  private record Key<T>(T a, T b) {}

  private static final class Count {
    final int order;
    final @Nullable Instant first;
    long rows;

    Count(int order, @Nullable Instant first) {
      this.order = order;
      this.first = first;
    }
  }
}
