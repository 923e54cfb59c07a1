package kr.madang.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import kr.madang.control.Inspection;
import kr.madang.inference.Inference;
import kr.madang.inference.InferenceOptions;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/** Models: of a running runtime, and of a folder or an archive that is in none yet. */
final class ModelVerbs {
  private static final String MODELS = "/api/v1/models";

  private static final Arguments.Option JSON =
      new Arguments.Option("json", "", "As JSON, on one line.");

  static final Arguments.Verb LIST =
      new Arguments.Verb(
          "model ls",
          "",
          "Lists the models of a running runtime, of plugins and uploaded.",
          List.of(ApiClient.HOME, ApiClient.URL, ApiClient.TOKEN, JSON));

  static final Arguments.Verb INSPECT =
      new Arguments.Verb(
          "model inspect",
          "FILE|NAME@VERSION",
          "Tells what a model is, takes and costs. A folder or a zip of one is examined here as an\n"
              + "upload would be, without a runtime; a name is asked of the running runtime.",
          List.of(ApiClient.HOME, ApiClient.URL, ApiClient.TOKEN, JSON));

  static final Arguments.Verb UPLOAD =
      new Arguments.Verb(
          "model upload",
          "FILE",
          "Uploads a model to a running runtime. FILE is a folder with model.yaml, model.onnx, the\n"
              + "files of its weights and golden samples, or a zip of one.",
          List.of(ApiClient.HOME, ApiClient.URL, ApiClient.TOKEN, JSON));

  static final Arguments.Verb REMOVE =
      new Arguments.Verb(
          "model rm",
          "NAME@VERSION",
          "Deletes a model that was uploaded and that nobody uses.",
          List.of(ApiClient.HOME, ApiClient.URL, ApiClient.TOKEN));

  static final Arguments.Verb ALIAS =
      new Arguments.Verb(
          "model alias",
          "NAME [ALIAS…]",
          "Shows what the aliases of a model stand for, or sets one: NAME ALIAS VERSION.",
          List.of(
              ApiClient.HOME,
              ApiClient.URL,
              ApiClient.TOKEN,
              new Arguments.Option("rm", "ALIAS", "Removes that alias.")));

  private ModelVerbs() {}

  static int list(Arguments arguments, Map<String, String> environment)
      throws InterruptedException {
    try (ApiClient api = ApiClient.of(arguments, environment)) {
      JsonNode answer = api.get(MODELS);
      if (arguments.has("json")) {
        System.out.println(answer);
        return Main.OK;
      }
      Table table = new Table("NAME", "VERSION", "FROM", "STATE", "MEMORY", "PINNED", "WHY");
      for (JsonNode model : answer.path("models")) {
        String plugin = model.path("plugin").asText();
        table.add(
            model.path("name").asText(),
            model.path("version").asText(),
            plugin.isEmpty() ? model.path("origin").asText() : plugin,
            model.path("state").asText(),
            model.path("bytes").asText(),
            model.path("pinned").asBoolean() ? "yes" : "",
            model.path("reason").asText().replaceAll("\\s+", " "));
      }
      System.out.print(table);
      return Main.OK;
    }
  }

  static int inspect(Arguments arguments, Map<String, String> environment)
      throws InterruptedException {
    String what = arguments.files().getFirst();
    Path file = Path.of(what);
    if (Files.exists(file)) {
      JsonNode found = examined(file);
      show(arguments, found);
      return found.at("/report/refusals").isEmpty() ? Main.OK : Main.BAD_CONFIG;
    }
    if (what.indexOf('@') < 0) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "'%s' is no file, and no NAME@VERSION of a model in a runtime".formatted(what));
    }
    try (ApiClient api = ApiClient.of(arguments, environment)) {
      show(arguments, api.get(version(what)));
      return Main.OK;
    }
  }

  private static JsonNode examined(Path file) {
    try (Home scratch = Home.throwaway();
        BufferAllocator allocator = new RootAllocator();
        Inference inference = Inference.open(InferenceOptions.defaults(), InstantSource.system())) {
      return new Inspection(
              scratch.folder(),
              inference,
              allocator,
              Thread.ofPlatform().daemon().name("madang-", 0).factory())
          .of(file);
    }
  }

  private static void show(Arguments arguments, JsonNode json) {
    System.out.print(arguments.has("json") ? json + System.lineSeparator() : Outline.of(json));
  }

  static int upload(Arguments arguments, Map<String, String> environment)
      throws InterruptedException {
    Path file = arguments.file();
    try (ApiClient api = ApiClient.of(arguments, environment);
        ExaminationWatch _ = new ExaminationWatch(api)) {
      if (!Files.isDirectory(file)) {
        return uploaded(arguments, api.upload(MODELS, file));
      }
      Path zip = Files.createTempFile("madang-model-", ".zip");
      try {
        FolderZip.of(file, zip);
        return uploaded(arguments, api.upload(MODELS, zip));
      } finally {
        Files.deleteIfExists(zip);
      }
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID, "folder " + file + " cannot be packed: " + e, e);
    }
  }

  private static int uploaded(Arguments arguments, JsonNode model) {
    if (arguments.has("json")) {
      System.out.println(model);
    } else {
      System.out.printf(
          "%s@%s is there, digest %s%n",
          model.path("name").asText(),
          model.path("version").asText(),
          model.path("digest").asText());
      model
          .at("/report/warnings")
          .forEach(warning -> System.err.println("warning: " + warning.asText()));
    }
    return Main.OK;
  }

  static int remove(Arguments arguments, Map<String, String> environment)
      throws InterruptedException {
    String what = arguments.files().getFirst();
    try (ApiClient api = ApiClient.of(arguments, environment)) {
      api.delete(version(what));
      System.out.println(what + " is gone");
      return Main.OK;
    }
  }

  static int alias(Arguments arguments, Map<String, String> environment)
      throws InterruptedException {
    List<String> words = arguments.files();
    String aliases = MODELS + ApiClient.path(words.getFirst(), "aliases");
    try (ApiClient api = ApiClient.of(arguments, environment)) {
      JsonNode answer;
      if (arguments.has("rm") && words.size() == 1) {
        api.delete(aliases + ApiClient.path(arguments.option("rm").orElseThrow()));
        answer = api.get(aliases);
      } else if (words.size() == 3 && !arguments.has("rm")) {
        String body = JsonNodeFactory.instance.objectNode().put("version", words.get(2)).toString();
        answer = api.put(aliases + ApiClient.path(words.get(1)), body);
      } else if (words.size() == 1) {
        answer = api.get(aliases);
      } else {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            "expected NAME, or NAME ALIAS VERSION, or NAME --rm ALIAS; 'madang model alias --help' tells more");
      }
      System.out.print(Outline.of(answer.path("aliases")));
      return Main.OK;
    }
  }

  private static String version(String what) {
    int at = what.lastIndexOf('@');
    if (at <= 0 || at == what.length() - 1) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID, "expected NAME@VERSION, got '" + what + "'");
    }
    return MODELS + ApiClient.path(what.substring(0, at), "versions", what.substring(at + 1));
  }
}
