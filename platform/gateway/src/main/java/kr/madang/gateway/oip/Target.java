package kr.madang.gateway.oip;

import java.util.List;
import java.util.Optional;

/**
 * What a path under {@code /v2} leads to.
 *
 * @param model empty where the path names none
 * @param version empty where the path names none
 */
record Target(What what, String model, String version) {

  /** The things that can be asked for. */
  enum What {
    SERVER("GET"),
    LIVE("GET"),
    READY("GET"),
    MODEL("GET"),
    MODEL_READY("GET"),
    INFER("POST"),
    STATISTICS("GET"),
    CONFIG("GET"),
    INDEX("POST"),
    LOAD("POST"),
    UNLOAD("POST"),
    TRACE("GET", "POST");

    private final List<String> methods;

    What(String... methods) {
      this.methods = List.of(methods);
    }

    boolean offers(String method) {
      return methods.contains(method);
    }

    /** All that are offered, as the header {@code Allow} has them. */
    String allowed() {
      return String.join(", ", methods);
    }
  }

  private static final String MODELS = "/v2/models/";
  private static final String REPOSITORY = "/v2/repository/models/";
  private static final String VERSIONS = "/versions/";

  /** Reads a path without its query; empty where there is nothing. */
  static Optional<Target> of(String path) {
    if (path.startsWith(MODELS)) {
      return ofModel(path);
    }
    return switch (path) {
      case "/v2" -> server(What.SERVER);
      case "/v2/health/live" -> server(What.LIVE);
      case "/v2/health/ready" -> server(What.READY);
      case "/v2/trace/setting" -> server(What.TRACE);
      case "/v2/repository/index" -> server(What.INDEX);
      default -> path.startsWith(REPOSITORY) ? ofRepository(path) : Optional.empty();
    };
  }

  private static Optional<Target> server(What what) {
    return Optional.of(new Target(what, "", ""));
  }

  private static Optional<Target> ofModel(String path) {
    int end = nameEnd(path, MODELS.length());
    String model = path.substring(MODELS.length(), end);
    if (model.isEmpty()) {
      return Optional.empty();
    }
    String version = "";
    if (path.startsWith(VERSIONS, end)) {
      int from = end + VERSIONS.length();
      end = nameEnd(path, from);
      version = path.substring(from, end);
      if (version.isEmpty()) {
        return Optional.empty();
      }
    }
    What what =
        switch (path.substring(end)) {
          case "" -> model.equals("stats") && version.isEmpty() ? What.STATISTICS : What.MODEL;
          case "/infer" -> What.INFER;
          case "/ready" -> What.MODEL_READY;
          case "/stats" -> What.STATISTICS;
          case "/config" -> What.CONFIG;
          case "/trace/setting" -> What.TRACE;
          default -> null;
        };
    if (what == null) {
      return Optional.empty();
    }
    boolean all = what == What.STATISTICS && end == path.length();
    return Optional.of(new Target(what, all ? "" : model, version));
  }

  private static Optional<Target> ofRepository(String path) {
    int end = nameEnd(path, REPOSITORY.length());
    String model = path.substring(REPOSITORY.length(), end);
    if (model.isEmpty()) {
      return Optional.empty();
    }
    return switch (path.substring(end)) {
      case "/load" -> Optional.of(new Target(What.LOAD, model, ""));
      case "/unload" -> Optional.of(new Target(What.UNLOAD, model, ""));
      default -> Optional.empty();
    };
  }

  /** Names of models and versions are made of letters, digits, dot, underscore and hyphen. */
  private static int nameEnd(String path, int from) {
    int at = from;
    while (at < path.length() && isOfName(path.charAt(at))) {
      at++;
    }
    return at;
  }

  private static boolean isOfName(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || c == '.'
        || c == '_'
        || c == '-';
  }
}
