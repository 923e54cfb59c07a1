package kr.madang.gateway;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import kr.madang.control.Caller;
import kr.madang.control.Control;
import kr.madang.gateway.oip.Loop;
import kr.madang.gateway.oip.Oip;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The HTTP server of one event loop: reads requests there, has them answered on virtual threads;
 * what is asked of models goes its own way.
 */
final class Door extends VerticleBase {
  private static final Logger LOG = LoggerFactory.getLogger(Door.class);
  private static final AtomicLong UPLOADS = new AtomicLong();

  private final Control control;
  private final GatewayOptions options;
  private final Executor blocking;
  private final List<Operation> operations;
  private final MetricsPage metrics;
  private final Connections connections;
  private final Bodies bodies;
  private final Oip oip;
  private @Nullable HttpServer server;

  Door(
      Control control,
      GatewayOptions options,
      Executor blocking,
      List<Operation> operations,
      MetricsPage metrics,
      Connections connections,
      Bodies bodies,
      Oip oip) {
    this.control = control;
    this.options = options;
    this.blocking = blocking;
    this.operations = operations;
    this.metrics = metrics;
    this.connections = connections;
    this.bodies = bodies;
    this.oip = oip;
  }

  @Override
  public Future<?> start() {
    HttpServerOptions http =
        new HttpServerOptions()
            .setHost(options.host())
            // below 0 is a free one that all instances share
            .setPort(options.port() == 0 ? -1 : options.port())
            .setMaxHeaderSize(options.limits().headerBytes())
            .setMaxInitialLineLength(4096)
            .setHttp2ClearTextEnabled(false)
            .setHandle100ContinueAutomatically(false)
            .setIdleTimeout((int) Math.max(1, options.limits().idle().toSeconds()))
            .setAcceptBacklog(256);
    HttpServer made = vertx.createHttpServer(http);
    Router router = router();
    made.connectionHandler(connections::opened);
    Loop inference = oip.loop(vertx, context);
    made.invalidRequestHandler(request -> {
      if (!inference.malformed(request)) {
        malformed(request);
      }
    });
    made.requestHandler(request -> {
      connections.began(request.connection());
      request.response().endHandler(end -> connections.ended(request.connection()));
      if (!inference.handle(request)) {
        router.handle(request);
      }
    });
    server = made;
    return made.listen();
  }

  @Override
  public Future<?> stop() {
    HttpServer running = server;
    return running == null ? Future.succeededFuture() : running.close();
  }

  int port() {
    HttpServer running = server;
    return running == null ? -1 : running.actualPort();
  }

  Router router() {
    Router router = Router.router(vertx);
    for (Operation operation : operations) {
      router
          .route(operation.method(), operation.path().replace("{", ":").replace("}", ""))
          .handler(context -> handle(context, operation));
    }
    router.errorHandler(404, context -> refuse(context, 404, "NOT_FOUND", "there is nothing at "));
    router.errorHandler(405, this::notAllowed);
    router.errorHandler(
        400, context -> refuse(context, 400, "BAD_REQUEST", "cannot read the path "));
    router.errorHandler(500, context -> fail(context.request(), failure(context)));
    return router;
  }

  private static Throwable failure(RoutingContext context) {
    Throwable cause = context.failure();
    return cause == null ? new IllegalStateException("no cause given") : cause;
  }

  private void refuse(RoutingContext context, int status, String code, String what) {
    fail(context.request(), new Fault(status, code, what + context.request().path()));
  }

  private void notAllowed(RoutingContext context) {
    String path = context.normalizedPath();
    String allowed =
        operations.stream()
            .filter(one -> path.matches(one.path().replaceAll("\\{[^}]+}", "[^/]+")))
            .map(one -> one.method().name())
            .distinct()
            .collect(Collectors.joining(", "));
    fail(
        context.request(),
        new Fault(
            405,
            "METHOD_NOT_ALLOWED",
            "this method is not offered at " + path + "; it offers " + allowed,
            Map.of("Allow", allowed)));
  }

  private void malformed(HttpServerRequest request) {
    fail(
        request,
        new Fault(
            400,
            "BAD_REQUEST",
            "this is no request of HTTP/1.1 within the limits (%,d bytes of headers, 4,096 of the first line)"
                .formatted(options.limits().headerBytes())));
  }

  private void handle(RoutingContext routing, Operation operation) {
    HttpServerRequest request = routing.request();
    request.pause();
    Map<String, String> path = Map.copyOf(routing.pathParams());
    MultiMap given = routing.queryParams();
    String type = mediaType(request.getHeader("Content-Type"));
    String authorization = request.getHeader("Authorization");
    Optional<String> ifMatch = Optional.ofNullable(request.getHeader("If-Match"));
    String accept = Objects.requireNonNullElse(request.getHeader("Accept"), "");
    boolean empty = !operation.takes().required() && hasNoBody(request);
    later(
            () -> {
              Caller who = operation.open() ? null : authenticate(authorization);
              if (!empty
                  && !operation.takes().types().isEmpty()
                  && !operation.takes().types().contains(type)) {
                throw new Fault(
                    415,
                    "UNSUPPORTED_MEDIA_TYPE",
                    "Content-Type must be %s, got '%s'"
                        .formatted(String.join(" or ", operation.takes().types()), type));
              }
              Map<String, String> query = Queries.read(given, operation.query());
              return new Exchange(who, path, query, ifMatch, accept, type, "", Optional.empty());
            })
        .compose(known -> withBody(request, operation, known, empty))
        .compose(whole ->
            later(() -> operation.handler().answer(whole))
                .eventually(() -> discard(whole.archive())))
        .onSuccess(answer -> send(request, answer))
        .onFailure(error -> fail(request, error));
  }

  private Caller authenticate(@Nullable String authorization) {
    if (authorization == null || !authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      throw Fault.unauthorized();
    }
    return control
        .access()
        .authenticate(authorization.substring(7).strip())
        .orElseThrow(Fault::unauthorized);
  }

  private Future<Exchange> withBody(
      HttpServerRequest request, Operation operation, Exchange known, boolean empty) {
    if (empty) {
      request.resume();
      return Future.succeededFuture(known);
    }
    return switch (operation.takes()) {
      case NOTHING -> {
        request.resume();
        yield Future.succeededFuture(known);
      }
      case DOCUMENT, JSON, MAYBE_JSON ->
          bodies.document(request).map(bytes -> known.with(text(bytes)));
      case ARCHIVE -> {
        Path file = options.uploads().resolve("upload-" + UPLOADS.incrementAndGet() + ".zip");
        yield bodies.archive(request, file).map(known::with);
      }
    };
  }

  private static boolean hasNoBody(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    return request.getHeader("Transfer-Encoding") == null && (length == null || length.equals("0"));
  }

  private Future<Void> discard(Optional<Path> archive) {
    return archive.isEmpty()
        ? Future.succeededFuture()
        : later(() -> {
          Files.deleteIfExists(archive.get());
          return null;
        });
  }

  /** Runs blocking work on a thread of its own and comes back to the event loop. */
  private <T extends @Nullable Object> Future<T> later(Callable<T> work) {
    CompletableFuture<T> done = new CompletableFuture<>();
    Context loop = context;
    blocking.execute(() -> {
      try {
        done.complete(work.call());
      } catch (Throwable e) {
        done.completeExceptionally(e);
      }
    });
    return Future.fromCompletionStage(done, loop);
  }

  private void send(HttpServerRequest request, Answer answer) {
    HttpServerResponse response = request.response();
    switch (answer) {
      case Answer.Text text -> {
        head(response, text.status());
        text.headers().forEach(response::putHeader);
        response.putHeader(
            "Content-Type",
            text.type().startsWith("text/") ? text.type() + "; charset=utf-8" : text.type());
        response.end(text.body());
      }
      case Answer.Empty empty -> {
        head(response, empty.status());
        response.end();
      }
      case Answer.Stream stream -> {
        head(response, 200);
        later(
                () -> {
                  stream.body().write(request);
                  return null;
                })
            .onFailure(error -> {
              if (!(error instanceof Taps.ClientGone)) {
                LOG.warn("a stream at {} broke off", request.path(), error);
              }
              request.connection().close();
            });
      }
    }
  }

  private void head(HttpServerResponse response, int status) {
    metrics.answered(status);
    response.setStatusCode(status);
    response.putHeader("X-Content-Type-Options", "nosniff");
    response.putHeader("Cache-Control", "no-store");
    response.putHeader("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  }

  private void fail(HttpServerRequest request, Throwable error) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed() || response.headWritten()) {
      return;
    }
    boolean unread = !request.isEnded();
    String path = request.path();
    if (unread) {
      // What is left of the body is not wanted: the connection ends with this answer.
      response.putHeader("Connection", "close");
    }
    send(request, Problem.of(error, path == null ? "" : path));
    if (unread) {
      vertx.setTimer(1_000, fired -> request.connection().close());
    }
  }

  private static String mediaType(@Nullable String header) {
    if (header == null) {
      return "";
    }
    int end = header.indexOf(';');
    return (end < 0 ? header : header.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  private static String text(Buffer bytes) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes.getBytes()))
          .toString();
    } catch (CharacterCodingException e) {
      throw new Fault(400, "BAD_REQUEST", "the document is not UTF-8");
    }
  }

  /** A name as one segment of a path. */
  static String encode(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
