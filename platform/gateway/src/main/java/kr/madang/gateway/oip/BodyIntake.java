package kr.madang.gateway.oip;

import io.netty.util.AsciiString;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Arrays;

/**
 * Takes the body of a request into memory: bounded in bytes, in time, and in what all of them take
 * together. Lives on its event loop until the body is whole.
 */
abstract class BodyIntake extends Intakes.Intake {
  private static final AsciiString LENGTH = AsciiString.cached("Content-Length");
  private static final AsciiString ENCODING = AsciiString.cached("Content-Encoding");
  private static final AsciiString EXPECT = AsciiString.cached("Expect");

  final Loop loop;
  final HttpServerRequest request;
  private final int most;
  private byte[] body = new byte[0];
  private int length;
  private long counted;
  private boolean refused;

  BodyIntake(Loop loop, HttpServerRequest request, int most) {
    this.loop = loop;
    this.request = request;
    this.most = most;
  }

  /** The body is there; called on the event loop. */
  abstract void whole();

  byte[] body() {
    return body;
  }

  int length() {
    return length;
  }

  @Override
  long received() {
    return length;
  }

  /** Called while the head of the request is handled. */
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
      if (announced > most) {
        throw tooLarge();
      }
      body = new byte[(int) Math.min(Heap.LARGE, announced)];
    }
    loop.intakes.enter(this);
    request.exceptionHandler(_ -> broken());
    request.handler(this::part);
    request.endHandler(_ -> ended());
    HttpServerResponse response = request.response();
    if (response.writeQueueFull()) {
      // a client that asks on and on and reads nothing waits until it has read
      request.pause();
      response.drainHandler(_ -> request.resume());
    }
    String expect = request.headers().get(EXPECT);
    if (expect != null && expect.equalsIgnoreCase("100-continue")) {
      response.writeContinue();
    }
  }

  private Refusal tooLarge() {
    return new Refusal(Status.TOO_LARGE, "the body may have at most %,d bytes".formatted(most));
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

  private void ended() {
    if (!refused) {
      loop.intakes.leave(this);
      whole();
    }
  }

  private void refuse(Throwable why) {
    refused = true;
    loop.intakes.leave(this);
    forgetBody();
    loop.fail(request, why);
    request.pause();
  }

  private void broken() {
    if (!refused && !request.isEnded()) {
      refused = true;
      loop.intakes.leave(this);
      forgetBody();
    }
  }

  @Override
  void late(Refusal why) {
    refuse(why);
  }

  /** Gives the memory back; from any thread that has taken the body over. */
  void forgetBody() {
    body = new byte[0];
    if (counted > 0) {
      loop.oip.heap.give(counted);
      counted = 0;
    }
  }
}
