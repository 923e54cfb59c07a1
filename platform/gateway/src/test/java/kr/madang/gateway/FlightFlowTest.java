package kr.madang.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.Status;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import kr.madang.gateway.FlightWire.Talk;
import kr.madang.gateway.flight.FlightBytes;
import kr.madang.gateway.flight.FlightBytes.Part;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** One side of a stream is slow, or its sender comes anew: the other side is told what it must. */
class FlightFlowTest {
  private static final String SPACE = "/api/v1/workspaces/default/pipelines";
  private static final int METADATA = 3;
  private static final int RESULT = 1;

  /** Rows of a batch that has some 60 KB. */
  private static final int MANY = 4_000;

  @TempDir static Path home;
  @RegisterExtension final TestAllocator allocator = new TestAllocator();
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

  private static void pipeline(String name, int queue, String sink, String more) throws Exception {
    var got =
        house.post(
            SPACE,
            "application/yaml",
            """
            pipeline: %s
            source: { use: flight, config: { queue: %d } }
            sinks: [ %s ]
            %s
            """
                .formatted(name, queue, sink, more));
    assertThat(got.statusCode()).as(got.body()).isEqualTo(201);
    Await.until("it runs", () -> stage(name).at("/state").asText().equalsIgnoreCase("running"));
  }

  private static JsonNode stage(String name) throws Exception {
    return FlightTest.JSON
        .readTree(house.get(SPACE + "/" + name + "/status").body())
        .at("/stages/0");
  }

  private static void remove(String name) throws Exception {
    assertThat(house.post(SPACE + "/" + name + "/stop").statusCode()).isEqualTo(200);
    Await.until("it stopped", () -> house.get(SPACE + "/" + name).body().contains("\"stopped\""));
  }

  private static List<String> path(String name) {
    return List.of("pipelines", name, "source");
  }

  private List<Part> rows(Map<String, String> metadata, long first, int count) {
    return FlightBytes.longs(allocator.get(), metadata, first, count);
  }

  private byte[] keyed(long key, long first, int count) {
    return FlightBytes.message(
        List.of(), rows(Map.of(), first, count).getLast(), "{\"key\":%d}".formatted(key));
  }

  private Talk begin(FlightWire wire, String name, String writer) {
    Map<String, String> metadata = writer.isEmpty() ? Map.of() : Map.of("writer", writer);
    return wire.talk("DoPut")
        .send(FlightBytes.message(path(name), rows(metadata, 0, 1).getFirst(), ""));
  }

  /** Sends batches as long as there is room for them; tells how many went out. */
  private static CompletableFuture<Void> send(
      Talk put, List<byte[]> batches, AtomicInteger sent, AtomicBoolean enough) {
    return CompletableFuture.runAsync(() -> {
      try {
        for (byte[] batch : batches) {
          Await.until("there is room", () -> put.isReady() || enough.get());
          if (enough.get()) {
            return;
          }
          put.send(batch);
          sent.incrementAndGet();
        }
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    });
  }

  /** Waits until a sender that would go on gets no further, however often the door is asked. */
  private static void held(AtomicInteger sent) throws Exception {
    Await.until(
        "the sender is held back",
        () -> {
          int before = sent.get();
          for (int i = 0; i < 50; i++) {
            house.get(SPACE);
          }
          return before > 0 && sent.get() == before;
        });
  }

  private static List<Long> seen(Path file) throws Exception {
    return Files.exists(file)
        ? Files.readAllLines(file).stream().map(Long::valueOf).toList()
        : List.of();
  }

  private static List<Long> upTo(long rows) {
    return LongStream.range(0, rows).boxed().toList();
  }

  @Test
  void aPipelineThatAcceptsNothingHoldsItsSenderBackAndThenTakesAllOnce() throws Exception {
    Path gate = Files.createFile(home.resolve("gate"));
    Path seen = home.resolve("seen");
    int queue = 4;
    pipeline(
        "dam",
        queue,
        "{ use: toy/dam, config: { file: %s, seen: %s } }".formatted(gate, seen),
        "durability: none\nlimits: { queue: 2 }");
    int batches = 160;
    List<byte[]> all =
        LongStream.range(0, batches).mapToObj(i -> keyed(i, i * MANY, MANY)).toList();
    long before = house.allocator.getAllocatedMemory();
    AtomicInteger sent = new AtomicInteger();
    try (FlightWire wire = new FlightWire(house)) {
      Talk put = begin(wire, "dam", "");
      CompletableFuture<Void> sending = send(put, all, sent, new AtomicBoolean());
      held(sent);
      // what waits for the pipeline, what is within it, and what lies in the windows of the line
      assertThat(sent.get()).isLessThan(80);
      assertThat(put.answers()).isEmpty();
      assertThat(house.allocator.getAllocatedMemory() - before)
          .isLessThan((queue + 12) * MANY * 64L);
      Files.delete(gate);
      sending.get();
      put.until(batches).finish();
      assertThat(put.ended().getCode()).isEqualTo(Status.Code.OK);
      for (int i = 0; i < batches; i++) {
        JsonNode said = put.said(i, RESULT);
        assertThat(said.at("/key").asInt()).isEqualTo(i);
        assertThat(said.at("/accepted").asLong()).isEqualTo((i + 1L) * MANY);
        assertThat(said.has("repeated")).isFalse();
      }
    }
    assertThat(seen(seen)).isEqualTo(upTo((long) batches * MANY));
    remove("dam");
  }

  @Test
  void batchesThatNeedNoRoomAreHeldBackBeyondSoManyUnconfirmedOnes() throws Exception {
    Path gate = Files.createFile(home.resolve("gate-of-repeats"));
    pipeline(
        "repeats",
        1,
        "{ use: toy/dam, config: { file: %s, seen: %s } }"
            .formatted(gate, home.resolve("seen-of-repeats")),
        "durability: none");
    int batches = 20_000;
    List<byte[]> all = Collections.nCopies(batches, keyed(7, 0, 1));
    AtomicInteger sent = new AtomicInteger();
    AtomicBoolean enough = new AtomicBoolean();
    try (FlightWire wire = new FlightWire(house)) {
      Talk put = begin(wire, "repeats", "");
      CompletableFuture<Void> sending = send(put, all, sent, enough);
      held(sent);
      // 1,024 of them, and what lies in the windows of the line
      assertThat(sent.get()).isBetween(1_024, 1_024 + (3 << 20) / all.getFirst().length);
      assertThat(put.answers()).isEmpty();
      enough.set(true);
      sending.get();
      Files.delete(gate);
      put.until(sent.get()).finish();
      assertThat(put.ended().getCode()).isEqualTo(Status.Code.OK);
      assertThat(put.said(0, RESULT).has("repeated")).isFalse();
      assertThat(put.said(sent.get() - 1, RESULT).at("/repeated").asBoolean()).isTrue();
      assertThat(put.said(sent.get() - 1, RESULT).at("/accepted").asLong()).isEqualTo(1);
    }
    remove("repeats");
  }

  @Test
  void ofTwoSendersWithOneNameTheLaterHasThePlaceAndNothingIsTakenTwice() throws Exception {
    Path gate = home.resolve("gate-of-writers");
    Path seen = home.resolve("seen-of-writers");
    pipeline(
        "writers",
        8,
        "{ use: toy/dam, config: { file: %s, seen: %s } }".formatted(gate, seen),
        "durability: journal\njournal: { keep: 1h }");
    try (FlightWire wire = new FlightWire(house)) {
      Talk first = begin(wire, "writers", "line-1");
      first.send(keyed(1, 0, 10)).send(keyed(2, 10, 10)).until(2);
      Talk other = begin(wire, "writers", "line-2");
      Talk later = begin(wire, "writers", "line-1");
      // the place is taken by who sends, not by who only comes
      other.send(keyed(1, 20, 10)).until(1);
      assertThat(first.hasEnded()).isFalse();
      later.send(keyed(2, 10, 10)).send(keyed(1, 0, 10)).send(keyed(3, 30, 10)).until(3);
      Status told = first.ended();
      assertThat(told.getCode()).isEqualTo(Status.Code.ABORTED);
      assertThat(told.getDescription()).contains("writer 'line-1' has come anew");
      assertThat(later.said(0, RESULT).at("/repeated").asBoolean()).isTrue();
      assertThat(later.said(1, RESULT).at("/repeated").asBoolean()).isTrue();
      assertThat(later.said(2, RESULT).has("repeated")).isFalse();
      assertThat(later.said(2, RESULT).at("/accepted").asLong()).isEqualTo(40);
      assertThat(later.finish().ended().getCode()).isEqualTo(Status.Code.OK);
      assertThat(other.finish().ended().getCode()).isEqualTo(Status.Code.OK);
    }
    Await.until("all is seen", () -> seen(seen).size() >= 40);
    assertThat(seen(seen)).isEqualTo(upTo(40));
    remove("writers");
  }

  @Test
  void aSenderThatLostItsPlaceWhileItWaitedForRoomGivesNothingMore() throws Exception {
    Path gate = Files.createFile(home.resolve("gate-of-places"));
    Path seen = home.resolve("seen-of-places");
    pipeline(
        "places",
        1,
        "{ use: toy/dam, config: { file: %s, seen: %s } }".formatted(gate, seen),
        "durability: none\nlimits: { queue: 1 }");
    int batches = 400;
    List<byte[]> all =
        LongStream.range(0, batches).mapToObj(i -> keyed(i, i * MANY, MANY)).toList();
    AtomicInteger sent = new AtomicInteger();
    AtomicBoolean enough = new AtomicBoolean();
    long had;
    try (FlightWire wire = new FlightWire(house)) {
      Talk first = begin(wire, "places", "line");
      CompletableFuture<Void> sending = send(first, all, sent, enough);
      held(sent);
      enough.set(true);
      sending.get();
      Talk later = begin(wire, "places", "line").send(keyed(0, 0, MANY));
      assertThat(first.ended().getDescription()).contains("has come anew");
      Files.delete(gate);
      // its own batch of before is accepted with all that was taken until then
      had = later.until(1).said(0, RESULT).at("/accepted").asLong();
      later.send(keyed(batches, had, 1)).until(2);
      assertThat(later.said(1, RESULT).at("/accepted").asLong()).isEqualTo(had + 1);
      assertThat(later.finish().ended().getCode()).isEqualTo(Status.Code.OK);
    }
    assertThat(seen(seen)).isEqualTo(upTo(had + 1));
    remove("places");
  }

  @Test
  void aSlowReaderIsToldWhatItMissedAndHoldsNobodyUp() throws Exception {
    pipeline("live", 8, "{ use: toy/oblivion }", "durability: none");
    int batches = 200;
    try (FlightWire wire = new FlightWire(house)) {
      Talk get = wire.get("{\"pipeline\":\"live\",\"stage\":\"source\"}", 1);
      Talk put = begin(wire, "live", "");
      // the reader is there as soon as it gets something, of which it reads no more
      int pushed = 0;
      while (get.answers().isEmpty()) {
        put.send(keyed(pushed, pushed, 1)).until(++pushed);
      }
      long early = pushed;
      for (int i = 0; i < batches; i++) {
        put.send(keyed(pushed, early + (long) i * MANY, MANY)).until(++pushed);
      }
      get.read(Integer.MAX_VALUE);
      // some that follow each alone: when all is accounted for, nothing is on its way any more
      long all = early + (long) batches * MANY;
      Seen seen = new Seen(0, 0);
      for (int i = 0; i < 100 && seen.end() < all; i++) {
        int known = get.answers().size();
        put.send(keyed(pushed, all++, 1)).until(++pushed);
        Await.until("it goes on", () -> get.answers().size() > known);
        seen = Seen.of(get);
      }
      assertThat(seen.end()).isEqualTo(all);
      assertThat(seen.skipped()).isPositive();
      get.cancel();
      assertThat(put.finish().ended().getCode()).isEqualTo(Status.Code.OK);
    }
    remove("live");
  }

  /**
   * What a reader knows of the rows of a stage.
   *
   * @param end behind the last one that it got or was told to have missed
   */
  private record Seen(long end, long skipped) {
    static Seen of(Talk get) throws Exception {
      long rows = 0;
      long first = -1;
      long skipped = 0;
      for (int i = 0; i < get.answers().size(); i++) {
        if (FlightBytes.field(get.answers().get(i), METADATA).length > 0) {
          JsonNode said = get.said(i, METADATA);
          first = first < 0 ? said.at("/sequence").asLong() : first;
          rows += said.at("/rows").asLong();
          skipped = said.at("/skipped").asLong();
        }
      }
      return new Seen(first + rows + skipped, skipped);
    }
  }
}
