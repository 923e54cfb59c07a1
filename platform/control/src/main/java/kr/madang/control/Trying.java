package kr.madang.control;

import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import kr.madang.control.Rollout.State;
import kr.madang.inference.CallFigures;
import kr.madang.inference.CallFigures.Snapshot;
import kr.madang.inference.LoadedModel;

/** A new version beside the old one, and the judgement on it. Any thread. */
final class Trying {
  private static final long ENOUGH_RUNS = 20;

  final String model;
  final String from;
  final Rollout.Wish wish;
  private final LoadedModel old;
  private final LoadedModel fresh;
  private final Snapshot before;
  private final long end;
  private State state = State.RUNNING;
  private String reason = "";

  Trying(String model, String from, LoadedModel old, LoadedModel fresh, Rollout.Wish wish) {
    this.model = model;
    this.from = from;
    this.old = old;
    this.fresh = fresh;
    this.wish = wish;
    this.before = fresh.figures().now();
    this.end = System.nanoTime() + wish.watch().toNanos();
  }

  /** Whether a call goes to the new version: by chance, or always the same for a key. */
  boolean takes(String key) {
    if (wish.share() >= 1) {
      return true;
    }
    if (key.isEmpty()) {
      return ThreadLocalRandom.current().nextDouble() < wish.share();
    }
    int spread = (model + "/" + key).hashCode() * 0x9E3779B9;
    return (spread >>> 8) / (double) (1 << 24) < wish.share();
  }

  /** Looks at the figures; whether it has come to its end by that. */
  synchronized boolean judge() {
    if (state != State.RUNNING) {
      return false;
    }
    double errors = errors();
    double usual = usualErrors();
    double slower = slower();
    if (runs() >= ENOUGH_RUNS && errors > wish.maxErrors() && errors > 2 * usual) {
      return back(
          "%.1f %% of its runs failed, %.1f %% of those of version %s; at most %.1f %% may"
              .formatted(errors * 100, usual * 100, from, wish.maxErrors() * 100));
    }
    if (slower > wish.maxSlower()) {
      return back(
          "its runs take %.1f times as long as those of version %s; at most %.1f times is wanted"
              .formatted(slower, from, wish.maxSlower()));
    }
    return System.nanoTime() - end >= 0 && promote();
  }

  /** Ends it well; false if it was at its end before. */
  synchronized boolean promote() {
    if (state != State.RUNNING) {
      return false;
    }
    state = State.PROMOTED;
    return true;
  }

  /** Ends it; false if it was at its end before. */
  synchronized boolean back(String why) {
    if (state != State.RUNNING) {
      return false;
    }
    state = State.ROLLED_BACK;
    reason = why;
    return true;
  }

  synchronized State state() {
    return state;
  }

  synchronized Rollout view() {
    return new Rollout(
        model,
        from,
        wish.version(),
        wish.share(),
        wish.watch(),
        wish.maxErrors(),
        wish.maxSlower(),
        state,
        reason,
        fresh.figures().now().succeeded() - before.succeeded(),
        errors(),
        slower());
  }

  private long runs() {
    Snapshot now = fresh.figures().now();
    return now.runs() - before.runs() + now.broken() - before.broken();
  }

  private double errors() {
    long all = runs();
    return all == 0 ? 0 : (fresh.figures().now().broken() - before.broken()) / (double) all;
  }

  private double usualErrors() {
    Snapshot now = old.figures().now();
    long all = now.runs() + now.broken();
    return all == 0 ? 0 : now.broken() / (double) all;
  }

  /** Compares runs of the same numbers of rows; 0 while there are too few of them. */
  private double slower() {
    Map<Long, CallFigures.Times> mine = fresh.figures().now().sizes();
    Map<Long, CallFigures.Times> theirs = old.figures().now().sizes();
    double took = 0;
    double usual = 0;
    long runs = 0;
    for (Map.Entry<Long, CallFigures.Times> size : mine.entrySet()) {
      CallFigures.Times known = theirs.get(size.getKey());
      CallFigures.Times earlier = before.sizes().get(size.getKey());
      long count = size.getValue().count() - (earlier == null ? 0 : earlier.count());
      long nanos = size.getValue().nanos() - (earlier == null ? 0 : earlier.nanos());
      if (known != null && known.count() >= ENOUGH_RUNS && count >= ENOUGH_RUNS) {
        runs += count;
        took += nanos;
        usual += count * (known.nanos() / (double) known.count());
      }
    }
    return runs == 0 ? 0 : took / usual;
  }
}
