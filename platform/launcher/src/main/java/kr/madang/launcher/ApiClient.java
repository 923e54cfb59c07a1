package kr.madang.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Asks a runtime that is running, through its door, as anybody would. */
final class ApiClient implements AutoCloseable {
  static final Arguments.Option URL =
      new Arguments.Option("url", "URL", "Of the runtime; http://127.0.0.1:8080 if left out.");

  static final Arguments.Option TOKEN =
      new Arguments.Option("token-file", "FILE", "With a token; HOME/admin.token if left out.");

  static final Arguments.Option HOME =
      new Arguments.Option("home", "DIR", "Of the runtime, for its token; MADANG_HOME too.");

  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(60);
  private static final Duration IMPORT = Duration.ofMinutes(30);
  static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build();
  private final String base;
  private final String token;

  private ApiClient(String base, String token) {
    this.base = base;
    this.token = token;
  }

  /** The runtime that the options name. */
  static ApiClient of(Arguments arguments, Map<String, String> environment) {
    String url = arguments.option("url").orElse("http://127.0.0.1:8080");
    if (!url.matches("https?://[^/?#]+/?")) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "--url: expected http://HOST:PORT as the runtime prints it, got '" + url + "'");
    }
    Optional<Path> file =
        arguments
            .option("token-file")
            .map(Path::of)
            .or(() -> arguments.home(environment).map(home -> home.resolve("admin.token")));
    Path from =
        file.orElseThrow(() ->
            new PluginException(
                ErrorCode.CONFIG_INVALID,
                "a token is needed: say --home DIR of the runtime, or --token-file FILE"));
    try {
      return new ApiClient(url.replaceAll("/$", ""), Files.readString(from).strip());
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "the token in " + from + " cannot be read (" + e.getClass().getSimpleName() + ")",
          e);
    }
  }

  /** A path of words, each of them escaped. */
  static String path(String... words) {
    StringBuilder path = new StringBuilder();
    for (String word : words) {
      path.append('/').append(URLEncoder.encode(word, StandardCharsets.UTF_8).replace("+", "%20"));
    }
    return path.toString();
  }

  JsonNode get(String path) throws InterruptedException {
    return send(path, HttpRequest.newBuilder().GET());
  }

  /** Posts JSON, or nothing. */
  JsonNode post(String path, String json) throws InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder().POST(BodyPublishers.ofString(json));
    return send(
        path, json.isEmpty() ? request : request.header("Content-Type", "application/json"));
  }

  JsonNode put(String path, String json) throws InterruptedException {
    return send(
        path,
        HttpRequest.newBuilder()
            .PUT(BodyPublishers.ofString(json))
            .header("Content-Type", "application/json"));
  }

  JsonNode delete(String path) throws InterruptedException {
    return send(path, HttpRequest.newBuilder().DELETE());
  }

  /** Posts an archive, and waits for as long as its import may take. */
  JsonNode upload(String path, Path archive) throws InterruptedException {
    try {
      return send(
          path,
          HttpRequest.newBuilder()
              .POST(BodyPublishers.ofFile(archive))
              .header("Content-Type", "application/zip"),
          IMPORT);
    } catch (FileNotFoundException e) {
      throw new PluginException(ErrorCode.NOT_FOUND, "there is no file " + archive, e);
    }
  }

  private JsonNode send(String path, HttpRequest.Builder builder) throws InterruptedException {
    return send(path, builder, ANSWER);
  }

  private JsonNode send(String path, HttpRequest.Builder builder, Duration limit)
      throws InterruptedException {
    HttpRequest request =
        builder
            .uri(URI.create(base + path))
            .timeout(limit)
            .header("Authorization", "Bearer " + token)
            .build();
    HttpResponse<String> answer;
    try {
      answer = http.send(request, BodyHandlers.ofString());
    } catch (ConnectException e) {
      throw new PluginException(
          ErrorCode.UNREACHABLE,
          "no runtime answers at " + base + ": start it by 'madang serve', or name it by --url",
          e);
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.UNREACHABLE, base + " does not answer as it should: " + e, e);
    }
    JsonNode json = json(answer);
    if (answer.statusCode() >= 400) {
      throw new PluginException(
          answer.statusCode() < 500 ? ErrorCode.CONFIG_INVALID : ErrorCode.REFUSED,
          "%s says %d %s"
              .formatted(
                  base,
                  answer.statusCode(),
                  answer.statusCode() == 401
                      ? "to this token: name another by --token-file"
                      : json.path("detail").asText(answer.body())));
    }
    return json;
  }

  private JsonNode json(HttpResponse<String> answer) {
    try {
      return answer.body().isBlank() ? JSON.createObjectNode() : JSON.readTree(answer.body());
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.PROTOCOL,
          "what answers at %s is no madang: status %d, and no JSON"
              .formatted(base, answer.statusCode()),
          e);
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
