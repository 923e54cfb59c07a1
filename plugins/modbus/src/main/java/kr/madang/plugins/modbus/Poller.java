package kr.madang.plugins.modbus;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * Asks all requests of a plan, one after the other, and keeps a fault where it belongs: a request
 * that is refused for some of its registers is split until only those are Bad, and a unit behind a
 * gateway that is silent does not take the others with it.
 */
final class Poller {
  private static final long REFUSED_PAUSE = Duration.ofSeconds(10).toNanos();
  private static final long LONGEST_SILENCE = Duration.ofSeconds(30).toNanos();
  private static final int TAGS_SHOWN = 5;
  private static final String SILENCE = "no answer from this unit in time";

  private final List<Ask> asks = new ArrayList<>();
  private final Unit[] units;
  private final Connection connection;
  private final Duration timeout;
  private final Duration shortTimeout;
  private final LongSupplier nanos;
  private final Logger logger;
  private final String target;

  Poller(
      List<Request> plan,
      Connection connection,
      String target,
      Duration timeout,
      LongSupplier nanos,
      Logger logger) {
    Map<Integer, Unit> known = new TreeMap<>();
    for (Request request : plan) {
      asks.add(new Ask(request, known.computeIfAbsent(request.unitId(), Unit::new)));
    }
    units = known.values().toArray(Unit[]::new);
    this.connection = connection;
    this.target = target;
    this.timeout = timeout;
    // After one silence the others share one more time-out, so that a stalled device is found soon.
    shortTimeout = units.length < 2 ? timeout : timeout.dividedBy(units.length - 1);
    this.nanos = nanos;
    this.logger = logger;
  }

  /** One round. Each point gets exactly one outcome, unless the connection turns out useless. */
  void round(Outcome out) throws InterruptedException {
    long began = nanos.getAsLong();
    awakeIfAllSilent(began);
    int answers = 0;
    boolean quiet = false;
    for (int i = 0; i < asks.size(); i++) {
      Ask ask = asks.get(i);
      if (ask.unit.silentAt(began)) {
        out.bad(ask.request, Quality.BAD_TIMEOUT, SILENCE);
        continue;
      }
      Refusal before = ask.refusalAt(began);
      if (before != null) {
        out.bad(ask.request, before.status(), before.why());
        continue;
      }
      int result = connection.exchange(ask.request, quiet ? shortTimeout : timeout);
      quiet = result == Connection.SILENT;
      if (quiet) {
        silent(ask);
        out.bad(ask.request, Quality.BAD_TIMEOUT, SILENCE);
        continue;
      }
      answers++;
      ask.unit.answered();
      if (result == Connection.ANSWERED) {
        answered(ask);
        out.good(ask.request, connection.answer(), connection.data());
        continue;
      }
      Refusal refusal = Refusal.of(result);
      if (refusal.byAddress() && ask.request.divisible()) {
        if (nanos.getAsLong() - began < timeout.toNanos()) {
          split(i--, refusal);
          continue;
        }
      } else if (refusal.byAddress()) {
        ask.refused(refusal, nanos.getAsLong() + REFUSED_PAUSE);
      }
      tell(ask, refusal);
      out.bad(ask.request, refusal.status(), refusal.why());
    }
    // A round of nothing but recent refusals asked nobody, and proves nothing.
    if (answers == 0 && quiet) {
      throw noAnswer(units.length == 1 ? "the device" : "any of its units");
    }
  }

  private void awakeIfAllSilent(long now) {
    for (Unit unit : units) {
      if (!unit.silentAt(now)) {
        return;
      }
    }
    for (Unit unit : units) {
      unit.awake();
    }
  }

  private void silent(Ask ask) {
    if (units.length == 1) {
      throw noAnswer("the device to " + ask.request);
    }
    if (ask.unit.silences == 0) {
      logger.warn(
          "{}: unit {} does not answer within {}; its tags are Bad, it is asked again now and then",
          target,
          ask.unit.id,
          Connection.text(timeout));
    }
    ask.unit.silent(nanos.getAsLong(), timeout.toNanos());
  }

  private PluginException noAnswer(String whose) {
    return new PluginException(
        ErrorCode.TIMEOUT,
        "%s: no answer from %s within %s; check that it runs, and unitId"
            .formatted(target, whose, Connection.text(timeout)));
  }

  /** Says once which tags the device refuses; they stay Bad for as long as it does. */
  private void tell(Ask ask, Refusal refusal) {
    if (!refusal.equals(ask.told)) {
      ask.told = refusal;
      logger.warn(
          "{}: {} refused ({}); Bad: {}; check table, address and unitId",
          target,
          ask.request,
          refusal.why(),
          ask.tags());
    }
  }

  private void answered(Ask ask) {
    if (ask.told != null) {
      ask.told = null;
      logger.info("{}: {} answers now", target, ask.request);
    }
  }

  private void split(int index, Refusal refusal) {
    Ask ask = asks.get(index);
    logger.info("{}: {} refused ({}), asking in two parts", target, ask.request, refusal.why());
    List<Request> parts = ask.request.split();
    asks.set(index, new Ask(parts.getFirst(), ask.unit));
    asks.add(index + 1, new Ask(parts.getLast(), ask.unit));
  }

  /** A request with the memory of its last refusal. */
  private static final class Ask {
    private final Request request;
    private final Unit unit;
    private @Nullable Refusal refusal;
    private @Nullable Refusal told;
    private long until;

    private Ask(Request request, Unit unit) {
      this.request = request;
      this.unit = unit;
    }

    private String tags() {
      List<Point> points = request.points();
      String first =
          points.stream().limit(TAGS_SHOWN).map(Point::tag).collect(Collectors.joining(", "));
      return points.size() > TAGS_SHOWN
          ? first + " and " + (points.size() - TAGS_SHOWN) + " more"
          : first;
    }

    /** An unknown address stays so for long: asking for each in each round would only cost. */
    private void refused(Refusal why, long until) {
      refusal = why;
      this.until = until;
    }

    private @Nullable Refusal refusalAt(long now) {
      if (refusal != null && now - until >= 0) {
        refusal = null;
      }
      return refusal;
    }
  }

  /** A unit behind the connection, asked less and less often while it is silent. */
  private static final class Unit {
    private final int id;
    private int silences;
    private boolean resting;
    private long until;

    private Unit(int id) {
      this.id = id;
    }

    private boolean silentAt(long now) {
      if (resting && now - until >= 0) {
        resting = false;
      }
      return resting;
    }

    private void silent(long now, long timeout) {
      until = now + Math.min(LONGEST_SILENCE, timeout << Math.min(silences, 10));
      silences++;
      resting = true;
    }

    private void awake() {
      resting = false;
    }

    private void answered() {
      silences = 0;
    }
  }
}
