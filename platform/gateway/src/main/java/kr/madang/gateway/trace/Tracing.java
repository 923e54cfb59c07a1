package kr.madang.gateway.trace;

import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import kr.madang.inference.StepRun;
import org.jspecify.annotations.Nullable;

/**
 * Decides which calls are traced. Where nothing is traced no class of OpenTelemetry is loaded, and
 * a call costs a look at one field. Any thread; never waits.
 */
public final class Tracing implements AutoCloseable {
  /** Spans of calls a second, whatever flags callers send. */
  static final int MOST_PER_SECOND = 500;

  private static final int TRACEPARENT = 55;

  private final @Nullable Spans spans;
  private final double sample;
  private final TraceSettings settings;
  private final AtomicLong second = new AtomicLong();
  private final LongAdder skipped = new LongAdder();

  private Tracing(@Nullable Spans spans, double sample) {
    this.spans = spans;
    this.sample = sample;
    this.settings = new TraceSettings(spans != null, sample);
  }

  /**
   * What became of spans.
   *
   * @param exported taken by the collector
   * @param failed that the collector did not take
   * @param dropped because too many waited for it
   * @param skipped calls that were not traced because there were too many a second
   */
  public record Figures(long exported, long failed, long dropped, long skipped) {}

  /** Traces nothing. */
  public static Tracing off() {
    return new Tracing(null, 0);
  }

  /**
   * Sends spans to a collector, if there is one; whether it is there shows later.
   *
   * @param version of the distribution
   * @param clock when the process began to trace
   * @param background runs what sends, to the end
   */
  public static Tracing open(
      Optional<Telemetry> telemetry, String version, InstantSource clock, Executor background) {
    return telemetry
        .map(to -> new Tracing(Spans.open(to, version, clock, background), to.sample()))
        .orElseGet(Tracing::off);
  }

  /** Whether anything is traced. */
  public boolean on() {
    return spans != null;
  }

  /** Share of what nobody else has decided on, as configured. */
  public double sample() {
    return sample;
  }

  /** Which calls are traced. */
  public TraceSettings settings() {
    return settings;
  }

  /**
   * A call has come in.
   *
   * @param door {@code http} or {@code grpc}
   * @param parent the header {@code traceparent}, if there is one
   * @param model that it names; empty if it cannot be read
   * @param began when, by {@code System.nanoTime()}
   * @return null for a call that is not traced
   */
  public @Nullable CallTrace begin(
      CallTrace.Door door, @Nullable String parent, String model, long began) {
    Spans to = spans;
    if (to == null) {
      return null;
    }
    Rule rule = settings.rule(model);
    if (!rule.on() || rule.quota().left() == 0) {
      return null;
    }
    String valid = parent != null && isValid(parent) ? parent : null;
    boolean wanted =
        valid != null
            ? (Character.digit(valid.charAt(TRACEPARENT - 1), 16) & 1) != 0
            : rule.pace().next();
    if (!wanted) {
      return null;
    }
    if (!admitted(System.nanoTime())) {
      skipped.increment();
      return null;
    }
    return rule.quota().take() ? new CallTrace(to, door, valid, began) : null;
  }

  /** So many in each second: the second's number and a count in one long. */
  private boolean admitted(long now) {
    long number = Math.floorDiv(now, 1_000_000_000L) & 0xffff_ffffL;
    while (true) {
      long seen = second.get();
      long count = seen >>> 32 == number ? seen & 0xffff_ffffL : 0;
      if (count >= MOST_PER_SECOND) {
        return false;
      }
      if (second.compareAndSet(seen, number << 32 | count + 1)) {
        return true;
      }
    }
  }

  /** {@code 00-TRACE-SPAN-FLAGS} as W3C has it; versions to come may have more behind it. */
  static boolean isValid(String parent) {
    if (parent.length() < TRACEPARENT
        || parent.length() > TRACEPARENT && parent.charAt(TRACEPARENT) != '-'
        || parent.startsWith("ff")
        || parent.startsWith("00") && parent.length() > TRACEPARENT) {
      return false;
    }
    boolean trace = false;
    boolean span = false;
    for (int i = 0; i < TRACEPARENT; i++) {
      char c = parent.charAt(i);
      if (i == 2 || i == 35 || i == 52) {
        if (c != '-') {
          return false;
        }
      } else if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
        return false;
      } else if (c != '0') {
        trace |= i > 2 && i < 35;
        span |= i > 35 && i < 52;
      }
    }
    return trace && span;
  }

  /** A step of a pipeline had its model run, and is among those that are traced. */
  public void step(StepRun run) {
    Spans to = spans;
    if (to != null) {
      to.step(run);
    }
  }

  /** What became of spans until now. */
  public Figures figures() {
    Spans to = spans;
    return to == null
        ? new Figures(0, 0, 0, 0)
        : new Figures(
            to.outbox().exported(), to.outbox().failed(), to.outbox().dropped(), skipped.sum());
  }

  @Override
  public void close() {
    Spans to = spans;
    if (to != null) {
      to.close();
    }
  }
}
