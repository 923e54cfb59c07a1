package kr.madang.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Dead letters of a pipeline of a running runtime. */
final class Letters {
  private static final Arguments.Option WORKSPACE =
      new Arguments.Option("workspace", "NAME", "Whose pipeline it is; 'default' if left out.");

  private static final Arguments.Option STAGE =
      new Arguments.Option("stage", "NAME", "Only those of this stage.");

  private static final Arguments.Option ALL =
      new Arguments.Option("all", "", "Instead of ids: all that nothing was done about.");

  private static final Arguments.Option JSON =
      new Arguments.Option("json", "", "What the runtime answers, as it is.");

  static final Arguments.Verb LIST =
      new Arguments.Verb(
          "dead-letters ls",
          "PIPELINE",
          "Lists rows that a stage of a running pipeline could not take, with the cause.",
          List.of(
              ApiClient.HOME,
              ApiClient.URL,
              ApiClient.TOKEN,
              WORKSPACE,
              STAGE,
              new Arguments.Option(
                  "state", "STATE", "open, replayed or discarded; all if left out."),
              JSON));

  static final Arguments.Verb SHOW =
      new Arguments.Verb(
          "dead-letters show",
          "PIPELINE ID",
          "Shows one dead letter with its rows as JSON. Edited, that is what replay --rows takes.",
          List.of(ApiClient.HOME, ApiClient.URL, ApiClient.TOKEN, WORKSPACE));

  static final Arguments.Verb REPLAY =
      new Arguments.Verb(
          "dead-letters replay",
          "PIPELINE [ID…]",
          "Puts the rows of dead letters back in where they were refused.",
          List.of(
              ApiClient.HOME,
              ApiClient.URL,
              ApiClient.TOKEN,
              WORKSPACE,
              ALL,
              STAGE,
              new Arguments.Option(
                  "rows", "FILE", "Corrected rows of one dead letter: what show gave, edited.")));

  static final Arguments.Verb DISCARD =
      new Arguments.Verb(
          "dead-letters discard",
          "PIPELINE [ID…]",
          "Lets dead letters be: they need nobody's care any more.",
          List.of(ApiClient.HOME, ApiClient.URL, ApiClient.TOKEN, WORKSPACE, ALL, STAGE));

  private static final int MOST = 1000;

  private Letters() {}

  private static String folder(Arguments arguments) {
    return ApiClient.path(
        "api",
        "v1",
        "workspaces",
        arguments.option("workspace").orElse("default"),
        "pipelines",
        arguments.files().getFirst(),
        "dead-letters");
  }

  static int list(Arguments arguments, Map<String, String> environment)
      throws InterruptedException {
    try (ApiClient api = ApiClient.of(arguments, environment)) {
      JsonNode answer = api.get(query(arguments));
      if (arguments.has("json")) {
        System.out.println(answer);
        return Main.OK;
      }
      Table table = new Table("ID", "TIME", "STATE", "STAGE", "ROWS", "TRIED", "WHY");
      for (JsonNode letter : answer.path("deadLetters")) {
        table.add(
            letter.path("id").asText(),
            letter.path("time").asText(),
            letter.path("state").asText(),
            letter.path("stage").asText(),
            letter.path("rows").asText(),
            letter.path("attempts").asText(),
            letter.path("why").asText().replaceAll("\\s+", " "));
      }
      System.out.print(table);
      return Main.OK;
    }
  }

  static int show(Arguments arguments, Map<String, String> environment)
      throws InterruptedException {
    try (ApiClient api = ApiClient.of(arguments, environment)) {
      String id = arguments.files().get(1);
      System.out.println(api.get(folder(arguments) + ApiClient.path(id)).toPrettyString());
      return Main.OK;
    }
  }

  static int replay(Arguments arguments, Map<String, String> environment)
      throws InterruptedException {
    return each(arguments, environment, REPLAY, "replay");
  }

  static int discard(Arguments arguments, Map<String, String> environment)
      throws InterruptedException {
    return each(arguments, environment, DISCARD, "discard");
  }

  private static int each(
      Arguments arguments, Map<String, String> environment, Arguments.Verb verb, String what)
      throws InterruptedException {
    List<String> ids = arguments.files().subList(1, arguments.files().size());
    if (ids.isEmpty() != arguments.has("all") || arguments.has("rows") && ids.size() != 1) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "expected ids of dead letters or --all, and one id with --rows; 'madang "
              + verb.name()
              + " --help' tells more");
    }
    try (ApiClient api = ApiClient.of(arguments, environment)) {
      return ids.isEmpty() ? all(api, arguments, what) : some(api, arguments, ids, what);
    }
  }

  private static int all(ApiClient api, Arguments arguments, String what)
      throws InterruptedException {
    ObjectNode filter = JsonNodeFactory.instance.objectNode();
    arguments.option("stage").ifPresent(stage -> filter.put("stage", stage));
    JsonNode outcome =
        api.post(folder(arguments) + "/" + what, filter.isEmpty() ? "" : filter.toString());
    outcome.path("reasons").forEach(why -> System.err.println(why.asText()));
    int left = outcome.path("left").asInt();
    System.out.printf(
        "%d dead letters done, %d rows, %d left%n",
        outcome.path("done").asInt(), outcome.path("rows").asLong(), left);
    return left == 0 ? Main.OK : Main.FAILED;
  }

  /** One call for each: what cannot be done about one is said and holds up no other. */
  private static int some(ApiClient api, Arguments arguments, List<String> ids, String what)
      throws InterruptedException {
    String body = arguments.has("rows") ? rows(Path.of(arguments.option("rows").get())) : "";
    int done = 0;
    for (String id : ids) {
      try {
        api.post(folder(arguments) + ApiClient.path(id, what), body);
        done++;
      } catch (PluginException e) {
        if (e.code().equals(ErrorCode.UNREACHABLE)) {
          throw e;
        }
        System.err.println(id + ": " + e.getMessage());
      }
    }
    System.out.println(done + " of " + ids.size() + " dead letters done");
    return done == ids.size() ? Main.OK : Main.FAILED;
  }

  /** The rows of what show gave, or a bare list of rows. */
  static String rows(Path file) {
    try {
      JsonNode read = ApiClient.JSON.readTree(Files.readString(file));
      JsonNode rows = read.isArray() ? read : read.path("data");
      if (rows.isArray()) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.set("data", rows);
        return body.toString();
      }
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID, "--rows: " + file + " cannot be read as JSON: " + e, e);
    }
    throw new PluginException(
        ErrorCode.CONFIG_INVALID,
        "--rows: " + file + " holds no list of rows: expected what 'dead-letters show' prints");
  }

  private static String query(Arguments arguments) {
    StringBuilder query = new StringBuilder(folder(arguments)).append("?limit=").append(MOST);
    for (String name : List.of("state", "stage")) {
      arguments
          .option(name)
          .ifPresent(value ->
              query
                  .append('&')
                  .append(name)
                  .append('=')
                  .append(ApiClient.path(value).substring(1)));
    }
    return query.toString();
  }
}
