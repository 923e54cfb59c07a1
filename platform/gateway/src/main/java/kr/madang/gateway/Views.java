package kr.madang.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import kr.madang.control.Alarm;
import kr.madang.control.CheckReport;
import kr.madang.control.DeadLetterVerbs;
import kr.madang.control.JournalView;
import kr.madang.control.PipelineView;
import kr.madang.control.PluginView;
import kr.madang.engine.DeadLetter;
import kr.madang.engine.Ledger;
import kr.madang.engine.PipelineStatus;
import kr.madang.engine.SourceTags;
import kr.madang.sdk.batch.Quality;
import org.jspecify.annotations.Nullable;

/** What control hands out, as JSON. */
final class Views {
  private Views() {}

  static JsonNode plugin(PluginView plugin) {
    ObjectNode json = Json.object();
    json.put("id", plugin.id());
    json.put("version", plugin.version());
    json.put("state", plugin.state());
    json.put("reason", plugin.reason());
    json.put("from", plugin.from());
    json.put("digest", plugin.digest());
    json.put("description", plugin.description());
    json.put("provider", plugin.provider());
    json.put("license", plugin.license());
    json.set("sources", Json.strings(plugin.sources()));
    json.set("transforms", Json.strings(plugin.transforms()));
    json.set("sinks", Json.strings(plugin.sinks()));
    json.set("models", Json.strings(plugin.models()));
    json.set("problems", Json.strings(plugin.problems()));
    return json;
  }

  static JsonNode pipeline(PipelineView pipeline) {
    ObjectNode json = Json.object();
    json.put("workspace", pipeline.workspace());
    json.put("name", pipeline.name());
    json.put("description", pipeline.description());
    json.put("revision", pipeline.revision());
    json.put("desired", lower(pipeline.desired()));
    json.put("state", lower(pipeline.state()));
    json.put("reason", pipeline.reason());
    json.put("attempts", pipeline.attempts());
    json.put("crashLooping", pipeline.crashLooping());
    json.put("nextTry", text(pipeline.nextTry()));
    json.put("durability", pipeline.durability());
    json.set("backlog", Json.array(pipeline.backlog(), Views::backlog));
    json.set("pins", Json.array(pipeline.pins(), Views::pin));
    json.put("createdAt", pipeline.createdAt().toString());
    json.put("updatedAt", pipeline.updatedAt().toString());
    return json;
  }

  private static JsonNode pin(PipelineView.Pin pin) {
    ObjectNode json = Json.object();
    json.put("use", pin.use());
    json.put("kind", pin.kind());
    json.put("resolved", pin.resolved());
    json.put("digest", pin.digest());
    return json;
  }

  static JsonNode status(PipelineView pipeline) {
    PipelineStatus status = pipeline.status();
    ObjectNode json = Json.object();
    json.put("state", lower(pipeline.state()));
    json.put("reason", pipeline.reason());
    json.put("phase", lower(status.phase()));
    json.put("since", status.since().toString());
    json.set("stages", Json.array(status.stages(), Views::stage));
    return json;
  }

  private static JsonNode stage(PipelineStatus.StageStatus stage) {
    ObjectNode json = Json.object();
    json.put("name", stage.name());
    json.put("kind", stage.kind());
    json.put("state", lower(stage.state()));
    json.put("reason", stage.reason());
    json.put("code", stage.code());
    json.put("since", stage.since().toString());
    json.put("attempts", stage.attempts());
    json.put("restarts", stage.restarts());
    json.put("overruns", stage.overruns());
    json.set("history", Json.array(stage.history(), Views::turn));
    return json;
  }

  private static JsonNode turn(PipelineStatus.Turn turn) {
    ObjectNode json = Json.object();
    json.put("at", turn.at().toString());
    json.put("state", lower(turn.state()));
    json.put("code", turn.code());
    json.put("reason", turn.reason());
    json.put("times", turn.times());
    return json;
  }

  static JsonNode tags(SourceTags source) {
    ObjectNode json = Json.object();
    json.put("source", source.source());
    json.put("others", source.others());
    json.set("tags", Json.array(source.tags(), Views::tag));
    return json;
  }

  private static JsonNode tag(SourceTags.Tag tag) {
    ObjectNode json = Json.object();
    json.put("name", tag.name());
    json.put("quality", Quality.name(tag.status()));
    json.put("status", Integer.toUnsignedLong(tag.status()));
    json.put("sourceTime", text(tag.sourceTime()));
    json.put("receiveTime", text(tag.receiveTime()));
    json.put("ageMillis", tag.age().map(Duration::toMillis).orElse(null));
    json.put("good", tag.good());
    json.put("uncertain", tag.uncertain());
    json.put("bad", tag.bad());
    json.put("overflows", tag.overflows());
    json.put("lastFault", tag.fault() == 0 ? "" : Quality.name(tag.fault()));
    json.put("lastFaultAt", text(tag.faultAt()));
    return json;
  }

  static JsonNode ledger(Ledger ledger) {
    ObjectNode json = Json.object();
    json.put("balanced", ledger.balanced());
    json.put("rejected", ledger.rejected());
    json.put("dropped", ledger.dropped());
    json.set("stages", Json.array(ledger.stages(), Views::account));
    json.set("links", Json.array(ledger.links(), Views::link));
    return json;
  }

  private static JsonNode account(Ledger.Stage stage) {
    ObjectNode json = Json.object();
    json.put("name", stage.name());
    json.put("in", stage.in());
    json.put("absorbed", stage.absorbed());
    json.put("filtered", stage.filtered());
    json.put("rejected", stage.rejected());
    ObjectNode dropped = json.putObject("dropped");
    new TreeMap<>(stage.dropped()).forEach(dropped::put);
    json.put("held", stage.held());
    json.put("working", stage.working());
    json.put("out", stage.out());
    return json;
  }

  private static JsonNode link(Ledger.Link link) {
    ObjectNode json = Json.object();
    json.put("from", link.from());
    json.put("to", link.to());
    json.put("emitted", link.emitted());
    json.put("received", link.received());
    json.put("dropped", link.dropped());
    json.put("queued", link.queued());
    return json;
  }

  static ObjectNode deadLetter(DeadLetter letter) {
    ObjectNode json = Json.object();
    json.put("id", letter.id());
    json.put("stage", letter.stage());
    json.put("time", letter.time().toString());
    json.put("code", letter.code());
    json.put("why", letter.why());
    json.put("attempts", letter.attempts());
    json.put("rows", letter.rows());
    json.put("stream", letter.stream());
    json.put("epoch", letter.epoch());
    json.put("sequence", letter.sequence());
    json.put("text", letter.text());
    json.put("replayable", letter.replayable());
    json.put("state", lower(letter.state()));
    json.put("settled", text(letter.settled()));
    return json;
  }

  static JsonNode outcome(DeadLetterVerbs.Outcome outcome) {
    ObjectNode json = Json.object();
    json.put("done", outcome.done());
    json.put("rows", outcome.rows());
    json.put("left", outcome.left());
    json.set("reasons", Json.strings(outcome.reasons()));
    return json;
  }

  static JsonNode journal(JournalView journal) {
    ObjectNode json = Json.object();
    json.put("workspace", journal.workspace());
    json.put("state", journal.state());
    json.put("reason", journal.reason());
    json.put("bytes", journal.bytes());
    json.put("segments", journal.segments());
    json.put("commits", journal.commits());
    json.put("forceNanos", journal.forceNanos());
    json.put("damaged", journal.damaged());
    json.set("damage", Json.array(journal.damage(), Views::broken));
    json.set("streams", Json.array(journal.streams(), Views::stream));
    return json;
  }

  private static JsonNode broken(JournalView.Broken broken) {
    ObjectNode json = Json.object();
    json.put("when", broken.when().toString());
    json.put("file", broken.file());
    json.put("offset", broken.offset());
    json.put("what", broken.what());
    return json;
  }

  private static JsonNode stream(JournalView.Stream stream) {
    ObjectNode json = Json.object();
    json.put("name", stream.name());
    json.put("pipeline", stream.pipeline());
    json.put("stage", stream.stage());
    json.put("kind", stream.kind());
    json.put("epoch", stream.epoch());
    json.put("first", stream.first());
    json.put("next", stream.next());
    json.put("backlog", stream.backlog());
    json.put("bytes", stream.bytes());
    json.put("gone", stream.gone());
    json.put("oldest", text(stream.oldest()));
    return json;
  }

  private static JsonNode backlog(PipelineView.Backlog backlog) {
    ObjectNode json = Json.object();
    json.put("stage", backlog.stage());
    json.put("rows", backlog.rows());
    json.put("bytes", backlog.bytes());
    json.put("oldest", text(backlog.oldest()));
    return json;
  }

  static JsonNode readiness(String status, boolean safe) {
    return Json.object().put("status", status).put("mode", mode(safe));
  }

  static String mode(boolean safe) {
    return safe ? "safe" : "normal";
  }

  static @Nullable String text(Optional<Instant> time) {
    return time.map(Instant::toString).orElse(null);
  }

  static JsonNode report(CheckReport report) {
    ObjectNode json = Json.object();
    json.put("ok", report.ok());
    json.put("pipeline", report.pipeline());
    json.set("steps", Json.array(report.steps(), Views::checked));
    return json;
  }

  private static JsonNode checked(CheckReport.Step step) {
    ObjectNode json = Json.object();
    json.put("stage", step.stage());
    json.put("what", step.what());
    json.put("outcome", lower(step.outcome()));
    json.put("message", step.message());
    return json;
  }

  static JsonNode alarm(Alarm alarm) {
    ObjectNode json = Json.object();
    json.put("id", alarm.id());
    json.put("workspace", alarm.workspace());
    json.put("pipeline", alarm.pipeline());
    json.put("stage", alarm.stage());
    json.put("cause", alarm.cause());
    json.put("severity", alarm.severity());
    json.put("message", alarm.message());
    json.put("active", alarm.active());
    json.put("acknowledged", alarm.acknowledged());
    json.put("since", alarm.since().toString());
    json.put("cleared", text(alarm.cleared()));
    return json;
  }

  static JsonNode list(String name, ArrayNode items) {
    return Json.object().set(name, items);
  }

  static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
