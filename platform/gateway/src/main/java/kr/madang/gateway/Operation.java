package kr.madang.gateway;

import io.vertx.core.http.HttpMethod;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One verb on one path: the router and the OpenAPI document are both made from it, so that they
 * cannot differ.
 *
 * @param method of HTTP
 * @param path with {@code {name}} for what varies
 * @param id unique, in camel case
 * @param group for the document
 * @param summary one line
 * @param open whether it needs no token
 * @param query the parameters that it understands
 * @param ifMatch whether it heeds {@code If-Match}
 * @param takes the body that it wants
 * @param gives its answers when all goes well, by status
 * @param handler runs on a virtual thread
 */
record Operation(
    HttpMethod method,
    String path,
    String id,
    String group,
    String summary,
    boolean open,
    List<Query> query,
    boolean ifMatch,
    Takes takes,
    Map<Integer, Gives> gives,
    Handler handler) {

  /** Does the work; may block. */
  @FunctionalInterface
  interface Handler {
    /** Answers one request. */
    Answer answer(Exchange exchange) throws Exception;
  }

  /** Something in the query. */
  sealed interface Query {
    /** Its name. */
    String name();

    /** One line for people. */
    String doc();

    /** A whole number. */
    record Whole(String name, int min, int max, int preset, String doc) implements Query {}

    /** A text of at most 255 characters; one of the choices, where there are any. */
    record Text(String name, List<String> choices, String doc) implements Query {}
  }

  /** A kind of body. */
  enum Takes {
    NOTHING(false, List.of()),
    DOCUMENT(true, List.of("application/yaml", "application/json")),
    JSON(true, List.of("application/json")),
    MAYBE_JSON(false, List.of("application/json")),
    ARCHIVE(true, List.of("application/zip", "application/octet-stream"));

    private final boolean required;
    private final List<String> types;

    Takes(boolean required, List<String> types) {
      this.required = required;
      this.types = types;
    }

    boolean required() {
      return required;
    }

    List<String> types() {
      return types;
    }
  }

  /** A kind of answer: its media type and the name of its schema, empty where there is none. */
  record Gives(String type, String schema, String doc) {}

  static Builder get(String path, String id, String summary) {
    return new Builder(HttpMethod.GET, path, id, summary);
  }

  static Builder post(String path, String id, String summary) {
    return new Builder(HttpMethod.POST, path, id, summary);
  }

  static Builder put(String path, String id, String summary) {
    return new Builder(HttpMethod.PUT, path, id, summary);
  }

  static Builder delete(String path, String id, String summary) {
    return new Builder(HttpMethod.DELETE, path, id, summary);
  }

  /** Spells an operation out. */
  static final class Builder {
    private final HttpMethod method;
    private final String path;
    private final String id;
    private final String summary;
    private boolean open;
    private List<Query> query = List.of();
    private boolean ifMatch;
    private Takes takes = Takes.NOTHING;
    private final Map<Integer, Gives> gives = new TreeMap<>();

    private Builder(HttpMethod method, String path, String id, String summary) {
      this.method = method;
      this.path = path;
      this.id = id;
      this.summary = summary;
    }

    Builder open() {
      open = true;
      return this;
    }

    Builder query(Query... parameters) {
      query = List.of(parameters);
      return this;
    }

    Builder ifMatch() {
      ifMatch = true;
      return this;
    }

    Builder takes(Takes body) {
      takes = body;
      return this;
    }

    Builder gives(int status, String type, String schema, String doc) {
      gives.put(status, new Gives(type, schema, doc));
      return this;
    }

    Builder givesJson(int status, String schema, String doc) {
      return gives(status, "application/json", schema, doc);
    }

    Builder givesNothing(String doc) {
      return gives(204, "", "", doc);
    }

    Operation by(Handler handler) {
      String[] parts = path.split("/");
      String group =
          parts[parts.length > 5 && parts[3].equals("workspaces") ? 5 : parts.length > 3 ? 3 : 1];
      return new Operation(
          method,
          path,
          id,
          group,
          summary,
          open,
          query,
          ifMatch,
          takes,
          Collections.unmodifiableMap(new TreeMap<>(gives)),
          handler);
    }
  }
}
