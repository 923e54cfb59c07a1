package kr.madang.gateway.oip;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import kr.madang.control.Caller;
import kr.madang.control.ModelStanding;
import kr.madang.control.ServedModel;
import kr.madang.control.Serving;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** What is asked of the server and of its models, beside inference. */
final class Verbs {
  /** Exactly what is offered beyond the protocol itself; {@code trace} where spans are sent. */
  static final List<String> EXTENSIONS =
      List.of(
          "arrow_stream",
          "binary_tensor_data",
          "classification",
          "model_configuration",
          "model_repository",
          "schedule_policy",
          "statistics");

  private static final int MOST_BYTES = 1 << 20;

  private final Loop loop;

  Verbs(Loop loop) {
    this.loop = loop;
  }

  /** Writes an answer. */
  @FunctionalInterface
  private interface Page {
    void write(JsonGenerator out) throws IOException;
  }

  private record Written(int status, byte[] body) {}

  /** Does the work of a verb; on a virtual thread. */
  @FunctionalInterface
  private interface Work {
    Written work() throws IOException;
  }

  void live(HttpServerRequest request) {
    byte[] body = "{\"live\":true}".getBytes(StandardCharsets.US_ASCII);
    loop.send(request, 200, Loop.JSON, body, body.length);
  }

  /** Called on the event loop while the head of the request is handled. */
  void handle(HttpServerRequest request, Target target, Caller caller) {
    switch (target.what()) {
      case INDEX, LOAD, UNLOAD -> new Posted(request, target, caller).begin();
      case READY -> {
        boolean ready = loop.oip.ready.getAsBoolean();
        byte[] body =
            "{\"live\":true,\"ready\":%b}".formatted(ready).getBytes(StandardCharsets.US_ASCII);
        loop.send(request, ready ? 200 : 503, Loop.JSON, body, body.length);
      }
      case TRACE -> {
        if (request.method().equals(HttpMethod.POST)) {
          new Posted(request, target, caller).begin();
        } else {
          later(request, () -> trace(caller, target, Map.of()));
        }
      }
      case SERVER -> later(request, () -> page(200, this::server));
      case MODEL_READY -> later(request, () -> modelReady(caller, target));
      case MODEL -> later(request, () -> model(caller, target));
      case CONFIG -> later(request, () -> config(caller, target));
      case STATISTICS -> later(request, () -> statistics(caller, target));
      case LIVE, INFER -> throw new IllegalStateException("answered elsewhere");
    }
  }

  private void later(HttpServerRequest request, Work work) {
    loop.oip.blocking.execute(() -> {
      Written written;
      try {
        written = work.work();
      } catch (Throwable e) {
        loop.context.runOnContext(_ -> loop.fail(request, e));
        return;
      }
      loop.context.runOnContext(_ -> {
        if (!request.response().closed()) {
          loop.send(request, written.status(), Loop.JSON, written.body(), written.body().length);
        }
      });
    });
  }

  private static Written page(int status, Page page) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator out = RequestReader.FACTORY.createGenerator(bytes)) {
      page.write(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Written(status, bytes.toByteArray());
  }

  private void server(JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("name", "madang");
    out.writeStringField("version", loop.oip.version);
    out.writeArrayFieldStart("extensions");
    for (String extension : EXTENSIONS) {
      out.writeString(extension);
    }
    if (loop.oip.tracing.on()) {
      out.writeString("trace");
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private Serving serving() {
    return loop.oip.control.serving();
  }

  private Written modelReady(Caller caller, Target target) {
    boolean ready = serving().ready(caller, target.model(), target.version());
    return page(
        ready ? 200 : 503,
        out -> {
          out.writeStartObject();
          out.writeStringField("name", target.model());
          out.writeBooleanField("ready", ready);
          out.writeEndObject();
        });
  }

  private Written model(Caller caller, Target target) {
    try (ServedModel model = serving().open(caller, target.model(), target.version())) {
      List<String> versions = serving().versions(caller, target.model());
      return page(200, out -> ModelPages.metadata(out, model, versions));
    }
  }

  private Written config(Caller caller, Target target) {
    try (ServedModel model = serving().open(caller, target.model(), target.version())) {
      return page(200, out -> ModelPages.config(out, model));
    }
  }

  private Written statistics(Caller caller, Target target) {
    List<ModelStanding> all =
        serving().index(caller).stream()
            .filter(one -> target.model().isEmpty() || one.name().equals(target.model()))
            .filter(one -> target.version().isEmpty() || one.version().equals(target.version()))
            .toList();
    if (all.isEmpty() && !target.model().isEmpty()) {
      throw new PluginException(
          ErrorCode.NOT_FOUND,
          "there is no model '%s'%s"
              .formatted(
                  target.model(),
                  target.version().isEmpty() ? "" : " of version '" + target.version() + "'"));
    }
    return page(200, out -> ModelPages.statistics(out, all));
  }

  private Written index(Caller caller, boolean readyOnly) {
    return page(200, out -> ModelPages.index(out, serving().index(caller), readyOnly));
  }

  private Written trace(Caller caller, Target target, Map<String, List<String>> changes) {
    Map<String, List<String>> settings =
        TraceSetting.answer(
            loop.oip.control, loop.oip.tracing, caller, target.model(), target.version(), changes);
    return page(200, out -> TraceSetting.write(out, settings));
  }

  /** A verb with a small body of JSON, which may be empty. */
  private final class Posted extends BodyIntake {
    private final Target target;
    private final Caller caller;

    Posted(HttpServerRequest request, Target target, Caller caller) {
      super(Verbs.this.loop, request, MOST_BYTES);
      this.target = target;
      this.caller = caller;
    }

    @Override
    void whole() {
      later(
          request,
          () -> {
            boolean readyOnly = false;
            Map<String, List<String>> changes = Map.of();
            try {
              if (target.what() == Target.What.TRACE) {
                changes = TraceSetting.read(body(), length());
              } else {
                readyOnly = read();
              }
            } finally {
              forgetBody();
            }
            return switch (target.what()) {
              case INDEX -> index(caller, readyOnly);
              case TRACE -> trace(caller, target, changes);
              case LOAD -> {
                serving().load(caller, target.model());
                yield new Written(200, new byte[0]);
              }
              default -> {
                serving().unload(caller, target.model());
                yield new Written(200, new byte[0]);
              }
            };
          });
    }

    /** Whether only what is ready is asked for. */
    private boolean read() throws IOException {
      boolean ready = false;
      try (JsonParser parser = RequestReader.FACTORY.createParser(body(), 0, length())) {
        JsonToken first = parser.nextToken();
        if (first == null) {
          return false;
        }
        if (first != JsonToken.START_OBJECT) {
          throw Refusal.invalid("the body is no JSON object");
        }
        for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
          JsonToken token = parser.nextToken();
          switch (field) {
            case "ready" -> ready = token == JsonToken.VALUE_TRUE;
            case "parameters" -> parameters(parser);
            default -> parser.skipChildren();
          }
        }
      } catch (JsonProcessingException e) {
        throw RequestReader.unreadable(e);
      } catch (CharConversionException e) {
        throw Refusal.invalid("the body is no JSON in UTF-8: " + e.getMessage());
      }
      return ready;
    }

    private void parameters(JsonParser parser) throws IOException {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw Refusal.invalid("parameters: expected an object");
      }
      for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
        parser.nextToken();
        if (field.equals("config") || field.startsWith("file:")) {
          throw Refusal.invalid(
              "parameter '%s' is not offered: models come by POST /api/v1/models or with plugins"
                  .formatted(field.startsWith("file:") ? "file:" : field));
        }
        parser.skipChildren();
      }
    }
  }
}
