import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The few calls of the admin API that the story needs. */
final class Madang {
  private static final String WORKSPACE = "/api/v1/workspaces/default";

  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();
  private final String url;
  private final String token;

  Madang(String url, String token) {
    this.url = url;
    this.token = token;
  }

  record Alarm(long id, boolean active, Instant since) {}

  void install(Path archive) throws IOException, InterruptedException {
    send(request("/api/v1/plugins", "application/zip", BodyPublishers.ofFile(archive)));
  }

  void create(String pipeline) throws IOException, InterruptedException {
    send(request(WORKSPACE + "/pipelines", "application/yaml", BodyPublishers.ofString(pipeline)));
  }

  /** The state of a pipeline and, where there is one, its reason. */
  String state(String pipeline) throws IOException, InterruptedException {
    String body = get(WORKSPACE + "/pipelines/" + pipeline);
    String reason = text(body, "reason");
    return text(body, "state") + (reason.isEmpty() ? "" : ": " + reason);
  }

  String ledger(String pipeline) throws IOException, InterruptedException {
    return get(WORKSPACE + "/pipelines/" + pipeline + "/ledger");
  }

  /** The alarms that a pipeline raised. */
  List<Alarm> alarms(String pipeline) throws IOException, InterruptedException {
    List<Alarm> alarms = new ArrayList<>();
    Matcher objects = Pattern.compile("\\{[^{}]*\\}").matcher(get(WORKSPACE + "/alarms"));
    while (objects.find()) {
      String alarm = objects.group();
      if (text(alarm, "pipeline").equals(pipeline) && text(alarm, "cause").equals(Watch.ALARM)) {
        alarms.add(
            new Alarm(
                (long) number(alarm, "id"),
                alarm.replace(" ", "").contains("\"active\":true"),
                Instant.parse(text(alarm, "since"))));
      }
    }
    return alarms;
  }

  /** Gives each row that a stage emits, as JSON, until the stream ends. */
  void tap(String pipeline, String stage, Consumer<String> row)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(
                    url + WORKSPACE + "/pipelines/" + pipeline + "/stages/" + stage + "/tap"))
            .header("Authorization", "Bearer " + token)
            .header("Accept", "text/event-stream")
            .build();
    HttpResponse<Stream<String>> answer = client.send(request, BodyHandlers.ofLines());
    try (Stream<String> lines = answer.body()) {
      if (answer.statusCode() != 200) {
        throw new IOException(request.uri() + ": " + answer.statusCode());
      }
      Pattern rows = Pattern.compile("\\{[^{}]*\\}");
      lines
          .filter(line -> line.startsWith("data:"))
          .forEach(
              line -> {
                Matcher each = rows.matcher(line);
                while (each.find()) {
                  row.accept(each.group());
                }
              });
    }
  }

  static double number(String json, String name) {
    Matcher matcher =
        Pattern.compile("\"" + Pattern.quote(name) + "\"\\s*:\\s*(-?[0-9.eE+-]+)").matcher(json);
    return matcher.find() ? Double.parseDouble(matcher.group(1)) : Double.NaN;
  }

  static String text(String json, String name) {
    Matcher matcher =
        Pattern.compile("\"" + Pattern.quote(name) + "\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)\"")
            .matcher(json);
    return matcher.find() ? matcher.group(1) : "";
  }

  private String get(String path) throws IOException, InterruptedException {
    return send(authorized(path).GET().build());
  }

  private HttpRequest request(String path, String type, HttpRequest.BodyPublisher body) {
    return authorized(path).header("Content-Type", type).POST(body).build();
  }

  private HttpRequest.Builder authorized(String path) {
    return HttpRequest.newBuilder(URI.create(url + path))
        .header("Authorization", "Bearer " + token)
        .timeout(Duration.ofSeconds(60));
  }

  private String send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
    if (answer.statusCode() / 100 != 2) {
      throw new IOException(
          request.method() + " " + request.uri() + ": " + answer.statusCode() + " " + answer.body());
    }
    return answer.body();
  }
}
