package kr.madang.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kr.madang.control.Alarm;
import kr.madang.control.Caller;
import kr.madang.control.CheckReport;
import kr.madang.control.DeadLetterVerbs;
import kr.madang.control.Drifts;
import kr.madang.control.ExaminationView;
import kr.madang.control.JournalView;
import kr.madang.control.ModelView;
import kr.madang.control.Models;
import kr.madang.control.PipelineView;
import kr.madang.control.PluginView;
import kr.madang.control.ReplayView;
import kr.madang.control.Role;
import kr.madang.control.Rollout;
import kr.madang.control.RuntimeView;
import kr.madang.control.Usage;
import kr.madang.control.Workspaces;
import kr.madang.control.spec.BaselineDocument;
import kr.madang.control.spec.DriftLimits;
import kr.madang.engine.DeadLetter;
import kr.madang.engine.Ledger;
import kr.madang.engine.PipelineStatus;
import kr.madang.engine.Recording;
import kr.madang.engine.SourceTags;
import kr.madang.inference.Accelerators;
import kr.madang.inference.Baseline;
import kr.madang.inference.Comparison;
import kr.madang.inference.Drift;
import kr.madang.inference.ExaminationStage;
import kr.madang.inference.Placement;
import kr.madang.inference.Share;

/**
 * JSON Schemas of the answers, read off examples that went through {@link Views}: what is
 * documented is what is sent.
 */
final class Schemas {
  private static final Instant TIME = Instant.EPOCH;
  private static final List<String> MAY_BE_NULL =
      List.of(
          "/Alarm/properties/cleared",
          "/Alarms/properties/alarms/items/properties/cleared",
          "/Drift/properties/places/items/properties/columns/items/properties/psi",
          "/Drift/properties/places/items/properties/columns/items/properties/missing",
          "/Drift/properties/places/items/properties/columns/items/properties/outOfRange",
          "/Drifts/properties/versions/items/properties/places/items/properties/columns/items/properties/psi",
          "/Drifts/properties/versions/items/properties/places/items/properties/columns/items/properties/missing",
          "/Drifts/properties/versions/items/properties/places/items/properties/columns/items/properties/outOfRange",
          "/DeadLetter/properties/settled",
          "/OpenedLetter/properties/settled",
          "/DeadLetters/properties/deadLetters/items/properties/settled",
          "/ModelVersion/properties/report",
          "/Journal/properties/streams/items/properties/oldest",
          "/Recording/properties/sources/items/properties/from",
          "/Recording/properties/sources/items/properties/to",
          "/Rollout/properties/ended",
          "/Replay/properties/endedAt",
          "/Replays/properties/replays/items/properties/endedAt",
          "/Tags/properties/sources/items/properties/tags/items/properties/sourceTime",
          "/Tags/properties/sources/items/properties/tags/items/properties/receiveTime",
          "/Tags/properties/sources/items/properties/tags/items/properties/lastFaultAt",
          "/Pipeline/properties/nextTry",
          "/Pipeline/properties/backlog/items/properties/oldest",
          "/Pipelines/properties/pipelines/items/properties/nextTry",
          "/Pipelines/properties/pipelines/items/properties/backlog/items/properties/oldest");

  private Schemas() {}

  static ObjectNode all() {
    ObjectNode schemas = Json.object();
    examples().forEach((name, example) -> schemas.set(name, of(example)));
    for (String place : MAY_BE_NULL) {
      ObjectNode schema = (ObjectNode) schemas.at(place);
      schema.set("type", Json.strings(List.of(schema.path("type").asText(), "null")));
    }
    return schemas;
  }

  private static Map<String, JsonNode> examples() {
    Map<String, JsonNode> examples = new LinkedHashMap<>();
    examples.put("Health", Json.object().put("status", "live"));
    examples.put("Readiness", Views.readiness("ready", false));
    examples.put(
        "Version",
        Json.object()
            .put("name", "madang")
            .put("version", "")
            .put("api", "v1")
            .put("subject", "")
            .put("mode", "")
            .put("role", ""));
    JsonNode plugin =
        Views.plugin(
            new PluginView(
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                List.of(""),
                List.of(""),
                List.of(""),
                List.of(""),
                List.of("")));
    examples.put("Plugin", plugin);
    examples.put("Plugins", list("plugins", plugin));
    var port = new ModelView.Port("", List.of(""), List.of(-1L), "", "");
    var model =
        new ModelView(
            "", "", "", "", "", "", "", true, 0, "", List.of(port), List.of(port), Map.of("*", ""));
    examples.put("Models", list("models", ModelApi.model(model)));
    examples.put(
        "ModelVersion", ModelApi.details(new Models.Details(model, Optional.of(Json.object()))));
    examples.put(
        "Usage", UsageApi.usage(List.of(new Usage.Row(TIME, "", "", "", "", 0, 0, 0, 0, 0, 0, 0))));
    examples.put(
        "Examinations",
        list(
            "examinations",
            ModelApi.examination(
                new ExaminationView("", "", ExaminationStage.WAITING, Duration.ZERO))));
    JsonNode drift = DriftApi.drift(drift());
    examples.put("Drift", drift);
    examples.put("Drifts", list("versions", drift));
    examples.put("Aliases", RolloutApi.aliases(Map.of("*", "")));
    examples.put("Rollout", RolloutApi.rollout(rollout()));
    examples.put(
        "Runtime",
        RuntimeApi.runtime(
            new RuntimeView(
                List.of(new Accelerators.Found(Placement.Provider.CPU, true, List.of(""), "")),
                List.of(new RuntimeView.Placed("", "", "", "", "")))));
    JsonNode workspace = WorkspaceApi.workspace(new Workspaces.View("", Share.DEFAULT, 0, 0, 0, 0));
    examples.put("Workspace", workspace);
    examples.put("Workspaces", list("workspaces", workspace));
    examples.put(
        "Token",
        WorkspaceApi.token(new Workspaces.Issued("", new Caller("", Role.MEMBER, Set.of("")))));
    examples.put("Pipeline", Views.pipeline(pipeline()));
    examples.put("Pipelines", list("pipelines", Views.pipeline(pipeline())));
    examples.put("Status", Views.status(pipeline()));
    examples.put("Tags", list("sources", Views.tags(tags())));
    examples.put(
        "Ledger",
        Views.ledger(
            new Ledger(
                List.of(new Ledger.Stage("", 0, 0, 0, 0, Map.of("*", 0L), 0, 0, 0)),
                List.of(new Ledger.Link("", "", 0, 0, 0, 0)))));
    JsonNode letter = Views.deadLetter(letter());
    examples.put("DeadLetter", letter);
    examples.put("DeadLetters", list("deadLetters", letter));
    ObjectNode opened = Views.deadLetter(letter());
    opened.putArray("data").addObject();
    opened.put("shown", 0);
    examples.put("OpenedLetter", opened);
    examples.put("Outcome", Views.outcome(new DeadLetterVerbs.Outcome(0, 0, 0, List.of(""))));
    examples.put(
        "Recording",
        ReplayViews.recording(
            new Recording(
                List.of(new Recording.Source("", 0, 0, 0, Optional.of(TIME), Optional.of(TIME))))));
    JsonNode replay = ReplayViews.replay(replay());
    examples.put("Replay", replay);
    examples.put("Replays", list("replays", replay));
    examples.put("Journal", Views.journal(journal()));
    examples.put(
        "Report",
        Views.report(
            new CheckReport(
                "", List.of(new CheckReport.Step("", "", CheckReport.Outcome.OK, "")))));
    JsonNode alarm =
        Views.alarm(new Alarm(0, "", "", "", "", "", "", true, false, TIME, Optional.of(TIME)));
    examples.put("Alarm", alarm);
    examples.put("Alarms", list("alarms", alarm));
    examples.put(
        "Problem",
        Json.object()
            .put("type", "")
            .put("title", "")
            .put("status", 0)
            .put("detail", "")
            .put("code", "")
            .put("instance", ""));
    return examples;
  }

  private static Rollout rollout() {
    return new Rollout(
        "",
        "",
        new Rollout.Wish(
            "",
            Rollout.Mode.SHADOW,
            0.5,
            0.5,
            Duration.ZERO,
            0.5,
            1.5,
            0.5,
            0.5,
            Map.of("*", 0.5),
            0.5),
        Rollout.Stage.SHADOW,
        Rollout.State.RUNNING,
        "",
        TIME,
        Optional.of(TIME),
        new Rollout.Seen(
            0,
            0,
            0,
            0.5,
            0.5,
            0.5,
            0,
            0.5,
            0.5,
            0.5,
            0.5,
            0.5,
            0.5,
            List.of(new Comparison.Output("", 0.5, 0.5, 0.5, 0, 0.5, 0.5))));
  }

  private static SourceTags tags() {
    var tag =
        new SourceTags.Tag(
            "",
            0,
            Optional.of(TIME),
            Optional.of(TIME),
            Optional.of(Duration.ZERO),
            0,
            0,
            0,
            0,
            0,
            Optional.of(TIME));
    return new SourceTags("", List.of(tag), 0);
  }

  private static Drifts.View drift() {
    var column = new BaselineDocument.Column(List.of(0.5), List.of(0.5), 0, 0.5, 0.5, 0);
    return new Drifts.View(
        "",
        "",
        DriftLimits.USUAL,
        new BaselineDocument(Map.of("*", column), Map.of("*", column)),
        List.of(
            new Drift.Figures(
                new Drift.Place("", "", ""),
                List.of(new Drift.Moved(Baseline.Side.INPUT, "", true, 0.5, 0.5, 0, 0.5, 0, 0)))));
  }

  private static DeadLetter letter() {
    return new DeadLetter(
        "", "", TIME, "", "", 0, 0, "", 0, 0, "", true, DeadLetter.State.OPEN, Optional.of(TIME));
  }

  private static ReplayView replay() {
    return new ReplayView(
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        0,
        0,
        0,
        TIME,
        Optional.of(TIME),
        0,
        List.of(new ReplayView.Stage("", 0, 0)),
        Map.of("*", 0L),
        Map.of("*", 0L));
  }

  private static JournalView journal() {
    return new JournalView(
        "",
        "",
        "",
        0,
        0,
        0,
        0,
        0,
        List.of(new JournalView.Broken(TIME, "", 0, "")),
        List.of(new JournalView.Stream("", "", "", "", 0, 0, 0, 0, 0, 0, Optional.of(TIME))));
  }

  private static PipelineView pipeline() {
    var stage =
        new PipelineStatus.StageStatus(
            "",
            "",
            PipelineStatus.State.RUNNING,
            "",
            "",
            TIME,
            0,
            0,
            0,
            List.of(new PipelineStatus.Turn(TIME, PipelineStatus.State.RUNNING, "", "", 0)));
    return new PipelineView(
        "",
        "",
        "",
        0,
        PipelineView.Desired.RUNNING,
        PipelineView.State.RUNNING,
        "",
        0,
        false,
        Optional.of(TIME),
        "",
        List.of(new PipelineView.Backlog("", 0, 0, Optional.of(TIME))),
        new PipelineStatus(PipelineStatus.Phase.RUNNING, "", TIME, List.of(stage)),
        List.of(new PipelineView.Pin("", "", "", "")),
        TIME,
        TIME);
  }

  private static JsonNode list(String name, JsonNode item) {
    return Views.list(name, Json.array(List.of(item), it -> it));
  }

  private static ObjectNode of(JsonNode example) {
    ObjectNode schema = Json.object();
    switch (example.getNodeType()) {
      case OBJECT -> {
        schema.put("type", "object");
        if (example.has("*")) {
          schema.set("additionalProperties", of(example.get("*")));
        } else {
          ObjectNode properties = schema.putObject("properties");
          ArrayNode required = schema.putArray("required");
          for (var property : example.properties()) {
            properties.set(property.getKey(), of(property.getValue()));
            required.add(property.getKey());
          }
        }
      }
      case ARRAY -> schema.put("type", "array").set("items", of(example.get(0)));
      case NUMBER -> schema.put("type", example.isIntegralNumber() ? "integer" : "number");
      case BOOLEAN -> schema.put("type", "boolean");
      default -> {
        schema.put("type", "string");
        if (example.textValue().equals(TIME.toString())) {
          schema.put("format", "date-time");
        }
      }
    }
    return schema;
  }
}
