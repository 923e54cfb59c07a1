package kr.madang.plugins.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.error.PluginException;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadResult;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRawModifiedDetails;
import org.slf4j.Logger;

/** Reads what a server recorded while nobody listened, page by page and never without end. */
final class Backfill {
  private static final int PAGE = 1_000;
  private static final long MOST_ROWS = 10_000_000;
  private static final int MOST_IDLE_PAGES = 3;
  private static final int NAMED = 5;

  private final Server server;
  private final Outlet out;
  private final Logger log;

  Backfill(Server server, Outlet out, Logger log) {
    this.server = server;
    this.out = out;
    this.log = log;
  }

  /** How far a tag has come. */
  private static final class Course {
    final Target target;
    ByteString point = ByteString.NULL_VALUE;
    long last = SampleWriter.NO_TIME;
    long rows;
    int idle;
    boolean done;

    Course(Target target) {
      this.target = target;
    }
  }

  /** Fills the time from one instant to another for all targets that have a history. */
  void fill(List<Target> targets, Instant from, Instant to) throws InterruptedException {
    List<Target> able =
        targets.stream().filter(it -> it.hasHistory() && it.problem() == 0).toList();
    long rows = 0;
    List<String> failures = new ArrayList<>();
    for (int at = 0; at < able.size() && !out.stopping(); at += server.limits().history()) {
      List<Course> courses =
          able.subList(at, Math.min(able.size(), at + server.limits().history())).stream()
              .map(Course::new)
              .toList();
      rows += fill(courses, from, to, failures);
    }
    if (!failures.isEmpty()) {
      log.warn(
          "backfill from {} to {} is not whole: {}{}",
          from,
          to,
          String.join("; ", failures.subList(0, Math.min(NAMED, failures.size()))),
          failures.size() > NAMED ? " and " + (failures.size() - NAMED) + " more" : "");
    }
    log.info(
        "backfill from {} to {}: {} rows of {} tags, {} tags without history",
        from,
        to,
        rows,
        able.size(),
        targets.size() - able.size());
  }

  private long fill(List<Course> courses, Instant from, Instant to, List<String> failures)
      throws InterruptedException {
    List<Course> open = new ArrayList<>(courses);
    try {
      while (!open.isEmpty() && !out.stopping()) {
        turn(open, from, to, failures);
        open.removeIf(it -> it.done);
      }
    } finally {
      release(open, from, to);
    }
    return courses.stream().mapToLong(it -> it.rows).sum();
  }

  private void turn(List<Course> open, Instant from, Instant to, List<String> failures)
      throws InterruptedException {
    HistoryReadResult[] results = ask(open, from, to, false);
    for (int i = 0; i < results.length; i++) {
      Course course = open.get(i);
      String tag = course.target.item().tag();
      int status = Faults.code(results[i].getStatusCode());
      if (kr.madang.sdk.batch.Quality.isBad(status)) {
        course.point = ByteString.NULL_VALUE;
        course.done = true;
        if ((status & 0xFFFF_0000L) != StatusCodes.Bad_NoData) {
          failures.add(tag + ": " + Faults.name(status));
        }
        continue;
      }
      Outlet.Page page = out.history(course.target, results[i].getHistoryData());
      course.rows += page.rows();
      boolean moved = page.rows() > 0 && page.last() > course.last;
      course.idle = moved ? 0 : course.idle + 1;
      if (moved) {
        course.last = page.last();
        course.target.filledUpTo(Math.max(course.target.filledUpTo(), course.last));
      }
      ByteString point = results[i].getContinuationPoint();
      course.point = point == null ? ByteString.NULL_VALUE : point;
      if (course.point.isNullOrEmpty()) {
        course.done = true;
      } else if (course.rows > MOST_ROWS || course.idle >= MOST_IDLE_PAGES) {
        failures.add(
            tag + ": the server goes on without end, stopped after " + course.rows + " rows");
        release(List.of(course), from, to);
        course.done = true;
      }
    }
  }

  private HistoryReadResult[] ask(List<Course> open, Instant from, Instant to, boolean release)
      throws InterruptedException {
    ExtensionObject details =
        ExtensionObject.encode(
            server.session().wire().encoding(),
            new ReadRawModifiedDetails(
                false,
                new DateTime(Ticks.of(from)),
                new DateTime(Ticks.of(to)),
                uint(PAGE),
                false));
    HistoryReadValueId[] nodes =
        open.stream()
            .map(it ->
                new HistoryReadValueId(
                    Objects.requireNonNull(it.target.id().orElse(null)),
                    it.target.item().range().orElse(null),
                    QualifiedName.NULL_VALUE,
                    it.point))
            .toArray(HistoryReadValueId[]::new);
    String what = release ? "end reading history" : "read history";
    return Server.same(
        what,
        nodes.length,
        server
            .session()
            .call(
                HistoryReadResponse.class,
                what,
                header ->
                    new HistoryReadRequest(
                        header, details, TimestampsToReturn.Both, release, nodes))
            .getResults());
  }

  /** Gives continuation points back that will not be used. */
  private void release(List<Course> open, Instant from, Instant to) throws InterruptedException {
    List<Course> held =
        open.stream()
            .filter(it -> !it.point.isNullOrEmpty())
            .sorted(Comparator.comparing(it -> it.target.handle()))
            .toList();
    if (held.isEmpty() || !server.session().wire().alive()) {
      return;
    }
    try {
      ask(held, from, to, true);
    } catch (PluginException e) {
      log.debug("continuation points stay at the server until the session ends", e);
    }
    held.forEach(it -> it.point = ByteString.NULL_VALUE);
  }
}
