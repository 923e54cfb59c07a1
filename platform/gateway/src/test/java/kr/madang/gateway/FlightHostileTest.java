package kr.madang.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import kr.madang.gateway.FlightWire.Talk;
import kr.madang.gateway.flight.Damage;
import kr.madang.gateway.flight.FlightBytes;
import kr.madang.gateway.flight.FlightBytes.Part;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Streams that are broken or meant to hurt: each ends with clear words, and the door stands. */
class FlightHostileTest {
  private static final String SPACE = "/api/v1/workspaces/default/pipelines";
  private static final int ROUNDS = Integer.getInteger("madang.hostile", 200);
  private static final Set<Status.Code> CLEAR =
      Set.of(
          Status.Code.OK,
          Status.Code.INVALID_ARGUMENT,
          Status.Code.NOT_FOUND,
          Status.Code.UNAVAILABLE);

  @TempDir static Path home;
  @RegisterExtension final TestAllocator allocator = new TestAllocator();
  private static House house;

  @BeforeAll
  static void open() throws Exception {
    house = new House(home, GatewayOptions.Limits.DEFAULT);
    Models.install(house);
    assertThat(house.install("toy", "1.0.0").statusCode()).isEqualTo(201);
  }

  @AfterAll
  static void close() throws Exception {
    house.close();
  }

  private static void pipeline(String name, String config) throws Exception {
    var got =
        house.post(
            SPACE,
            "application/yaml",
            """
            pipeline: %s
            source: { use: flight, config: %s }
            sinks: [ { use: toy/oblivion } ]
            durability: none
            """
                .formatted(name, config));
    assertThat(got.statusCode()).as(got.body()).isEqualTo(201);
    Await.until(
        "it runs",
        () ->
            FlightTest.JSON
                .readTree(house.get(SPACE + "/" + name + "/status").body())
                .at("/stages/0/state")
                .asText()
                .equalsIgnoreCase("running"));
  }

  private static void remove(String name) throws Exception {
    assertThat(house.post(SPACE + "/" + name + "/stop").statusCode()).isEqualTo(200);
    Await.until("it stopped", () -> house.get(SPACE + "/" + name).body().contains("\"stopped\""));
  }

  private static Talk sent(FlightWire wire, String method, List<byte[]> messages) {
    Talk talk = wire.talk(method);
    messages.forEach(talk::send);
    return talk.finish();
  }

  /** A stream that is sound is answered to its end. */
  private static void stands(FlightWire wire, String method, List<byte[]> messages)
      throws Exception {
    Talk talk = sent(wire, method, messages);
    assertThat(talk.ended()).isEqualTo(Status.OK);
    JsonNode said = talk.said(talk.answers().size() - 1, method.equals("DoPut") ? 1 : 3);
    assertThat(said.has("error")).as(said.toString()).isFalse();
    assertThat(said.at("/rows").asInt()).isPositive();
  }

  private static Set<Thread> loops() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("madang-grpc"))
        .collect(Collectors.toSet());
  }

  private static String damaged(FlightWire wire, String method, List<byte[]> messages)
      throws Exception {
    Talk talk = sent(wire, method, messages);
    Status status = talk.ended();
    String words = String.valueOf(status.getDescription());
    if (!CLEAR.contains(status.getCode())
        || words.contains("Exception")
        || words.contains("kr.madang")) {
      return status.toString();
    }
    for (int i = 0; method.equals("DoExchange") && i < talk.answers().size(); i++) {
      if (FlightBytes.field(talk.answers().get(i), 3).length > 0
          && talk.said(i, 3).at("/status").asInt() == 500) {
        return talk.said(i, 3).toString();
      }
    }
    return "";
  }

  @Test
  void randomDamageEndsWithClearWordsAndLeavesNothingBehind() throws Exception {
    long arrow = house.allocator.getAllocatedMemory();
    pipeline("samples", "{ queue: 4 }");
    pipeline("frames", "{ fields: { count: { type: long }, flow: { unit: L/s } } }");
    record Kind(String method, List<String> path, List<Part> parts) {}
    List<Kind> kinds =
        List.of(
            new Kind(
                "DoExchange",
                List.of("models", "echo-float32"),
                FlightBytes.floats(allocator.get(), 5)),
            new Kind("DoExchange", List.of("models", "texts"), FlightBytes.words(allocator.get())),
            new Kind(
                "DoPut",
                List.of("pipelines", "samples", "source"),
                FlightBytes.samples(allocator.get())),
            new Kind(
                "DoPut",
                List.of("pipelines", "frames", "source"),
                FlightBytes.frames(allocator.get())));
    List<String> bad = new ArrayList<>();
    try (FlightWire wire = new FlightWire(house)) {
      for (Kind kind : kinds) {
        stands(wire, kind.method(), FlightBytes.messages(kind.path(), kind.parts()));
      }
      Set<Thread> loops = loops();
      for (int seed = 0; seed < ROUNDS; seed++) {
        Kind kind = kinds.get(seed % kinds.size());
        String wrong =
            damaged(wire, kind.method(), new Damage(seed).stream(kind.path(), kind.parts()));
        if (!wrong.isEmpty()) {
          bad.add("seed " + seed + ": " + wrong);
        }
      }
      assertThat(bad).isEmpty();
      for (Kind kind : kinds) {
        stands(wire, kind.method(), FlightBytes.messages(kind.path(), kind.parts()));
      }
      assertThat(loops).isNotEmpty().allMatch(Thread::isAlive);
    }
    Await.until("all slabs are back", () -> house.control.serving().memory().taken() == 0);
    remove("samples");
    remove("frames");
    Await.until("all of Arrow is back", () -> house.allocator.getAllocatedMemory() == arrow);
  }

  @Test
  void aRefusalThatNamesManyColumnsStillArrives() throws Exception {
    pipeline("wide", "{}");
    List<Field> fields = new ArrayList<>();
    for (int i = 0; i < 1_024; i++) {
      fields.add(Field.nullable("기계-%d".formatted(i) + "x".repeat(200), ArrowType.Utf8.INSTANCE));
    }
    Part schema = FlightBytes.schema(fields);
    try (FlightWire wire = new FlightWire(house)) {
      for (String[] call :
          new String[][] {
            {"DoExchange", "models", "echo-float32"}, {"DoPut", "pipelines", "wide", "source"}
          }) {
        List<String> path = List.of(call).subList(1, call.length);
        Status told = sent(wire, call[0], FlightBytes.messages(path, List.of(schema))).ended();
        assertThat(told.getCode()).as(told.toString()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(told.getDescription()).contains("column").contains("기계-0");
      }
      Talk talk =
          wire.get("{\"pipeline\":\"%s\",\"stage\":\"s\"}".formatted("p".repeat(12_000)), 1);
      assertThat(talk.ended().getCode()).isEqualTo(Status.Code.NOT_FOUND);
      assertThat(talk.ended().getDescription()).contains("pipeline 'ppp");
    }
    remove("wide");
  }

  @Test
  void wordsThatStandForMoreThanAPipelineHoldsAreRefused() throws Exception {
    pipeline("large", "{}");
    try (FlightWire wire = new FlightWire(house)) {
      List<byte[]> messages =
          FlightBytes.messages(
              List.of("pipelines", "large", "source"),
              FlightBytes.repeated(allocator.get(), 1 << 20, 100_000));
      Status told = sent(wire, "DoPut", messages).ended();
      assertThat(told.getCode()).as(told.toString()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(told.getDescription()).contains("more than the memory of the pipeline");
      stands(
          wire,
          "DoPut",
          FlightBytes.messages(
              List.of("pipelines", "large", "source"),
              FlightBytes.longs(allocator.get(), Map.of(), 0, 5)));
    }
    remove("large");
  }
}
