package kr.madang.control;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import kr.madang.control.Rollout.Mode;
import kr.madang.control.Rollout.Stage;
import kr.madang.control.Rollout.State;
import kr.madang.inference.Call;
import kr.madang.inference.CallFigures;
import kr.madang.inference.Comparison;
import kr.madang.inference.Inference;
import kr.madang.inference.LoadedModel;
import kr.madang.inference.Reply;
import kr.madang.inference.Shadow;
import org.jspecify.annotations.Nullable;

/** A new version beside the old one, stage by stage, and the judgement on it. Any thread. */
final class Trying implements Onlooker {
  final String model;
  final String from;
  final Rollout.Wish wish;
  final Caller by;
  private final LoadedModel old;
  private final LoadedModel fresh;
  private final InstantSource clock;
  private final @Nullable Shadow shadow;
  private volatile Stage stage;
  private volatile State state = State.RUNNING;
  private volatile Comparison comparison;
  private CallFigures.Snapshot oldBefore;
  private CallFigures.Snapshot freshBefore;
  private Instant since;
  private long end;
  private String reason = "";

  Trying(
      String model,
      String from,
      Caller by,
      LoadedModel old,
      LoadedModel fresh,
      Rollout.Wish wish,
      Stage stage,
      Inference inference,
      InstantSource clock) {
    this.model = model;
    this.from = from;
    this.by = by;
    this.old = old;
    this.fresh = fresh;
    this.wish = wish;
    this.clock = clock;
    this.stage = stage;
    this.comparison = compared();
    this.shadow =
        stage == Stage.SHADOW ? inference.shadow(old, fresh, wish.copies(), comparison) : null;
    this.oldBefore = old.figures().now();
    this.freshBefore = fresh.figures().now();
    this.since = clock.instant();
    this.end = System.nanoTime() + wish.watch().toNanos();
  }

  private Comparison compared() {
    return new Comparison(old.outputs(), wish.tolerance(), wish.tolerances());
  }

  /** Runs copies of calls on this thread until the shadow is over. */
  void shadowed() throws InterruptedException {
    if (shadow != null) {
      shadow.work();
    }
  }

  /** Whether a call goes to the new version: by chance, or always the same for a key. */
  boolean takes(String key) {
    if (state != State.RUNNING || stage != Stage.CANARY) {
      return false;
    }
    if (wish.share() >= 1) {
      return true;
    }
    if (key.isEmpty()) {
      return ThreadLocalRandom.current().nextDouble() < wish.share();
    }
    int spread = (model + "/" + key).hashCode() * 0x9E3779B9;
    return (spread >>> 8) / (double) (1 << 24) < wish.share();
  }

  @Override
  public Reply over(String version, String key, Call call, Reply reply) {
    if (state != State.RUNNING) {
      return reply;
    }
    if (stage == Stage.SHADOW) {
      Shadow known = shadow;
      return known != null && version.equals(from) ? known.copying(call, reply) : reply;
    }
    // keys part the callers, so that both versions see other lines and assets
    return key.isEmpty() ? looking(version.equals(wish.version()), reply) : reply;
  }

  private Reply looking(boolean isFresh, Reply reply) {
    return comparison.looking(isFresh, reply);
  }

  /** Looks at the figures; whether its stage or its state has changed by that. */
  synchronized boolean judge() {
    if (state != State.RUNNING) {
      return false;
    }
    if (fresh.closed()) {
      return back("version " + wish.version() + " was unloaded, or its plugin stopped");
    }
    Rollout.Seen seen = seen();
    Optional<String> against =
        Judgement.against(from, wish, stage, seen, usual(), comparison.figures(), failure());
    if (against.isPresent()) {
      return back(against.get());
    }
    if (System.nanoTime() - end < 0) {
      return false;
    }
    if (stage == Stage.CANARY) {
      return promote();
    }
    Optional<String> thin = Judgement.thin(seen);
    if (thin.isPresent() && wish.mode() == Mode.SHADOW_THEN_CANARY) {
      return back(thin.get());
    }
    return wish.mode() == Mode.SHADOW ? ends(State.COMPARED, "") : canary();
  }

  private boolean canary() {
    comparison = compared();
    oldBefore = old.figures().now();
    freshBefore = fresh.figures().now();
    since = clock.instant();
    end = System.nanoTime() + wish.watch().toNanos();
    stage = Stage.CANARY;
    closeShadow();
    return true;
  }

  /** Ends it well; false if it was at its end before. */
  boolean promote() {
    return ends(State.PROMOTED, "");
  }

  /** Ends it; false if it was at its end before. */
  boolean back(String why) {
    return ends(State.ROLLED_BACK, why);
  }

  private synchronized boolean ends(State as, String why) {
    if (state != State.RUNNING) {
      return false;
    }
    reason = why;
    state = as;
    closeShadow();
    return true;
  }

  /** Runs no more copies. */
  void closeShadow() {
    if (shadow != null) {
      shadow.close();
    }
  }

  Stage stage() {
    return stage;
  }

  State state() {
    return state;
  }

  synchronized Rollout view() {
    return new Rollout(model, from, wish, stage, state, reason, since, Optional.empty(), seen());
  }

  private Rollout.Seen seen() {
    Comparison.Figures figures = comparison.figures();
    double unsound =
        figures.freshRows() == 0 ? 0 : figures.freshUnsound() / (double) figures.freshRows();
    if (stage == Stage.SHADOW && shadow != null) {
      Shadow.Figures run = shadow.figures();
      return new Rollout.Seen(
          run.runs() - run.failed(),
          run.runs(),
          run.dropped(),
          run.runs() == 0 ? 0 : run.failed() / (double) run.runs(),
          unsound,
          run.oldMedian() == 0 ? 0 : run.freshMedian() / (double) run.oldMedian(),
          figures.compared(),
          figures.agreement(),
          figures.shift(),
          run.oldMedian() / 1e3,
          run.oldTail() / 1e3,
          run.freshMedian() / 1e3,
          run.freshTail() / 1e3,
          figures.outputs());
    }
    CallFigures.Snapshot now = fresh.figures().now();
    return new Rollout.Seen(
        now.succeeded() - freshBefore.succeeded(),
        Judgement.runs(freshBefore, now),
        0,
        Judgement.errors(freshBefore, now),
        unsound,
        Judgement.slower(freshBefore, now, old.figures().now()),
        figures.compared(),
        figures.agreement(),
        figures.shift(),
        0,
        0,
        0,
        0,
        figures.outputs());
  }

  /** The share of failed runs of the old version: lately, or ever where it has run too few. */
  private double usual() {
    CallFigures.Snapshot now = old.figures().now();
    return Judgement.runs(oldBefore, now) >= Judgement.ENOUGH_RUNS
        ? Judgement.errors(oldBefore, now)
        : now.runs() + now.broken() == 0 ? 0 : now.broken() / (double) (now.runs() + now.broken());
  }

  private String failure() {
    return shadow == null ? "" : shadow.figures().failure();
  }
}
