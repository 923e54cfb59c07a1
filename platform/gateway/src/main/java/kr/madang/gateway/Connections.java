package kr.madang.gateway;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds connections in number and in patience: one without a request under way is closed after a
 * while, whatever it sends, so that headers cannot drip in for ever. Lives on one event loop; the
 * number is that of all loops.
 */
final class Connections {
  private final Vertx vertx;
  private final int most;
  private final long idleNanos;
  private final long period;
  private final Map<HttpConnection, Guard> open = new HashMap<>();
  private final AtomicInteger count;
  private long timer = -1;

  Connections(Vertx vertx, int most, Duration idle, AtomicInteger count) {
    this.vertx = vertx;
    this.most = most;
    this.idleNanos = idle.toNanos();
    this.period = Math.clamp(idle.toMillis() / 8, 10, 1_000);
    this.count = count;
  }

  /** A new connection. */
  void opened(HttpConnection connection) {
    if (count.incrementAndGet() > most) {
      count.decrementAndGet();
      connection.close();
      return;
    }
    open.put(connection, new Guard(System.nanoTime()));
    connection.closeHandler(closed -> {
      if (open.remove(connection) != null) {
        count.decrementAndGet();
      }
    });
    if (timer < 0) {
      timer = vertx.setPeriodic(period, fired -> look());
    }
  }

  /** A request has come; its headers are complete. */
  void began(HttpConnection connection) {
    Guard guard = open.get(connection);
    if (guard != null) {
      guard.underWay++;
    }
  }

  /** A request is answered. */
  void ended(HttpConnection connection) {
    Guard guard = open.get(connection);
    if (guard != null && --guard.underWay == 0) {
      guard.idleSince = System.nanoTime();
    }
  }

  /** One timer for all, since with most requests a timer of their own would never fire. */
  private void look() {
    if (open.isEmpty()) {
      vertx.cancelTimer(timer);
      timer = -1;
      return;
    }
    long now = System.nanoTime();
    List<HttpConnection> idle = new ArrayList<>();
    open.forEach((connection, guard) -> {
      if (guard.underWay == 0 && now - guard.idleSince > idleNanos) {
        idle.add(connection);
      }
    });
    idle.forEach(HttpConnection::close);
  }

  private static final class Guard {
    long idleSince;
    int underWay;

    Guard(long now) {
      idleSince = now;
    }
  }
}
