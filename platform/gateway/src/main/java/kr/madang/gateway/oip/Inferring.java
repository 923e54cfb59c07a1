package kr.madang.gateway.oip;

import io.netty.util.AsciiString;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import kr.madang.control.Caller;
import kr.madang.control.ServedModel;
import kr.madang.gateway.oip.AnswerWriter.Written;
import kr.madang.inference.Answer;
import kr.madang.inference.Call;
import kr.madang.inference.Reply;
import kr.madang.inference.Slabs;
import kr.madang.inference.Ticket;
import kr.madang.sdk.error.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * One request for inference, from its head to its answer. A small one for a small model that is in
 * memory never leaves its event loop.
 */
final class Inferring extends Intakes.Intake implements Reply {
  static final AsciiString HEADER_LENGTH = AsciiString.cached("Inference-Header-Content-Length");

  private static final AsciiString LENGTH = AsciiString.cached("Content-Length");
  private static final AsciiString ENCODING = AsciiString.cached("Content-Encoding");
  private static final AsciiString EXPECT = AsciiString.cached("Expect");
  private static final AsciiString BYTES = AsciiString.cached("application/octet-stream");
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);
  private static final int HEADER_NONE = -1;

  private final Loop loop;
  private final HttpServerRequest request;
  private final Target target;
  private final Caller caller;
  private final Thread thread = Thread.currentThread();
  private final long began = System.nanoTime();
  private byte[] body = new byte[0];
  private int length;
  private long counted;
  private boolean refused;
  private String model = "";
  private String version = "";
  private @Nullable Asked asked;
  private volatile @Nullable Ticket ticket;
  private volatile boolean done;

  Inferring(Loop loop, HttpServerRequest request, Target target, Caller caller) {
    this.loop = loop;
    this.request = request;
    this.target = target;
    this.caller = caller;
  }

  // --- the body, on the event loop ---

  void begin() {
    String encoding = request.headers().get(ENCODING);
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw new Refusal(
          Status.MEDIA_TYPE,
          "Content-Encoding '%s' is not offered; send the body as it is".formatted(encoding));
    }
    String given = request.headers().get(LENGTH);
    if (given != null) {
      long announced = given.length() > 18 ? Long.MAX_VALUE : Long.parseLong(given);
      if (announced > loop.oip.limits.bodyBytes()) {
        throw tooLarge();
      }
      body = new byte[(int) Math.min(Heap.LARGE, announced)];
    }
    String expect = request.headers().get(EXPECT);
    if (expect != null && expect.equalsIgnoreCase("100-continue")) {
      request.response().writeContinue();
    }
    loop.intakes.enter(this);
    request.exceptionHandler(this::broken);
    request.handler(this::part);
    request.endHandler(_ -> whole());
  }

  private Refusal tooLarge() {
    return new Refusal(
        Status.TOO_LARGE,
        "the body may have at most %,d bytes".formatted(loop.oip.limits.bodyBytes()));
  }

  private void part(Buffer part) {
    if (refused) {
      return;
    }
    int size = part.length();
    try {
      if (size > body.length - length) {
        grow((long) length + size);
      }
      part.getBytes(body, length);
      length += size;
    } catch (Throwable e) {
      refuse(e);
    }
  }

  private void grow(long needed) {
    int most = loop.oip.limits.bodyBytes();
    if (needed > most) {
      throw tooLarge();
    }
    int size = (int) Math.min(most, Math.max(needed, Math.max(1024, 2L * body.length)));
    if (size > Heap.LARGE) {
      loop.oip.heap.take(size - counted);
      counted = size;
    }
    body = Arrays.copyOf(body, size);
  }

  private void refuse(Throwable why) {
    refused = true;
    loop.intakes.leave(this);
    forgetBody();
    loop.fail(request, why);
    request.pause();
  }

  private void forgetBody() {
    body = new byte[0];
    if (counted > 0) {
      loop.oip.heap.give(counted);
      counted = 0;
    }
  }

  private void broken(Throwable gone) {
    if (!refused && !request.isEnded()) {
      refused = true;
      loop.intakes.leave(this);
      forgetBody();
    }
  }

  @Override
  long received() {
    return length;
  }

  @Override
  void late(Refusal why) {
    refuse(why);
  }

  private void whole() {
    if (refused) {
      return;
    }
    loop.intakes.leave(this);
    try {
      Optional<ServedModel> found =
          loop.oip.control.serving().find(caller, target.model(), target.version());
      if (found.isPresent() && length <= Heap.LARGE) {
        run(found.get(), true);
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
              : loop.oip.control.serving().open(caller, target.model(), target.version()),
          false);
    } catch (Throwable e) {
      failed(e);
    }
  }

  // --- the call, on any thread ---

  private void run(ServedModel served, boolean here) {
    try (served) {
      model = served.name();
      version = served.version();
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
      Ticket taken = served.infer(call, here, this);
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
    int json = headerLength();
    if (json == 0) {
      return RawRequest.read(served, body, length, slabs);
    }
    return RequestReader.read(body, length, json == HEADER_NONE ? length : json, slabs);
  }

  private int headerLength() {
    String given = request.headers().get(HEADER_LENGTH);
    if (given == null) {
      return HEADER_NONE;
    }
    boolean digits =
        !given.isEmpty() && given.length() < 10 && given.chars().allMatch(c -> c >= '0' && c <= '9');
    int json = digits ? Integer.parseInt(given) : -1;
    if (json < 0 || json > length) {
      throw Refusal.invalid(
          "%s: expected the length of the JSON, from 0 to the %,d bytes of the body, got '%s'"
              .formatted(HEADER_LENGTH, length, given));
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
    try (answer;
        Asked read = Objects.requireNonNull(asked)) {
      Written written = AnswerWriter.write(model, version, read, answer.outputs());
      int size = written.length() > Heap.LARGE ? written.length() : 0;
      if (size > 0) {
        loop.oip.heap.take(size);
      }
      onLoop(() -> send(written, size));
    } catch (Throwable e) {
      failed(e);
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
    onLoop(() -> loop.fail(request, error));
  }

  private void send(Written written, int size) {
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
              written.json() >= 0 ? BYTES : Loop.JSON,
              written.bytes(),
              written.length());
    }
    if (size > 0) {
      sent.onComplete(_ -> loop.oip.heap.give(size));
    }
  }

  private void onLoop(Runnable work) {
    if (Thread.currentThread().equals(thread)) {
      work.run();
    } else {
      loop.context.runOnContext(_ -> work.run());
    }
  }
}
