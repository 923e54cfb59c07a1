package kr.madang.gateway;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Errors as {@code application/problem+json} (RFC 9457), without anything from inside. */
final class Problem {
  static final String TYPE = "application/problem+json";

  private static final Logger LOG = LoggerFactory.getLogger(Problem.class);
  private static final AtomicLong INCIDENTS = new AtomicLong();

  private Problem() {}

  /** What a client is told of an error. */
  static Answer.Text of(Throwable error, String path) {
    return switch (error) {
      case Fault fault ->
          text(
              fault.status(),
              fault.code(),
              String.valueOf(fault.getMessage()),
              path,
              fault.headers());
      case PluginException known -> known(known, path);
      default -> text(500, "BUG", incident(error, path), path, Map.of());
    };
  }

  /** Logs what nobody expected, and says where. */
  static String incident(Throwable error, String path) {
    long incident = INCIDENTS.incrementAndGet();
    LOG.error("incident {} at {}", incident, path, error);
    return "something went wrong inside; the runtime's log tells more under 'incident "
        + incident
        + "'";
  }

  private static Answer.Text known(PluginException error, String path) {
    int status = status(error.code());
    if (status >= 500) {
      LOG.warn("{} at {}: {}", error.code().name(), path, error.getMessage(), error.getCause());
    }
    return text(status, error.code().name(), String.valueOf(error.getMessage()), path, Map.of());
  }

  /** The HTTP status of an error code. */
  static int status(ErrorCode code) {
    return switch (code.name()) {
      case "NOT_FOUND" -> 404;
      case "CONFLICT", "IN_USE", "NOT_STARTED" -> 409;
      case "PRECONDITION" -> 412;
      case "FORBIDDEN" -> 403;
      case "STORAGE" -> 507;
      default ->
          switch (code.blame()) {
            case CONFIG -> 422;
            case EXTERNAL -> 502;
            case RESOURCE -> 429;
            case BUG -> 500;
          };
    };
  }

  private static Answer.Text text(
      int status, String code, String detail, String path, Map<String, String> headers) {
    ObjectNode body = Json.object();
    body.put("type", "urn:madang:problem:" + code.toLowerCase(Locale.ROOT).replace('_', '-'));
    body.put("title", HttpResponseStatus.valueOf(status).reasonPhrase());
    body.put("status", status);
    body.put("detail", detail);
    body.put("code", code);
    body.put("instance", path);
    return new Answer.Text(status, TYPE, headers, Json.text(body));
  }
}
