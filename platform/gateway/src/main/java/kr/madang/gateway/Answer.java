package kr.madang.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;

/** What an operation gives back. */
sealed interface Answer {

  /** A whole body of text. */
  record Text(int status, String type, Map<String, String> headers, String body)
      implements Answer {}

  /** No body. */
  record Empty(int status) implements Answer {}

  /** A body that the operation writes by itself, on the thread that it is given. */
  record Stream(Body body) implements Answer {}

  /** Writes a response from its head to its end. */
  @FunctionalInterface
  interface Body {
    /** Blocks until the response has ended. */
    void write(HttpServerRequest request) throws Exception;
  }

  static Answer json(int status, JsonNode body) {
    return json(status, Map.of(), body);
  }

  static Answer json(int status, Map<String, String> headers, JsonNode body) {
    return new Text(status, "application/json", headers, Json.text(body));
  }
}
