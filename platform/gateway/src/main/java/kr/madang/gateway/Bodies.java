package kr.madang.gateway;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.AsyncFile;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpServerRequest;
import java.nio.file.Path;

/**
 * Takes bodies in: bounded in bytes and in time. A body that drips along slower than the least rate
 * ends with 408, however busy its connection looks.
 */
final class Bodies {
  private final Vertx vertx;
  private final GatewayOptions.Limits limits;

  Bodies(Vertx vertx, GatewayOptions.Limits limits) {
    this.vertx = vertx;
    this.limits = limits;
  }

  /** The whole body in memory. Called on the event loop with the request paused. */
  Future<Buffer> document(HttpServerRequest request) {
    Buffer whole = Buffer.buffer();
    Intake intake = new Intake(request, limits.documentBytes());
    request.handler(part -> {
      if (intake.take(part)) {
        whole.appendBuffer(part);
      }
    });
    return intake.start().map(whole);
  }

  /** The whole body in a file, which is there only if all went well. */
  Future<Path> archive(HttpServerRequest request, Path file) {
    return vertx
        .fileSystem()
        .open(file.toString(), new OpenOptions().setWrite(true).setCreateNew(true))
        .recover(error -> Future.failedFuture(unwritable(file, error)))
        .compose(out -> fill(request, out, file))
        .map(file)
        .recover(error ->
            vertx
                .fileSystem()
                .delete(file.toString())
                .transform(done -> Future.failedFuture(error)));
  }

  private static Fault unwritable(Path file, Throwable error) {
    Throwable cause = error.getCause() == null ? error : error.getCause();
    return new Fault(
        507,
        "STORAGE",
        "the body cannot be kept in %s: %s; check the space and the rights there"
            .formatted(file.getParent(), cause.getMessage()));
  }

  private Future<Void> fill(HttpServerRequest request, AsyncFile out, Path file) {
    Intake intake = new Intake(request, limits.uploadBytes());
    out.exceptionHandler(error -> intake.fail(unwritable(file, error)));
    out.drainHandler(done -> request.resume());
    request.handler(part -> {
      if (intake.take(part)) {
        out.write(part).onFailure(error -> intake.fail(unwritable(file, error)));
        if (out.writeQueueFull()) {
          request.pause();
        }
      }
    });
    return intake
        .start()
        .transform(done ->
            out.close()
                .recover(error -> Future.failedFuture(unwritable(file, error)))
                .compose(closed ->
                    done.succeeded()
                        ? Future.succeededFuture()
                        : Future.failedFuture(done.cause())));
  }

  /** Counts what comes and watches the clock. Lives on the event loop of its connection. */
  private final class Intake {
    private final HttpServerRequest request;
    private final long most;
    private final Promise<Void> whole = Promise.promise();
    private final long started = System.nanoTime();
    private long received;
    private long timer = -1;

    Intake(HttpServerRequest request, long most) {
      this.request = request;
      this.most = most;
    }

    Future<Void> start() {
      String length = request.getHeader("Content-Length");
      if (length != null && (length.length() > 18 || Long.parseLong(length) > most)) {
        fail(tooLarge());
        return whole.future();
      }
      if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
        request.response().writeContinue();
      }
      request.endHandler(end -> finish());
      request.exceptionHandler(this::fail);
      watch(limits.bodyGrace().toMillis());
      request.resume();
      return whole.future();
    }

    boolean take(Buffer part) {
      received += part.length();
      if (received > most) {
        fail(tooLarge());
        return false;
      }
      return !whole.future().isComplete();
    }

    private void watch(long delay) {
      timer =
          vertx.setTimer(
              Math.max(1, delay),
              fired -> {
                long allowed =
                    limits.bodyGrace().toMillis() + received * 1_000 / limits.bodyBytesPerSecond();
                long left = allowed - (System.nanoTime() - started) / 1_000_000;
                if (left <= 0) {
                  fail(
                      new Fault(
                          408,
                          "BODY_TOO_SLOW",
                          "after %d s only %d bytes of the body have come; send at least %d bytes a second"
                              .formatted(
                                  (System.nanoTime() - started) / 1_000_000_000,
                                  received,
                                  limits.bodyBytesPerSecond())));
                } else {
                  watch(left);
                }
              });
    }

    private void finish() {
      vertx.cancelTimer(timer);
      whole.tryComplete();
    }

    void fail(Throwable error) {
      vertx.cancelTimer(timer);
      if (whole.tryFail(error)) {
        request.pause();
      }
    }

    private Fault tooLarge() {
      return new Fault(413, "TOO_LARGE", "the body may have at most %,d bytes".formatted(most));
    }
  }
}
