package kr.madang.gateway.oip;

import io.netty.util.AsciiString;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import kr.madang.control.Caller;
import kr.madang.control.ServedModel;
import kr.madang.gateway.oip.AnswerWriter.Written;
import kr.madang.gateway.trace.CallTrace;
import kr.madang.inference.Answer;
import kr.madang.inference.Call;
import kr.madang.inference.Hold;
import kr.madang.inference.Reply;
import kr.madang.inference.Slabs;
import kr.madang.inference.Ticket;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * One request for inference, from its head to its answer. A small one for a small model that is in
 * memory never leaves its event loop; nor does a longer one where nobody else is on that loop.
 */
final class Inferring extends BodyIntake implements Reply {
  static final AsciiString HEADER_LENGTH = AsciiString.cached("Inference-Header-Content-Length");

  /** Of a line, an asset or whatever is to meet the same version while a model is changing. */
  private static final AsciiString KEY = AsciiString.cached("Madang-Key");

  private static final AsciiString TRACEPARENT = AsciiString.cached("traceparent");
  private static final AsciiString BYTES = AsciiString.cached("application/octet-stream");
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);
  private static final int HEADER_NONE = -1;

  private final Target target;
  private final Caller caller;
  private final Thread thread = Thread.currentThread();
  private final long began = System.nanoTime();
  private final @Nullable CallTrace trace;
  private String model = "";
  private String version = "";
  private @Nullable Asked asked;
  private volatile @Nullable Ticket ticket;
  private volatile boolean done;

  Inferring(Loop loop, HttpServerRequest request, Target target, Caller caller) {
    super(loop, request, loop.oip.limits.bodyBytes());
    this.target = target;
    this.caller = caller;
    this.trace =
        loop.oip.tracing.on()
            ? loop.oip.tracing.begin(
                CallTrace.Door.HTTP, request.headers().get(TRACEPARENT), target.model(), began)
            : null;
  }

  @Override
  void whole() {
    try {
      Optional<ServedModel> found =
          loop.oip.control.serving().find(caller, target.model(), target.version(), key());
      if (found.isPresent() && length() <= Heap.LARGE) {
        run(found.get(), loop.alone(request, System.nanoTime()) ? Hold.LONG : Hold.BRIEF);
      } else {
        loop.oip.blocking.execute(() -> away(found));
      }
    } catch (Throwable e) {
      failed(e);
    }
  }

  /** What takes longer: a model that is to be loaded, or a large body. */
  private void away(Optional<ServedModel> found) {
    try {
      run(
          found.isPresent()
              ? found.get()
              : loop.oip.control.serving().open(caller, target.model(), target.version(), key()),
          Hold.NONE);
    } catch (Throwable e) {
      failed(e);
    }
  }

  private String key() {
    String key = request.headers().get(KEY);
    return key == null ? "" : key;
  }

  // --- the call, on any thread ---

  private void run(ServedModel served, Hold hold) {
    try (served) {
      model = served.name();
      version = served.version();
      if (trace != null) {
        trace.model(loop.oip.control.serving().workspace(caller), model, version);
      }
      Asked read = read(served);
      asked = read;
      long micros = Math.min(read.timeoutMicros, LONGEST_MICROS);
      Call call =
          new Call(
              read.inputs,
              read.outputs(),
              (int) Math.min(Integer.MAX_VALUE, Math.max(0, read.priority - 1)),
              began + (micros == 0 ? PATIENCE_NANOS : micros * 1_000),
              true);
      Ticket taken = served.infer(call, hold, this);
      if (!done) {
        ticket = taken;
        onLoop(this::watch);
      }
    } finally {
      forgetBody();
    }
  }

  private Asked read(ServedModel served) {
    Slabs slabs = loop.oip.control.serving().memory();
    if (ArrowRequest.is(Loop.header(request, Loop.TYPE))) {
      return ArrowRequest.read(served, body(), length(), slabs);
    }
    int json = headerLength();
    if (json == 0) {
      return RawRequest.read(served, body(), length(), slabs);
    }
    return RequestReader.read(body(), length(), json == HEADER_NONE ? length() : json, slabs);
  }

  private int headerLength() {
    String given = request.headers().get(HEADER_LENGTH);
    if (given == null) {
      return HEADER_NONE;
    }
    boolean digits =
        !given.isEmpty()
            && given.length() < 10
            && given.chars().allMatch(c -> c >= '0' && c <= '9');
    int json = digits ? Integer.parseInt(given) : -1;
    if (json < 0 || json > length()) {
      throw Refusal.invalid(
          "%s: expected the length of the JSON, from 0 to the %,d bytes of the body, got '%s'"
              .formatted(HEADER_LENGTH, length(), given));
    }
    return json;
  }

  /** Nobody waits any more when the connection is gone. */
  private void watch() {
    HttpServerResponse response = request.response();
    if (done || response.ended()) {
      return;
    }
    if (response.closed()) {
      gone();
    } else {
      response.closeHandler(_ -> gone());
    }
  }

  private void gone() {
    Ticket taken = ticket;
    if (taken != null) {
      taken.cancel();
    }
  }

  @Override
  public void answered(Answer answer) {
    done = true;
    if (trace != null) {
      trace.ran(answer);
    }
    try {
      // the memory is free before the client hears of it
      Written written = written(answer);
      int size = written.length() > Heap.LARGE ? written.length() : 0;
      if (size > 0) {
        loop.oip.heap.take(size);
      }
      onLoop(() -> send(written, size));
    } catch (Throwable e) {
      failed(e);
    }
  }

  private Written written(Answer answer) {
    try (answer;
        Asked read = Objects.requireNonNull(asked)) {
      return read.asColumns()
          ? ArrowRequest.answer(model, version, read, answer.outputs())
          : AnswerWriter.write(model, version, read, Classes.of(answer.outputs(), read.classes()));
    }
  }

  @Override
  public void failed(ErrorCode code, String message, Duration after) {
    done = true;
    failed(new Refusal(Status.of(code), message, after));
  }

  private void failed(Throwable error) {
    done = true;
    Asked read = asked;
    if (read != null) {
      read.close();
    }
    if (trace != null) {
      Status status = status(error);
      trace.ended(status.http(), status.name());
    }
    onLoop(() -> loop.fail(request, error));
  }

  private static Status status(Throwable error) {
    return switch (error) {
      case Refusal known -> known.status();
      case PluginException known -> Status.of(known.code());
      default -> Status.BUG;
    };
  }

  private void send(Written written, int size) {
    if (trace != null) {
      trace.ended(200, "");
    }
    HttpServerResponse response = request.response();
    Future<Void> sent;
    if (response.closed()) {
      sent = Future.succeededFuture();
    } else {
      if (written.json() >= 0) {
        response.headers().set(HEADER_LENGTH, Integer.toString(written.json()));
      }
      sent =
          loop.send(
              request,
              200,
              written.json() >= 0 ? BYTES : asColumns() ? ArrowRequest.TYPE : Loop.JSON,
              written.bytes(),
              written.length());
    }
    if (size > 0) {
      sent.onComplete(_ -> loop.oip.heap.give(size));
    }
  }

  private boolean asColumns() {
    Asked read = asked;
    return read != null && read.asColumns();
  }

  private void onLoop(Runnable work) {
    if (Thread.currentThread().equals(thread)) {
      work.run();
    } else {
      loop.context.runOnContext(_ -> work.run());
    }
  }
}
