package kr.madang.gateway.oip;

import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import kr.madang.control.Caller;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/** The doors on one event loop. All of it runs there. */
public final class Loop {
  static final AsciiString TYPE = AsciiString.cached("Content-Type");
  static final AsciiString JSON = AsciiString.cached("application/json");
  private static final AsciiString SNIFF = AsciiString.cached("X-Content-Type-Options");
  private static final AsciiString NOSNIFF = AsciiString.cached("nosniff");
  private static final AsciiString KEEP = AsciiString.cached("Cache-Control");
  private static final AsciiString NO_STORE = AsciiString.cached("no-store");
  private static final String BEARER = "Bearer ";

  private static final long ALONE_NANOS = 100_000_000;

  final Oip oip;
  final Vertx vertx;
  final Context context;
  final Intakes intakes;
  private final Verbs verbs;
  private @Nullable HttpConnection latest;
  private long latestSince;

  Loop(Oip oip, Vertx vertx, Context context) {
    this.oip = oip;
    this.vertx = vertx;
    this.context = context;
    this.intakes = new Intakes(vertx, oip.limits);
    this.verbs = new Verbs(this);
  }

  /** Takes a request if it is one for these doors. */
  public boolean handle(HttpServerRequest request) {
    String uri = request.uri();
    if (!uri.startsWith("/v2")
        || uri.length() > 3 && uri.charAt(3) != '/' && uri.charAt(3) != '?') {
      return false;
    }
    try {
      int end = uri.indexOf('?');
      Optional<Target> found = Target.of(end < 0 ? uri : uri.substring(0, end));
      if (found.isEmpty()) {
        authenticate(request);
        fail(request, new Refusal(Status.NOT_FOUND, "there is nothing at " + uri));
        return true;
      }
      Target target = found.get();
      if (!target.what().offers(request.method().name())) {
        if (target.what() != Target.What.LIVE) {
          authenticate(request);
        }
        request.response().putHeader("Allow", target.what().allowed());
        fail(
            request,
            new Refusal(
                Status.NOT_ALLOWED,
                "%s is not offered at %s; it offers %s"
                    .formatted(request.method().name(), uri, target.what().allowed())));
        return true;
      }
      switch (target.what()) {
        case LIVE -> verbs.live(request);
        case INFER -> new Inferring(this, request, target, authenticate(request)).begin();
        default -> verbs.handle(request, target, authenticate(request));
      }
    } catch (Throwable e) {
      fail(request, e);
    }
    return true;
  }

  /**
   * Whether a request comes on the only connection that has asked for inference on this loop for a
   * while, one request after the other: then hardly anybody waits for the loop while it is held.
   */
  boolean alone(HttpServerRequest request, long now) {
    HttpConnection connection = request.connection();
    if (!connection.equals(latest)) {
      latest = connection;
      latestSince = now;
      return false;
    }
    return now - latestSince > ALONE_NANOS && request.version() != HttpVersion.HTTP_2;
  }

  /** Refuses what is no HTTP if it was meant for these doors. */
  public boolean malformed(HttpServerRequest request) {
    String uri = request.uri();
    if (uri == null || !uri.startsWith("/v2")) {
      return false;
    }
    fail(request, Refusal.invalid("this is no request of HTTP/1.1 within the limits"));
    return true;
  }

  private Caller authenticate(HttpServerRequest request) {
    String given = request.headers().get("Authorization");
    Optional<Caller> caller =
        given == null || !given.regionMatches(true, 0, BEARER, 0, BEARER.length())
            ? Optional.empty()
            : oip.control.access().authenticate(given.substring(BEARER.length()).strip());
    return caller.orElseThrow(() ->
        new Refusal(
            Status.UNAUTHORIZED,
            "this needs a valid token in the header 'Authorization: Bearer TOKEN'; the first one"
                + " lies in the file admin.token of the runtime's home"));
  }

  /** Ends a request with an error. */
  void fail(HttpServerRequest request, Throwable error) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed() || response.headWritten()) {
      return;
    }
    Refusal refusal =
        switch (error) {
          case Refusal known -> known;
          case PluginException known -> Refusal.of(known);
          default -> new Refusal(Status.BUG, oip.incident.apply(error, request.path()));
        };
    boolean unread = !request.isEnded();
    if (unread) {
      // what is left of the body is not wanted: the connection ends with this answer
      response.putHeader("Connection", "close");
    }
    String message = String.valueOf(refusal.getMessage());
    long nanos = refusal.after().toNanos();
    if (nanos > 0) {
      response.putHeader(
          "Retry-After", Long.toString(Math.max(1, (nanos + 999_999_999) / 1_000_000_000)));
      message += String.format(Locale.ROOT, "; try again after %.1f ms", nanos / 1e6);
    }
    if (refusal.status() == Status.UNAUTHORIZED) {
      response.putHeader("WWW-Authenticate", "Bearer realm=\"madang\"");
    }
    JsonBytes body = new JsonBytes(message.length() + 32);
    body.raw("{\"error\":".getBytes(StandardCharsets.US_ASCII)).text(message).put('}');
    send(request, refusal.status().http(), JSON, body.array(), body.length());
    if (unread) {
      vertx.setTimer(1_000, fired -> request.connection().close());
    }
  }

  /** Sends a whole answer; the bytes are not touched any more. */
  Future<Void> send(
      HttpServerRequest request, int status, CharSequence type, byte[] body, int length) {
    oip.answered.accept(status);
    HttpServerResponse response = request.response();
    response.setStatusCode(status);
    response.headers().set(TYPE, type).set(SNIFF, NOSNIFF).set(KEEP, NO_STORE);
    return response.end(BufferInternal.buffer(Unpooled.wrappedBuffer(body, 0, length)));
  }

  static @Nullable String header(HttpServerRequest request, CharSequence name) {
    return request.headers().get(name);
  }
}
