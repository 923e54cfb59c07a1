package kr.madang.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import kr.madang.gateway.flight.FlightBytes;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.apache.arrow.flight.AsyncPutListener;
import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.Criteria;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Rows of a workspace are for those who see it; to all others it is as if there were none. */
class FlightSpacesTest {
  @TempDir static Path home;
  @RegisterExtension final TestAllocator allocator = new TestAllocator();
  private static House house;
  private FlightClient client;

  @BeforeAll
  static void open() throws Exception {
    house = new House(home, GatewayOptions.Limits.DEFAULT);
    assertThat(house.install("toy", "1.0.0").statusCode()).isEqualTo(201);
    for (String space : List.of("mill", "press")) {
      assertThat(
              house
                  .post(
                      "/api/v1/workspaces",
                      "application/json",
                      "{\"name\":\"%s\"}".formatted(space))
                  .statusCode())
          .isEqualTo(201);
    }
    pipeline("mill", "secret");
    pipeline("mill", "both");
    pipeline("press", "both");
  }

  @AfterAll
  static void close() throws Exception {
    house.close();
  }

  @BeforeEach
  void connect() {
    client = FlightTest.connect(house, allocator.get());
  }

  @AfterEach
  void disconnect() throws Exception {
    client.close();
  }

  private static void pipeline(String space, String name) throws Exception {
    String at = "/api/v1/workspaces/" + space + "/pipelines";
    var got =
        house.post(
            at,
            "application/yaml",
            """
            pipeline: %s
            source: { use: flight }
            sinks: [ { use: toy/oblivion } ]
            durability: journal
            journal: { keep: 1h }
            """
                .formatted(name));
    assertThat(got.statusCode()).as(got.body()).isEqualTo(201);
    Await.until(
        "it runs",
        () ->
            FlightTest.JSON
                .readTree(house.get(at + "/" + name + "/status").body())
                .at("/stages/0/state")
                .asText()
                .equalsIgnoreCase("running"));
  }

  private static String token(String space, String role) throws Exception {
    return FlightTest.JSON
        .readTree(
            house
                .post(
                    "/api/v1/workspaces/" + space + "/tokens",
                    "application/json",
                    "{\"subject\":\"%s-%s\",\"role\":\"%s\"}".formatted(space, role, role))
                .body())
        .at("/token")
        .asText();
  }

  private long put(CallOption by, String... path) throws Exception {
    try (VectorSchemaRoot root = VectorSchemaRoot.create(FlightBytes.LONGS, allocator.get())) {
      AsyncPutListener listener = new AsyncPutListener();
      FlightClient.ClientStreamListener writer =
          client.startPut(FlightTest.path(path), root, listener, by);
      ((VarCharVector) root.getVector(0)).setSafe(0, "t".getBytes(StandardCharsets.UTF_8));
      ((BigIntVector) root.getVector(1)).setSafe(0, 1);
      root.setRowCount(1);
      writer.putNext();
      writer.completed();
      listener.getResult();
      return 1;
    }
  }

  private long get(CallOption by, String ticket) throws Exception {
    long rows = 0;
    try (FlightStream stream =
        client.getStream(new Ticket(ticket.getBytes(StandardCharsets.UTF_8)), by)) {
      while (stream.next()) {
        rows += stream.getRoot().getRowCount();
      }
    }
    return rows;
  }

  private long recorded(String space, String pipeline) throws Exception {
    return get(
        FlightTest.bearer(house.token),
        "{\"workspace\":\"%s\",\"pipeline\":\"%s\",\"stage\":\"source\",\"recorded\":true}"
            .formatted(space, pipeline));
  }

  private static String refused(FlightStatusCode code, Callable<?> call) throws Exception {
    try {
      call.call();
    } catch (FlightRuntimeException e) {
      assertThat(e.status().code()).as(e.toString()).isEqualTo(code);
      return e.status().description();
    }
    throw new AssertionError("was taken");
  }

  /** What each call says of a stage. */
  private List<String> answers(CallOption by, String space, String pipeline, String stage)
      throws Exception {
    String live =
        "{\"workspace\":\"%s\",\"pipeline\":\"%s\",\"stage\":\"%s\"}"
            .formatted(space, pipeline, stage);
    List<String> all = new ArrayList<>();
    String[] path = {"pipelines", space, pipeline, stage};
    FlightStatusCode none = FlightStatusCode.NOT_FOUND;
    all.add(refused(none, () -> client.getInfo(FlightTest.path(path), by)));
    all.add(refused(none, () -> get(by, live)));
    all.add(refused(none, () -> get(by, live.replace("}", ",\"recorded\":true}"))));
    all.add(refused(none, () -> put(by, path)));
    return all;
  }

  @Test
  void aStageOfAnotherWorkspaceIsAsOneThatDoesNotExist() throws Exception {
    put(FlightTest.bearer(house.token), "pipelines", "mill", "secret", "source");
    String press = token("press", "admin");
    String rest =
        FlightTest.JSON
            .readTree(
                house
                    .send(
                        house
                            .anonymous("/api/v1/workspaces/mill/pipelines/secret")
                            .header("Authorization", "Bearer " + press))
                    .body())
            .at("/detail")
            .asText();
    CallOption by = FlightTest.bearer(press);
    assertThat(answers(by, "mill", "secret", "source"))
        .containsOnly(rest)
        .isEqualTo(answers(by, "mill", "secret", "no-stage"))
        .isEqualTo(answers(by, "mill", "no-pipeline", "source"));
    assertThat(answers(by, "nowhere", "secret", "source"))
        .containsOnly(rest.replace("mill", "nowhere"));
    // without a workspace its own is meant
    assertThat(refused(FlightStatusCode.NOT_FOUND, () -> put(by, "pipelines", "secret", "source")))
        .isEqualTo(
            refused(FlightStatusCode.NOT_FOUND, () -> put(by, "pipelines", "nobody", "source"))
                .replace("nobody", "secret"));
    assertThat(recorded("mill", "secret")).isEqualTo(1);
  }

  @Test
  void pipelinesOfOneNameAreKeptApart() throws Exception {
    put(FlightTest.bearer(token("press", "member")), "pipelines", "both", "source");
    assertThat(recorded("press", "both")).isEqualTo(1);
    assertThat(recorded("mill", "both")).isZero();
  }

  @Test
  void onlyStagesOfItsOwnWorkspaceAreListedToACaller() throws Exception {
    for (String[] one : new String[][] {{"press", "1"}, {"mill", "2"}}) {
      List<String> paths = new ArrayList<>();
      client
          .listFlights(Criteria.ALL, FlightTest.bearer(token(one[0], "viewer")))
          .forEach(info -> paths.add(String.join("/", info.getDescriptor().getPath())));
      assertThat(paths).allMatch(path -> path.startsWith("pipelines/" + one[0] + "/"));
      assertThat(paths.stream().filter(path -> path.endsWith("/source")))
          .hasSize(Integer.parseInt(one[1]));
    }
  }

  @Test
  void whoMayOnlyLookReadsAndDoesNotWrite() throws Exception {
    CallOption viewer = FlightTest.bearer(token("mill", "viewer"));
    assertThat(
            refused(
                FlightStatusCode.UNAUTHORIZED,
                () -> put(viewer, "pipelines", "mill", "secret", "source")))
        .contains("this needs the role member in workspace 'mill'");
    // how far it is is for those who may send
    assertThat(
            client
                .getInfo(FlightTest.path("pipelines", "mill", "secret", "source"), viewer)
                .getAppMetadata())
        .isNullOrEmpty();
    assertThat(get(viewer, "{\"pipeline\":\"both\",\"stage\":\"source\",\"recorded\":true}"))
        .isZero();
  }
}
