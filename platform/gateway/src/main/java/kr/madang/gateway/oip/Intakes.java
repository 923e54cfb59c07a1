package kr.madang.gateway.oip;

import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;

/**
 * Watches bodies that are on their way in: one that drips along slower than the least rate ends.
 * One timer for all of an event loop, since most bodies are there at once. Lives on that loop.
 */
final class Intakes {
  private static final long PERIOD_MILLIS = 100;

  private final Vertx vertx;
  private final Oip.Limits limits;
  private @Nullable Intake first;
  private long timer = -1;

  Intakes(Vertx vertx, Oip.Limits limits) {
    this.vertx = vertx;
    this.limits = limits;
  }

  /** A body on its way. */
  abstract static class Intake {
    private @Nullable Intake before;
    private @Nullable Intake after;
    private boolean in;
    private long began;

    /** Bytes that have come. */
    abstract long received();

    /** It takes too long; it has left already. */
    abstract void late(Refusal why);
  }

  void enter(Intake intake) {
    intake.began = System.nanoTime();
    intake.in = true;
    intake.after = first;
    if (first != null) {
      first.before = intake;
    }
    first = intake;
    if (timer < 0) {
      timer = vertx.setPeriodic(PERIOD_MILLIS, fired -> look());
    }
  }

  /** Its body is there, or not wanted any more; doing so twice is fine. */
  void leave(Intake intake) {
    if (!intake.in) {
      return;
    }
    intake.in = false;
    if (intake.before == null) {
      first = intake.after;
    } else {
      intake.before.after = intake.after;
    }
    if (intake.after != null) {
      intake.after.before = intake.before;
    }
    intake.before = null;
    intake.after = null;
  }

  private void look() {
    if (first == null) {
      vertx.cancelTimer(timer);
      timer = -1;
      return;
    }
    long now = System.nanoTime();
    for (Intake one = first; one != null; ) {
      Intake next = one.after;
      long millis = (now - one.began) / 1_000_000;
      if (millis > limits.grace().toMillis() + one.received() * 1_000 / limits.bytesPerSecond()) {
        leave(one);
        one.late(
            new Refusal(
                Status.TOO_SLOW,
                "after %d ms only %d bytes of the body have come; send at least %d bytes a second"
                    .formatted(millis, one.received(), limits.bytesPerSecond())));
      }
      one = next;
    }
  }
}
