package kr.madang.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;
import kr.madang.control.ReplayView;
import kr.madang.engine.Recording;

/** Recordings and replays as JSON. */
final class ReplayViews {
  private ReplayViews() {}

  static JsonNode recording(Recording recording) {
    ObjectNode json = Json.object();
    json.set("sources", Json.array(recording.sources(), ReplayViews::source));
    return json;
  }

  private static JsonNode source(Recording.Source source) {
    ObjectNode json = Json.object();
    json.put("name", source.name());
    json.put("epoch", source.epoch());
    json.put("first", source.first());
    json.put("next", source.next());
    json.put("from", Views.text(source.from()));
    json.put("to", Views.text(source.to()));
    return json;
  }

  static JsonNode replay(ReplayView replay) {
    ObjectNode json = Json.object();
    json.put("id", replay.id());
    json.put("workspace", replay.workspace());
    json.put("pipeline", replay.pipeline());
    json.put("label", replay.label());
    json.put("version", replay.version());
    json.put("state", replay.state());
    json.put("reason", replay.reason());
    json.put("rows", replay.rows());
    json.put("of", replay.of());
    json.put("bytes", replay.bytes());
    json.put("startedAt", replay.startedAt().toString());
    json.put("endedAt", Views.text(replay.endedAt()));
    json.put("wallNanos", replay.wallNanos());
    json.set("stages", Json.array(replay.stages(), ReplayViews::stage));
    counts(json.putObject("outputRows"), replay.outputRows());
    counts(json.putObject("rejectedRows"), replay.rejectedRows());
    return json;
  }

  private static JsonNode stage(ReplayView.Stage stage) {
    ObjectNode json = Json.object();
    json.put("stage", stage.stage());
    json.put("wallNanos", stage.wallNanos());
    json.put("cpuNanos", stage.cpuNanos());
    return json;
  }

  private static void counts(ObjectNode json, Map<String, Long> counts) {
    new TreeMap<>(counts).forEach(json::put);
  }
}
