package kr.madang.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import kr.madang.sdk.testkit.Await;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** Dead letters, the journal, replays and comparisons, through a real socket. */
@TestMethodOrder(MethodOrderer.Random.class)
class DurableApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String SPACE = "/api/v1/workspaces/default";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir static Path home;
  private static House house;

  @BeforeAll
  static void open() throws Exception {
    house = new House(home, GatewayOptions.Limits.DEFAULT);
    assertThat(house.install("toy", "1.0.0").statusCode()).isEqualTo(201);
  }

  @AfterAll
  static void close() throws Exception {
    house.close();
  }

  @Test
  void aDeadLetterIsListedShownCorrectedAndReplayed() throws Exception {
    String place = created("corrected", ", config: { refuses: odd }", "");
    JsonNode letter = firstOpen(place);
    assertThat(letter.at("/stage").asText()).isEqualTo("oblivion");
    assertThat(letter.at("/state").asText()).isEqualTo("open");
    assertThat(letter.at("/why").asText()).contains("no good sample of odd");
    assertThat(letter.at("/replayable").asBoolean()).isTrue();
    String one = place + "/dead-letters/" + letter.at("/id").asText();

    JsonNode shown = json(one);
    ArrayNode rows = (ArrayNode) shown.at("/data");
    assertThat(rows).hasSize(shown.at("/rows").asInt()).isNotEmpty();
    assertThat(shown.at("/shown").asInt()).isEqualTo(rows.size());
    assertThat(rows.get(0).at("/tag").asText()).isEqualTo("odd");
    assertThat(rows.get(0).at("/status").asText()).isEqualTo("Uncertain");

    for (JsonNode row : rows) {
      ((ObjectNode) row).put("value", 7.5).put("status", "Good");
    }
    HttpResponse<String> replayed =
        post(one + "/replay", JSON.createObjectNode().set("rows", rows));
    assertThat(replayed.statusCode()).as(replayed.body()).isEqualTo(200);
    assertThat(JSON.readTree(replayed.body()).at("/state").asText()).isEqualTo("replayed");
    problem(house.post(one + "/replay"), 422, "CONFIG_INVALID", "not OPEN");
    assertThat(json(place + "/dead-letters?state=replayed").findValuesAsText("id"))
        .contains(letter.at("/id").asText());
  }

  @Test
  void whatWasCorrectedWronglyIsSaidWithRowAndColumn() throws Exception {
    String place = created("miscorrected", ", config: { refuses: odd }", "");
    String one = place + "/dead-letters/" + firstOpen(place).at("/id").asText();
    String row =
        "{\"tag\":\"odd\",\"value\":1,\"status\":\"Good\",\"sourceTime\":null,"
            + "\"receiveTime\":\"2026-01-31T08:00:00Z\"}";
    List<List<String>> wrong =
        List.of(
            List.of("[1", "400", "no JSON"),
            List.of("{}", "400", "key 'rows' is missing"),
            List.of("{\"rows\":5}", "400", "rows: expected a list, got 5"),
            List.of("{\"row\":[]}", "400", "unknown key 'row'"),
            List.of("{\"rows\":[]}", "422", "at least one row"),
            List.of("{\"rows\":[5]}", "422", "rows[0]: expected an object, got 5"),
            List.of(rows(row, row.replace("Good", "Fine")), "422", "rows[1].status: expected a"),
            List.of(rows(row.replace("\"value\":1,", "")), "422", "rows[0].value: is missing"),
            List.of(rows(row.replace("\"value\":1", "\"value\":[1]")), "422", "got [1]"),
            List.of(rows(row.replace("\"tag\"", "\"tga\"")), "422", "rows[0].tga: is no column"),
            List.of(rows(row.replace("2026-01-31T", "31.1.2026 ")), "422", "rows[0].receiveTime"));
    for (List<String> each : wrong) {
      HttpResponse<String> got = house.post(one + "/replay", "application/json", each.get(0));
      assertThat(got.statusCode())
          .as(each + " " + got.body())
          .isEqualTo(Integer.parseInt(each.get(1)));
      assertThat(JSON.readTree(got.body()).at("/detail").asText()).contains(each.get(2));
    }
    assertThat(json(one).at("/state").asText()).as("nothing was done").isEqualTo("open");
    assertThat(house.post(one + "/replay", "text/plain", "x").statusCode()).isEqualTo(415);
  }

  private static String rows(String... rows) {
    return "{\"rows\":[" + String.join(",", rows) + "]}";
  }

  @Test
  void severalAreDiscardedAtOnce() throws Exception {
    String place = created("discarded", ", config: { refuses: odd }", "");
    firstOpen(place);
    assertThat(house.post(place + "/stop").statusCode()).isEqualTo(200);
    Await.until("stopped", PATIENCE, () -> json(place).at("/state").asText().equals("stopped"));
    String all = place + "/dead-letters";
    JsonNode none =
        read(house.post(all + "/discard", "application/json", "{\"stage\":\"elsewhere\"}"));
    assertThat(none.at("/done").asInt()).isZero();
    JsonNode one = read(house.post(all + "/discard", "application/json", "{\"atMost\":1}"));
    assertThat(one.at("/done").asInt()).isEqualTo(1);
    assertThat(read(house.post(all + "/discard")).at("/left").asInt()).isZero();
    assertThat(json(all + "?state=open").at("/deadLetters")).isEmpty();
    assertThat(read(house.post(all + "/replay")).at("/done").asInt()).isZero();
    problem(
        house.post(all + "/replay", "application/json", "{\"state\":\"lost\"}"),
        400,
        "BAD_REQUEST",
        "state: expected one of open");
    problem(house.get(all + "/oblivion:99999999"), 404, "NOT_FOUND", "does not exist");
    problem(house.get(all + "/..%2F..%2Fadmin.token"), 404, "NOT_FOUND", "");
  }

  @Test
  void theJournalAndWhatWaitsInItAreShown() throws Exception {
    String place = created("journalled", "", "");
    Await.until(
        "it runs",
        PATIENCE,
        () ->
            json(place).at("/state").asText().equals("running")
                && json(place + "/ledger").at("/stages/0/in").asLong() > 0);
    JsonNode pipeline = json(place);
    assertThat(pipeline.at("/durability").asText()).isEqualTo("journal");
    assertThat(pipeline.at("/crashLooping").asBoolean()).isFalse();
    assertThat(pipeline.at("/nextTry").isNull()).isTrue();
    assertThat(pipeline.at("/backlog").findValuesAsText("stage")).contains("source", "oblivion");
    JsonNode journal = json(SPACE + "/journal");
    assertThat(journal.at("/state").asText()).isEqualTo("open");
    assertThat(journal.at("/bytes").asLong()).isPositive();
    assertThat(journal.at("/commits").asLong()).isPositive();
    assertThat(journal.at("/damaged").asLong()).isZero();
    assertThat(journal.at("/streams").findValuesAsText("name"))
        .contains("journalled/source", "journalled/oblivion", "journalled!state");
    String none = created("fleeting", "", "durability: none\n");
    assertThat(json(none).at("/durability").asText()).isEqualTo("none");
  }

  @Test
  void aRecordingIsReplayedAndComparedAndTheResultsDeleted() throws Exception {
    String place = created("recorded", "", "journal: { keep: 1h }\n");
    Await.until(
        "something is recorded",
        PATIENCE,
        () -> json(place + "/ledger").at("/stages/0/in").asLong() > 20);
    assertThat(house.post(place + "/stop").statusCode()).isEqualTo(200);
    Await.until("stopped", PATIENCE, () -> json(place).at("/state").asText().equals("stopped"));
    assertThat(json(place + "/recording").at("/sources/0/next").asLong()).isGreaterThan(20);

    String first = replayed(place, "");
    String second = replayed(place, "{\"label\":\"again\"}");
    String filtered =
        replayed(
            place,
            JSON.createObjectNode()
                .put(
                    "document",
                    document("recorded", "", "steps: [ { select: { tags: [odd] } } ]\n"))
                .toString());
    assertThat(json(place + "/replays").at("/replays")).hasSize(3);
    assertThat(json(second).at("/label").asText()).isEqualTo("again");
    assertThat(json(filtered).at("/outputRows/oblivion").asLong())
        .isEqualTo(json(first).at("/rows").asLong() / 2);

    HttpResponse<String> same = compare(first, second);
    assertThat(same.statusCode()).as(same.body()).isEqualTo(201);
    assertThat(JSON.readTree(same.body()).at("/agreement").asText())
        .as(same.body())
        .isEqualTo("identical");
    HttpResponse<String> other = compare(first, filtered);
    assertThat(JSON.readTree(other.body()).at("/agreement").asText()).isEqualTo("different");
    String comparison = other.headers().firstValue("Location").orElseThrow();
    assertThat(house.get(comparison).body()).isEqualTo(other.body());
    HttpResponse<String> page =
        house.send(house.request(comparison).header("Accept", "text/html,*/*"));
    assertThat(page.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/html");
    assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
        .contains("default-src 'none'")
        .contains("style-src");
    assertThat(house.get(comparison + "/report.html").body()).isEqualTo(page.body());

    assertThat(house.delete(filtered).statusCode()).isEqualTo(204);
    problem(house.get(filtered), 404, "NOT_FOUND", "");
    problem(compare(first, filtered), 404, "NOT_FOUND", "");
    problem(
        house.post(place + "/replays", "application/json", "{\"from\":\"today\"}"),
        400,
        "BAD_REQUEST",
        "from: expected an instant");
    problem(
        house.post(place + "/replays", "application/json", "{\"document\":\"pipelin: x\"}"),
        422,
        "CONFIG_INVALID",
        "pipelin");
    problem(
        house.post(place + "/replays", "application/json", "{\"revision\":9}"),
        404,
        "NOT_FOUND",
        "no revision 9");
    problem(house.get(SPACE + "/comparisons/..%2Fx"), 404, "NOT_FOUND", "");
    problem(
        house.post(SPACE + "/comparisons", "application/json", "{\"a\":\"x\"}"),
        400,
        "BAD_REQUEST",
        "key 'b' is missing");
  }

  private static String replayed(String place, String body) throws Exception {
    HttpResponse<String> got =
        body.isEmpty()
            ? house.post(place + "/replays")
            : house.post(place + "/replays", "application/json", body);
    assertThat(got.statusCode()).as(got.body()).isEqualTo(202);
    String replay = got.headers().firstValue("Location").orElseThrow();
    Await.until(
        "the replay ends", PATIENCE, () -> !json(replay).at("/state").asText().equals("running"));
    JsonNode ended = json(replay);
    assertThat(ended.at("/state").asText()).as(ended.toString()).isEqualTo("done");
    return replay;
  }

  private static HttpResponse<String> compare(String a, String b) throws Exception {
    return post(
        SPACE + "/comparisons",
        JSON.createObjectNode()
            .put("a", a.substring(a.lastIndexOf('/') + 1))
            .put("b", b.substring(b.lastIndexOf('/') + 1))
            .put("key", "receiveTime")
            .set("tolerance", JSON.createObjectNode().put("absolute", 0.001)));
  }

  private static JsonNode firstOpen(String place) throws Exception {
    Await.until(
        "rows are refused",
        PATIENCE,
        () -> !json(place + "/dead-letters?state=open").at("/deadLetters").isEmpty());
    return json(place + "/dead-letters?state=open&stage=oblivion&limit=1").at("/deadLetters/0");
  }

  private static String created(String name, String sink, String more) throws Exception {
    HttpResponse<String> got =
        house.post(SPACE + "/pipelines", "application/yaml", document(name, sink, more));
    assertThat(got.statusCode()).as(got.body()).isEqualTo(201);
    return got.headers().firstValue("Location").orElseThrow();
  }

  private static String document(String name, String sink, String more) {
    return """
    pipeline: %s
    source: { use: toy/counter, config: { every: 20ms } }
    sinks:
      - { use: toy/oblivion%s }
    %s\
    """
        .formatted(name, sink, more);
  }

  private static HttpResponse<String> post(String path, JsonNode body) throws Exception {
    return house.post(path, "application/json", body.toString());
  }

  private static JsonNode read(HttpResponse<String> got) throws Exception {
    assertThat(got.statusCode()).as(got.body()).isEqualTo(200);
    return JSON.readTree(got.body());
  }

  private static JsonNode json(String path) {
    try {
      return read(house.get(path));
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static void problem(HttpResponse<String> got, int status, String code, String detail)
      throws Exception {
    assertThat(got.statusCode()).as(got.body()).isEqualTo(status);
    JsonNode problem = JSON.readTree(got.body());
    assertThat(problem.at("/code").asText()).isEqualTo(code);
    assertThat(problem.at("/detail").asText()).contains(detail);
  }
}
