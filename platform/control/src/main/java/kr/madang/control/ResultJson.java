package kr.madang.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kr.madang.engine.compare.Comparison;
import kr.madang.engine.compare.HtmlReport;
import kr.madang.engine.compare.ResultFolder;
import kr.madang.engine.compare.ResultSummary;
import kr.madang.engine.compare.ResultSummary.StageTime;
import kr.madang.host.HostError;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/** Results of replays and their comparisons as JSON, for doors and the command line. */
public final class ResultJson {
  private static final String FILE = "result.json";
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ResultJson() {}

  /** A comparison, with its keys in the order of the record. */
  public static String of(Comparison comparison) {
    return RecordJson.of(comparison).toString();
  }

  /** A comparison as one HTML page that needs nothing else. */
  public static String page(Comparison comparison) {
    StringBuilder page = new StringBuilder();
    try {
      HtmlReport.write(comparison, page);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return page.toString();
  }

  /** Writes what a replay tells about its result beside it. */
  public static void write(Path folder, ResultSummary summary) {
    try {
      Files.writeString(folder.resolve(FILE), RecordJson.of(summary).toString() + "\n");
    } catch (IOException e) {
      throw new PluginException(
          HostError.STORAGE, folder.resolve(FILE) + " cannot be written: " + e, e);
    }
  }

  /**
   * Opens the folder of a replay's result.
   *
   * @throws PluginException CONFIG_INVALID if it is none
   */
  public static ResultFolder read(Path folder) {
    Path file = folder.resolve(FILE);
    try {
      JsonNode json = MAPPER.readTree(Files.readString(file));
      return new ResultFolder(folder, summary(json));
    } catch (IOException | DateTimeException | IllegalArgumentException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          folder
              + " is not the result of a replay: expected "
              + FILE
              + " in it, which cannot be read: "
              + e,
          e);
    }
  }

  private static ResultSummary summary(JsonNode json) {
    List<StageTime> stages = new ArrayList<>();
    for (JsonNode stage : json.path("stages")) {
      stages.add(
          new StageTime(
              stage.path("stage").asText(),
              stage.path("wallNanos").asLong(ResultSummary.NOT_MEASURED),
              stage.path("cpuNanos").asLong(ResultSummary.NOT_MEASURED)));
    }
    return new ResultSummary(
        json.path("pipeline").asText(),
        json.path("label").asText(),
        json.path("version").asText(),
        json.path("inputRows").asLong(),
        instant(json.path("from")),
        instant(json.path("to")),
        json.path("wallNanos").asLong(ResultSummary.NOT_MEASURED),
        stages,
        counts(json.path("outputRows")),
        counts(json.path("rejectedRows")));
  }

  private static @Nullable Instant instant(JsonNode json) {
    return json.isTextual() ? Instant.parse(json.textValue()) : null;
  }

  private static Map<String, Long> counts(JsonNode json) {
    Map<String, Long> counts = new TreeMap<>();
    json.properties().forEach(entry -> counts.put(entry.getKey(), entry.getValue().asLong()));
    return counts;
  }
}
