package kr.madang.gateway.oip;

import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import kr.madang.control.Caller;

/** What is asked of the server and of its models, beside inference. */
final class Verbs {
  private final Loop loop;

  Verbs(Loop loop) {
    this.loop = loop;
  }

  void live(HttpServerRequest request) {
    byte[] body = "{\"live\":true}".getBytes(StandardCharsets.US_ASCII);
    loop.send(request, 200, Loop.JSON, body, body.length);
  }

  void handle(HttpServerRequest request, Target target, Caller caller) {
    throw new Refusal(Status.NOT_FOUND, "soon");
  }
}
