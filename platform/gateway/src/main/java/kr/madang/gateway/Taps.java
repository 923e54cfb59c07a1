package kr.madang.gateway;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import kr.madang.engine.Tap;
import kr.madang.sdk.batch.Batch;

/**
 * Taps as server-sent events. Each stream is one virtual thread that waits for its client after
 * every event, so that a slow client costs skipped rows and no memory.
 */
final class Taps {
  private static final int CAPACITY = 4;
  private static final Duration HEARTBEAT = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration GLANCE = Duration.ofMillis(250);

  private final Semaphore places;
  private final int most;
  private volatile boolean closing;

  Taps(int most) {
    this.most = most;
    this.places = new Semaphore(most);
  }

  /** How many are open. */
  int open() {
    return most - places.availablePermits();
  }

  /** Ends all streams soon. */
  void close() {
    closing = true;
  }

  /** Opens a tap now, so that its errors become a problem, and streams it later. */
  Answer open(IntFunction<Tap> opener, int rows) {
    if (!places.tryAcquire()) {
      throw new Fault(
          429, "EXHAUSTED", "all " + most + " places for taps are taken; close one and try again");
    }
    Tap tap;
    try {
      tap = opener.apply(CAPACITY);
    } catch (RuntimeException | Error e) {
      places.release();
      throw e;
    }
    AtomicBoolean released = new AtomicBoolean();
    return new Answer.Stream(request -> {
      try {
        stream(tap, rows, request);
      } finally {
        if (released.compareAndSet(false, true)) {
          tap.close();
          places.release();
        }
      }
    });
  }

  private void stream(Tap tap, int rows, HttpServerRequest request) throws Exception {
    HttpServerResponse response = request.response();
    AtomicBoolean gone = new AtomicBoolean();
    response.closeHandler(closed -> gone.set(true));
    response.putHeader("Content-Type", "text/event-stream");
    response.setChunked(true);
    send(response, ": tap\n\n");
    long lastSent = System.nanoTime();
    while (!gone.get() && !closing) {
      Optional<Batch> next = tap.poll(GLANCE);
      if (next.isPresent()) {
        String event;
        try (Batch batch = next.get()) {
          event = BatchJson.event(batch, rows, tap.skipped());
        }
        send(response, "event: batch\ndata: " + event + "\n\n");
        lastSent = System.nanoTime();
      } else if (tap.closed()) {
        break;
      } else if (System.nanoTime() - lastSent > HEARTBEAT.toNanos()) {
        send(response, ": still here\n\n");
        lastSent = System.nanoTime();
      }
    }
    if (!gone.get()) {
      String reason = closing ? "the runtime shuts down" : "the pipeline has ended";
      await(response.end("event: end\ndata: {\"reason\":\"" + reason + "\"}\n\n"));
    }
  }

  private static void send(HttpServerResponse response, String event) throws Exception {
    await(response.write(Buffer.buffer(event)));
  }

  /** Waits until the bytes have left for the client: this is the back-pressure. */
  private static void await(Future<Void> written) throws Exception {
    try {
      written
          .toCompletionStage()
          .toCompletableFuture()
          .get(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new ClientGone();
    }
  }

  /** The client has left or does not read; nothing is to be told to anybody. */
  static final class ClientGone extends RuntimeException {
    private static final long serialVersionUID = 1;

    ClientGone() {
      super(null, null, false, false);
    }
  }
}
