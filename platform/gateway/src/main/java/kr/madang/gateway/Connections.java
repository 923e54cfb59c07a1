package kr.madang.gateway;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds connections in number and in patience: one without a request under way is closed after a
 * while, whatever it sends, so that headers cannot drip in for ever. Lives on one event loop.
 */
final class Connections {
  private final Vertx vertx;
  private final int most;
  private final long idleMillis;
  private final Map<HttpConnection, Guard> open = new HashMap<>();
  private final AtomicInteger count = new AtomicInteger();

  Connections(Vertx vertx, int most, Duration idle) {
    this.vertx = vertx;
    this.most = most;
    this.idleMillis = idle.toMillis();
  }

  /** How many are open; from any thread. */
  int count() {
    return count.get();
  }

  /** A new connection. */
  void opened(HttpConnection connection) {
    if (open.size() >= most) {
      connection.close();
      return;
    }
    Guard guard = new Guard();
    open.put(connection, guard);
    count.set(open.size());
    watch(connection, guard);
    connection.closeHandler(closed -> {
      vertx.cancelTimer(guard.timer);
      open.remove(connection);
      count.set(open.size());
    });
  }

  /** A request has come; its headers are complete. */
  void began(HttpConnection connection) {
    Guard guard = open.get(connection);
    if (guard != null && guard.underWay++ == 0) {
      vertx.cancelTimer(guard.timer);
    }
  }

  /** A request is answered. */
  void ended(HttpConnection connection) {
    Guard guard = open.get(connection);
    if (guard != null && --guard.underWay == 0) {
      watch(connection, guard);
    }
  }

  private void watch(HttpConnection connection, Guard guard) {
    guard.timer = vertx.setTimer(idleMillis, fired -> connection.close());
  }

  private static final class Guard {
    long timer;
    int underWay;
  }
}
