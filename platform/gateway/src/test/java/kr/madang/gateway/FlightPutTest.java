package kr.madang.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.apache.arrow.flight.AsyncPutListener;
import org.apache.arrow.flight.CallOption;
import org.apache.arrow.flight.FlightClient;
import org.apache.arrow.flight.FlightRuntimeException;
import org.apache.arrow.flight.FlightStatusCode;
import org.apache.arrow.flight.FlightStream;
import org.apache.arrow.flight.PutResult;
import org.apache.arrow.flight.SyncPutListener;
import org.apache.arrow.flight.Ticket;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.TimeStampNanoTZVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Rows that a factory sends into pipelines: none is lost, none is taken twice. */
class FlightPutTest {
  private static final String SPACE = "/api/v1/workspaces/default/pipelines";
  private static final int BATCHES = Integer.getInteger("madang.putBatches", 120);
  private static final Schema SAMPLES =
      new Schema(
          List.of(
              Field.notNullable("tag", ArrowType.Utf8.INSTANCE),
              Field.nullable("long", new ArrowType.Int(64, true))));

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

  private static void pipeline(String name, String config, String more) throws Exception {
    var got =
        house.post(
            SPACE,
            "application/yaml",
            """
            pipeline: %s
            source: { use: flight, config: %s }
            sinks: [ { use: toy/oblivion } ]
            %s
            """
                .formatted(name, config, more));
    assertThat(got.statusCode()).as(got.body()).isEqualTo(201);
    runs(name);
  }

  private static void runs(String name) throws Exception {
    Await.until(
        "it runs",
        () -> {
          JsonNode stages =
              FlightTest.JSON.readTree(house.get(SPACE + "/" + name + "/status").body());
          return stages.at("/stages/0/state").asText().equalsIgnoreCase("running");
        });
  }

  private CallOption token() {
    return FlightTest.bearer(house.token);
  }

  private static void fill(VectorSchemaRoot root, long first, int rows) {
    VarCharVector tags = (VarCharVector) root.getVector(0);
    BigIntVector values = (BigIntVector) root.getVector(1);
    root.getFieldVectors().forEach(FieldVector::allocateNew);
    for (int row = 0; row < rows; row++) {
      tags.setSafe(row, ("t" + row % 3).getBytes(StandardCharsets.UTF_8));
      values.setSafe(row, first + row);
    }
    root.setRowCount(rows);
  }

  private static ArrowBuf key(BufferAllocator memory, long key) {
    byte[] bytes = ("{\"key\":" + key + "}").getBytes(StandardCharsets.UTF_8);
    ArrowBuf buffer = memory.buffer(bytes.length);
    buffer.writeBytes(bytes);
    return buffer;
  }

  private static JsonNode json(PutResult result) throws Exception {
    ArrowBuf buffer = result.getApplicationMetadata();
    byte[] bytes = new byte[(int) buffer.readableBytes()];
    buffer.getBytes(buffer.readerIndex(), bytes);
    return FlightTest.JSON.readTree(bytes);
  }

  /** What the journal has of the source. */
  private List<Long> recorded(String name, int column) throws Exception {
    List<Long> values = new ArrayList<>();
    String ticket = "{\"pipeline\":\"%s\",\"stage\":\"source\",\"recorded\":true}".formatted(name);
    try (FlightClient client = FlightTest.connect(house, allocator.get());
        FlightStream stream =
            client.getStream(new Ticket(ticket.getBytes(StandardCharsets.UTF_8)), token())) {
      while (stream.next()) {
        BigIntVector vector = (BigIntVector) stream.getRoot().getVector(column);
        for (int row = 0; row < vector.getValueCount(); row++) {
          values.add(vector.get(row));
        }
      }
    }
    return values;
  }

  private static List<Long> upTo(long rows) {
    List<Long> all = new ArrayList<>();
    for (long i = 0; i < rows; i++) {
      all.add(i);
    }
    return all;
  }

  /** Sends from a batch on until the connection is cut; gives back the first not confirmed. */
  private int send(String name, int from, int cutAfter) throws Exception {
    int confirmed = from;
    // of its own: Arrow's client loses what still comes when its call was cut
    RootAllocator memory = new RootAllocator();
    try (FlightClient client = FlightTest.connect(house, memory);
        VectorSchemaRoot root = VectorSchemaRoot.create(SAMPLES, memory);
        SyncPutListener listener = new SyncPutListener()) {
      FlightClient.ClientStreamListener writer =
          client.startPut(FlightTest.path("pipelines", name, "source"), root, listener, token());
      int sent = from;
      while (sent < BATCHES && sent - from < cutAfter) {
        fill(root, sent * 10L, 10);
        writer.putNext(key(memory, sent++));
      }
      if (sent == BATCHES) {
        writer.completed();
        while (true) {
          try (PutResult result = listener.read()) {
            if (result == null) {
              return confirmed;
            }
            confirmed = json(result).at("/key").asInt() + 1;
          }
        }
      }
      // some of what was sent is confirmed, and the rest is on its way somewhere
      for (int i = 0; i < cutAfter / 2; i++) {
        try (PutResult result = listener.poll(30, TimeUnit.SECONDS)) {
          confirmed = json(result).at("/key").asInt() + 1;
        }
      }
      writer.error(new IllegalStateException("the line is cut"));
    } catch (FlightRuntimeException e) {
      assertThat(e.status().code()).isIn(FlightStatusCode.CANCELLED, FlightStatusCode.UNAVAILABLE);
    } catch (ExecutionException e) {
      // the pipeline stopped while it was sent to: the sender comes again
      assertThat(e).hasMessageContaining("UNAVAILABLE");
    } catch (IllegalStateException e) {
      assertThat(e).hasMessageContaining("Memory was leaked");
    }
    return confirmed;
  }

  @Test
  void aSenderThatIsCutOffAgainAndAgainLosesAndDoublesNothing() throws Exception {
    pipeline("cut", "{ queue: 8 }", "durability: journal\njournal: { keep: 1h }");
    Random random = new Random(3);
    int from = 0;
    int life = 0;
    while (from < BATCHES) {
      if (++life == 3) {
        // between two lives of the sender the pipeline is another one too
        assertThat(house.post(SPACE + "/cut/stop").statusCode()).isEqualTo(200);
        Await.until("it stopped", () -> house.get(SPACE + "/cut").body().contains("\"stopped\""));
        assertThat(house.post(SPACE + "/cut/start").statusCode()).isEqualTo(200);
        runs("cut");
      }
      from = send("cut", from, 10 + random.nextInt(30));
    }
    assertThat(life).isGreaterThan(3);
    assertThat(recorded("cut", 2)).isEqualTo(upTo(BATCHES * 10L));
    try (FlightClient client = FlightTest.connect(house, allocator.get())) {
      byte[] said =
          client.getInfo(FlightTest.path("pipelines", "cut", "source"), token()).getAppMetadata();
      JsonNode json = FlightTest.JSON.readTree(said);
      assertThat(json.at("/accepted").asLong()).isEqualTo(BATCHES * 10L);
      assertThat(json.at("/keys").path("").asLong()).isEqualTo(BATCHES - 1);
    }
  }

  @Test
  void framesHaveTheFieldsThatTheSourceDeclares() throws Exception {
    pipeline(
        "frames",
        "{ fields: { count: { type: long }, flow: { unit: L/s } } }",
        "durability: journal\njournal: { keep: 1h }");
    Field time =
        Field.notNullable(
            "time",
            new ArrowType.Timestamp(org.apache.arrow.vector.types.TimeUnit.NANOSECOND, "UTC"));
    Field count = Field.nullable("count", new ArrowType.Int(64, true));
    Field flow = Field.nullable("flow", new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE));
    Schema schema = new Schema(List.of(time, count, flow));
    try (FlightClient client = FlightTest.connect(house, allocator.get());
        VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator.get())) {
      AsyncPutListener listener = new AsyncPutListener();
      FlightClient.ClientStreamListener writer =
          client.startPut(
              FlightTest.path("pipelines", "default", "frames", "source"), root, listener, token());
      root.getFieldVectors().forEach(FieldVector::allocateNew);
      for (int row = 0; row < 5; row++) {
        ((TimeStampNanoTZVector) root.getVector(0)).setSafe(row, 1_000L * row);
        ((BigIntVector) root.getVector(1)).setSafe(row, row);
        if (row != 2) {
          ((Float8Vector) root.getVector(2)).setSafe(row, row / 2.0);
        }
      }
      root.setRowCount(5);
      writer.putNext();
      writer.completed();
      listener.getResult();
    }
    assertThat(recorded("frames", 1)).isEqualTo(upTo(5));
    assertThat(refused("frames", new Schema(List.of(time, count))))
        .contains("column 'flow' is missing");
    assertThat(
            refused(
                "frames",
                new Schema(List.of(time, count, Field.nullable("flow", ArrowType.Utf8.INSTANCE)))))
        .contains("column 'flow'", "expected float64 or float32", "got string");
  }

  private String refused(String pipeline, Schema schema) throws Exception {
    try (FlightClient client = FlightTest.connect(house, allocator.get());
        VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator.get())) {
      AsyncPutListener listener = new AsyncPutListener();
      FlightClient.ClientStreamListener writer =
          client.startPut(
              FlightTest.path("pipelines", pipeline, "source"), root, listener, token());
      writer.completed();
      listener.getResult();
      throw new AssertionError("was taken");
    } catch (FlightRuntimeException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void whatIsNoSourceForRowsOrNoSampleIsRefused() throws Exception {
    pipeline("samples", "{}", "durability: none");
    assertThat(
            refused("samples", new Schema(List.of(Field.nullable("x", ArrowType.Utf8.INSTANCE)))))
        .contains("there is no column 'x'", "tag, value");
    assertThat(refused("nobody", SAMPLES)).contains("pipeline 'nobody' does not exist");
    assertThat(refused("samples", new Schema(SAMPLES.getFields(), Map.of("writer", "../x"))))
        .contains("'writer'");
    try (FlightClient client = FlightTest.connect(house, allocator.get());
        VectorSchemaRoot root = VectorSchemaRoot.create(SAMPLES, allocator.get())) {
      AsyncPutListener listener = new AsyncPutListener();
      FlightClient.ClientStreamListener writer =
          client.startPut(
              FlightTest.path("pipelines", "samples", "source"), root, listener, token());
      fill(root, 0, 3);
      ((VarCharVector) root.getVector(0)).setSafe(1, new byte[] {'a', 0, 'b'});
      writer.putNext();
      writer.completed();
      assertThatThrownBy(listener::getResult)
          .isInstanceOf(FlightRuntimeException.class)
          .hasMessageContaining("column 'tag': row 1")
          .hasMessageContaining("control character");
    }
  }
}
