package kr.madang.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.Criteria;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightDescriptor;
import org.apache.arrow.flight.FlightInfo;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.Location;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.flight.auth2.BearerCredentialWriter;
import org.apache.arrow.flight.grpc.CredentialCallOption;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Arrow Flight, asked by Arrow's own client. */
class FlightTest {
  static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path home;
  @RegisterExtension final TestAllocator allocator = new TestAllocator();
  private static House house;
  private FlightClient client;
  private CallOption token;

  @BeforeAll
  static void open() throws Exception {
    house = new House(home, GatewayOptions.Limits.DEFAULT);
    Models.install(house);
    assertThat(house.install("toy", "1.0.0").statusCode()).isEqualTo(201);
    assertThat(
            house
                .post(
                    "/api/v1/workspaces/default/pipelines",
                    "application/yaml",
                    """
                    pipeline: count
                    source: { use: toy/counter, config: { every: 5ms } }
                    sinks: [ { use: toy/oblivion } ]
                    durability: journal
                    journal: { keep: 1h }
                    """)
                .statusCode())
        .isEqualTo(201);
  }

  @AfterAll
  static void close() throws Exception {
    house.close();
  }

  @BeforeEach
  void connect() {
    client = connect(house, allocator.get());
    token = bearer(house.token);
  }

  @AfterEach
  void disconnect() throws Exception {
    client.close();
    Await.until("all memory is back", () -> house.control.serving().memory().taken() == 0);
  }

  static FlightClient connect(House house, BufferAllocator allocator) {
    return FlightClient.builder(
            allocator,
            Location.forGrpcInsecure("127.0.0.1", house.gateway.grpcPort().orElseThrow()))
        .build();
  }

  static CallOption bearer(String token) {
    return new CredentialCallOption(new BearerCredentialWriter(token));
  }

  private static Ticket ticket(String json) {
    return new Ticket(json.getBytes(StandardCharsets.UTF_8));
  }

  static FlightDescriptor path(String... path) {
    return FlightDescriptor.path(path);
  }

  static JsonNode metadata(FlightStream stream) throws Exception {
    ArrowBuf buffer = stream.getLatestMetadata();
    byte[] bytes = new byte[(int) buffer.readableBytes()];
    buffer.getBytes(buffer.readerIndex(), bytes);
    return JSON.readTree(bytes);
  }

  @Test
  void batchesAreAnsweredInTheirOrderAndABadOneInItsPlace() throws Exception {
    int batches = 60;
    List<String> answers = new ArrayList<>();
    try (VectorSchemaRoot root = Tables.floats(allocator.get(), "x", 0, 3, i -> i);
        FlightClient.ExchangeReaderWriter exchange =
            client.doExchange(path("models", "echo-float32"), token)) {
      CompletableFuture<Void> reading =
          CompletableFuture.runAsync(() -> {
            try {
              FlightStream reader = exchange.getReader();
              while (reader.next()) {
                JsonNode said = metadata(reader);
                answers.add(
                    said.has("error")
                        ? said.at("/error").asText()
                        : said.at("/batch") + " " + reader.getRoot().getVector("y"));
                if (!said.has("error")) {
                  assertThat(said.at("/version").asText()).isEqualTo("1.0.0");
                  assertThat(said.at("/rows").asInt()).isEqualTo(reader.getRoot().getRowCount());
                  assertThat(said.at("/runNanos").asLong()).isPositive();
                }
              }
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });
      exchange.getWriter().start(root);
      for (int i = 0; i < batches; i++) {
        int number = i;
        Tables.fill((FixedSizeListVector) root.getVector(0), 2, at -> number * 10 + at);
        root.setRowCount(2);
        if (i == 20) {
          ((FixedSizeListVector) root.getVector(0)).setNull(1);
        }
        exchange.getWriter().putNext();
      }
      exchange.getWriter().completed();
      reading.get(30, TimeUnit.SECONDS);
    }
    assertThat(answers).hasSize(batches);
    assertThat(answers.get(7)).isEqualTo("7 [[70.0,71.0,72.0], [73.0,74.0,75.0]]");
    assertThat(answers.get(20)).contains("column 'x'", "row 1", "got null");
    assertThat(answers.get(59)).startsWith("59 [[590.0");
  }

  @Test
  void whatTheGraphLeavesOpenIsSaidWithTheFirstAnswer() throws Exception {
    Schema schema =
        new Schema(
            List.of(Tables.floats("a", 2), Tables.floats("b", 2)),
            Map.of("outputs", "[\"difference\"]", "id", "mine"));
    try (VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator.get());
        FlightClient.ExchangeReaderWriter exchange =
            client.doExchange(path("models", "pair", "1.0.0"), token)) {
      exchange.getWriter().start(root);
      Tables.fill((FixedSizeListVector) root.getVector(0), 1, i -> 5 + i);
      Tables.fill((FixedSizeListVector) root.getVector(1), 1, i -> 1);
      root.setRowCount(1);
      exchange.getWriter().putNext();
      FlightStream reader = exchange.getReader();
      assertThat(reader.getSchema().getCustomMetadata())
          .containsEntry("id", "mine")
          .containsEntry("model_version", "1.0.0");
      assertThat(reader.next()).isTrue();
      assertThat(reader.getRoot().getFieldVectors()).hasSize(1);
      assertThat(reader.getRoot().getVector("difference")).hasToString("[[4.0,5.0]]");
      exchange.getWriter().completed();
      assertThat(reader.next()).isFalse();
    }
  }

  private FlightStatusCode refused(FlightDescriptor path, String inputs, CallOption by) {
    try (VectorSchemaRoot root = Tables.floats(allocator.get(), inputs, 1, 3, i -> i);
        FlightClient.ExchangeReaderWriter exchange = client.doExchange(path, by)) {
      exchange.getWriter().start(root);
      exchange.getReader().next();
      throw new AssertionError("was taken");
    } catch (FlightRuntimeException e) {
      assertThat(e.status().description()).doesNotContain("java.").doesNotContain("Exception");
      return e.status().code();
    } catch (AssertionError e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatCannotBeIsATypedError() throws Exception {
    assertThat(refused(path("models", "nobody"), "x", token)).isEqualTo(FlightStatusCode.NOT_FOUND);
    assertThat(refused(path("models", "pair", "9.9.9"), "x", token))
        .isEqualTo(FlightStatusCode.NOT_FOUND);
    assertThat(refused(path("models", "echo-float32"), "z", token))
        .isEqualTo(FlightStatusCode.INVALID_ARGUMENT);
    assertThat(refused(path("echo-float32"), "x", token))
        .isEqualTo(FlightStatusCode.INVALID_ARGUMENT);
    assertThat(refused(path("models", "echo-float32"), "x", bearer("no-token")))
        .isEqualTo(FlightStatusCode.UNAUTHENTICATED);
    assertThatThrownBy(() -> client.getInfo(path("pipelines", "none", "count", "source"), token))
        .hasMessageContaining("workspace 'none' does not exist");
  }

  @Test
  void modelsAndStagesAreListed() throws Exception {
    List<String> paths = new ArrayList<>();
    for (FlightInfo info : client.listFlights(Criteria.ALL, token)) {
      paths.add(String.join("/", info.getDescriptor().getPath()));
    }
    assertThat(paths).contains("models/echo-float32", "models/pair").doesNotHaveDuplicates();
    assertThat(paths).doesNotContain("models/broken");
    Await.until(
        "it runs",
        () -> {
          List<String> stages = new ArrayList<>();
          client
              .listFlights(new Criteria("pipelines".getBytes(StandardCharsets.UTF_8)), token)
              .forEach(info -> stages.add(String.join("/", info.getDescriptor().getPath())));
          return stages.containsAll(
              List.of("pipelines/default/count/source", "pipelines/default/count/oblivion"));
        });
    assertThat(client.getSchema(path("models", "pair"), token).getSchema().getFields())
        .isEqualTo(List.of(Tables.floats("a", 2), Tables.floats("b", 2)));
  }

  @Test
  void aStageIsReadAsItGoesAndAsItWas() throws Exception {
    Ticket live = ticket("{\"pipeline\":\"count\",\"stage\":\"source\",\"rows\":9}");
    Await.until(
        "it runs",
        () ->
            house.get("/api/v1/workspaces/default/pipelines/count").body().contains("\"running\""));
    long rows = 0;
    try (FlightStream stream = client.getStream(live, token)) {
      while (stream.next()) {
        JsonNode said = metadata(stream);
        rows += stream.getRoot().getRowCount();
        assertThat(said.at("/rows").asInt()).isEqualTo(stream.getRoot().getRowCount());
        assertThat(said.at("/skipped").isMissingNode()).isFalse();
        assertThat(stream.getRoot().getSchema().getFields().getFirst().getName()).isEqualTo("tag");
      }
    }
    assertThat(rows).isEqualTo(9);
    String recorded = "{\"pipeline\":\"count\",\"stage\":\"source\",\"recorded\":true,\"from\":3}";
    long next = 3;
    try (FlightStream stream = client.getStream(ticket(recorded), token)) {
      while (stream.next()) {
        assertThat(metadata(stream).at("/sequence").asLong()).isEqualTo(next);
        next += stream.getRoot().getRowCount();
      }
    }
    assertThat(next).isGreaterThanOrEqualTo(9);
    for (String[] wrong :
        new String[][] {
          {"{", "no JSON"},
          {"{\"pipeline\":\"count\"}", "expected 'pipeline' and 'stage'"},
          {"{\"pipe\":\"count\"}", "the key 'pipe'"},
          {"{\"pipeline\":\"count\",\"stage\":\"source\",\"rows\":-1}", "'rows'"},
          {"{\"pipeline\":\"no\",\"stage\":\"source\"}", "does not exist"},
          {"{\"pipeline\":\"count\",\"stage\":\"no\"}", "no"},
          {"{\"workspace\":\"no\",\"pipeline\":\"count\",\"stage\":\"source\"}", "does not exist"},
          {"{\"pipeline\":\"count\",\"stage\":\"no\",\"recorded\":true}", "nothing is recorded"},
        }) {
      assertThatThrownBy(
              () -> {
                try (FlightStream stream = client.getStream(ticket(wrong[0]), token)) {
                  stream.next();
                }
              })
          .isInstanceOf(FlightRuntimeException.class)
          .hasMessageContaining(wrong[1]);
    }
  }

  @Test
  void aClientThatGoesAwayEndsItsRuns() throws Exception {
    try (VectorSchemaRoot root = Tables.floats(allocator.get(), "x", 2_000, 512, i -> 1)) {
      FlightClient.ExchangeReaderWriter exchange = client.doExchange(path("models", "slow"), token);
      exchange.getWriter().start(root);
      exchange.getWriter().putNext();
      exchange.getWriter().putNext();
      Await.until("it runs", () -> house.control.serving().memory().taken() > 0);
      exchange.getReader().cancel("enough", null);
      Await.until("it has ended", () -> house.control.serving().memory().taken() == 0);
      try {
        exchange.close();
      } catch (FlightRuntimeException e) {
        assertThat(e.status().code()).isEqualTo(FlightStatusCode.CANCELLED);
      }
    }
  }

  @Test
  void aClientOfAnotherCodeBaseIsServed() throws Exception {
    Path folder = Path.of("src/test/node").toAbsolutePath();
    Assumptions.assumeTrue(
        Files.isDirectory(folder.resolve("node_modules/apache-arrow")),
        "run 'npm install' in " + folder + " to have this test run");
    assertThat(
            house
                .post(
                    "/api/v1/workspaces/default/pipelines",
                    "application/yaml",
                    """
                    pipeline: pushed
                    source: { use: flight }
                    sinks: [ { use: toy/oblivion } ]
                    durability: journal
                    journal: { keep: 1h }
                    """)
                .statusCode())
        .isEqualTo(201);
    Process node =
        new ProcessBuilder(
                "node",
                "flight.js",
                "127.0.0.1:" + house.gateway.grpcPort().orElseThrow(),
                house.token,
                folder.resolve("flight.proto").toString())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(node.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(said).contains("all is well");
    assertThat(node.exitValue()).isZero();
  }
}
