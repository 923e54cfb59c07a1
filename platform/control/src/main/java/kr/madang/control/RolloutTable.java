package kr.madang.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import kr.madang.control.store.Store;
import kr.madang.host.HostError;
import kr.madang.sdk.error.PluginException;

/** The latest change of each model, in the store. */
final class RolloutTable {
  private RolloutTable() {}

  /** A change and who began it. */
  record Stored(Rollout rollout, String subject) {}

  static void put(Store.Rows rows, Rollout rollout, String subject) throws SQLException {
    rows.change(
        "INSERT OR REPLACE INTO rollout (model, old_version, wish, stage, state, reason, since,"
            + " ended, seen, subject) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rollout.model(),
        rollout.from(),
        RecordJson.of(rollout.wish()).toString(),
        rollout.stage().name(),
        rollout.state().name(),
        rollout.reason(),
        rollout.since().toEpochMilli(),
        rollout.ended().map(Instant::toEpochMilli).orElse(0L),
        RecordJson.of(bare(rollout.seen())).toString(),
        subject);
  }

  private static Rollout.Seen bare(Rollout.Seen seen) {
    return new Rollout.Seen(
        seen.calls(),
        seen.runs(),
        seen.dropped(),
        seen.errors(),
        seen.unsound(),
        seen.slower(),
        seen.compared(),
        seen.agreement(),
        seen.shift(),
        seen.oldMedian(),
        seen.oldTail(),
        seen.freshMedian(),
        seen.freshTail(),
        List.of());
  }

  static List<Stored> all(Store.Rows rows) throws SQLException {
    return rows.read(
        "SELECT model, old_version, wish, stage, state, reason, since, ended, seen, subject"
            + " FROM rollout",
        RolloutTable::stored);
  }

  private static Stored stored(ResultSet row) throws SQLException {
    JsonMapper json = new JsonMapper();
    try {
      long ended = row.getLong(8);
      Rollout rollout =
          new Rollout(
              row.getString(1),
              row.getString(2),
              wish(json.readTree(row.getString(3))),
              Rollout.Stage.valueOf(row.getString(4)),
              Rollout.State.valueOf(row.getString(5)),
              row.getString(6),
              Instant.ofEpochMilli(row.getLong(7)),
              ended == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(ended)),
              seen(json.readTree(row.getString(9))));
      return new Stored(rollout, row.getString(10));
    } catch (JsonProcessingException e) {
      throw new PluginException(
          HostError.STORAGE, "the rollout of model " + row.getString(1) + " cannot be read", e);
    }
  }

  private static Rollout.Wish wish(JsonNode json) {
    Map<String, Double> tolerances = new TreeMap<>();
    json.path("tolerances")
        .properties()
        .forEach(one -> tolerances.put(one.getKey(), one.getValue().asDouble()));
    return new Rollout.Wish(
        json.path("version").asText(),
        mode(json.path("mode").asText()),
        json.path("share").asDouble(1),
        json.path("copies").asDouble(1),
        Duration.parse(json.path("watch").asText()),
        json.path("maxErrors").asDouble(),
        json.path("maxSlower").asDouble(1),
        json.path("minAgreement").asDouble(),
        json.path("tolerance").asDouble(),
        tolerances,
        json.path("maxShift").asDouble());
  }

  private static Rollout.Mode mode(String spelt) {
    return switch (spelt) {
      case "shadow" -> Rollout.Mode.SHADOW;
      case "shadowThenCanary" -> Rollout.Mode.SHADOW_THEN_CANARY;
      default -> Rollout.Mode.CANARY;
    };
  }

  private static Rollout.Seen seen(JsonNode json) {
    return new Rollout.Seen(
        json.path("calls").asLong(),
        json.path("runs").asLong(),
        json.path("dropped").asLong(),
        json.path("errors").asDouble(),
        json.path("unsound").asDouble(),
        json.path("slower").asDouble(),
        json.path("compared").asLong(),
        json.path("agreement").asDouble(1),
        json.path("shift").asDouble(),
        json.path("oldMedian").asDouble(),
        json.path("oldTail").asDouble(),
        json.path("freshMedian").asDouble(),
        json.path("freshTail").asDouble(),
        List.of());
  }
}
