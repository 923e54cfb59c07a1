package kr.madang.gateway.flight;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import kr.madang.control.inlet.Inlet;
import kr.madang.gateway.arrow.Columns;
import kr.madang.gateway.arrow.IpcMessage;
import kr.madang.gateway.grpc.Wire;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;
import org.jspecify.annotations.Nullable;

/**
 * {@code DoPut}: rows into a source of a pipeline. Each batch is answered when it is accepted;
 * while the pipeline has no room, no further one is asked for.
 */
final class Put extends Incoming {
  private static final int MOST_UNCONFIRMED = 1_024;
  private static final Duration GLANCE = Duration.ofMillis(250);
  private static final int MOST_ROWS = 1 << 20;
  private static final String METADATA = "app_metadata";
  private static final Set<String> KEYS = Set.of("key");
  private static final String NAME = "[a-z0-9][a-z0-9._-]{0,62}";

  private @Nullable Columns columns;
  private @Nullable RowShape shape;
  private Descriptor.@Nullable Stage stage;
  private volatile Inlet.@Nullable Sender sender;
  private long number;
  private int unconfirmed;

  Put(FlightDoor door, ServerCallStreamObserver<byte[]> to) {
    super(door, to);
  }

  @Override
  boolean handle(byte[] message, boolean here) throws InterruptedException {
    if (here) {
      // a pipeline without room makes senders wait
      return false;
    }
    FlightData data = FlightData.read(message);
    if (stage == null) {
      stage = Descriptor.stage(data.path());
    }
    if (!data.hasMessage()) {
      return true;
    }
    switch (data.message()) {
      case IpcMessage.Head head when columns == null -> begin(head);
      case IpcMessage.Head _ ->
          throw new Refusal(Status.INVALID, "a stream: expected rows, got a second schema");
      case IpcMessage.Words words -> begun().take(words);
      case IpcMessage.Rows rows -> take(begun().of(rows), rows.block().rows(), key(data));
    }
    return true;
  }

  private Columns begun() {
    if (columns == null) {
      throw new Refusal(Status.INVALID, "a stream: expected a schema first");
    }
    return columns;
  }

  private void begin(IpcMessage.Head head) {
    Descriptor.Stage target = Objects.requireNonNull(stage);
    String workspace =
        target.workspace().isEmpty()
            ? door.control.serving().workspace(caller)
            : target.workspace();
    Inlet inlet =
        door.control.stageRows().inlet(caller, workspace, target.pipeline(), target.stage());
    shape = RowShape.of(head.schema(), inlet.frames());
    String writer = head.schema().metadata().getOrDefault("writer", "");
    if (!writer.isEmpty() && !writer.matches(NAME)) {
      throw new Refusal(
          Status.INVALID, "schema metadata 'writer': expected a name that matches " + NAME);
    }
    sender = inlet.sender(writer, this::fail);
    columns = new Columns(head.schema());
  }

  private static long key(FlightData data) {
    FlightData.Part given = data.metadata();
    if (given.length() == 0) {
      return -1;
    }
    JsonNode read = Json.read(data.bytes(), given.from(), given.length(), METADATA, KEYS);
    return Json.number(read, METADATA, "key", -1);
  }

  private void take(Map<String, kr.madang.gateway.arrow.Column> values, int rows, long key)
      throws InterruptedException {
    if (rows > MOST_ROWS) {
      throw new Refusal(
          Status.INVALID,
          "expected at most %,d rows in a batch, got %,d".formatted(MOST_ROWS, rows));
    }
    long mine = number++;
    synchronized (this) {
      unconfirmed++;
    }
    Inlet.Sender to = Objects.requireNonNull(sender);
    while (!isOver()
        && !to.put(
            key,
            Objects.requireNonNull(shape).rows(values, rows),
            (accepted, repeated) -> confirm(mine, key, rows, accepted, repeated),
            GLANCE)) {
      // there is no room: the client waits, since nothing more is asked of it
    }
  }

  private void confirm(long batch, long key, int rows, long accepted, boolean repeated) {
    ObjectNode result =
        Json.object().put("batch", batch).put("rows", rows).put("accepted", accepted);
    if (key >= 0) {
      result.put("key", key);
    }
    if (repeated) {
      result.put("repeated", true);
    }
    synchronized (this) {
      unconfirmed--;
      send(Wire.message(out -> out.bytes(1, Json.bytes(result))));
    }
    more();
  }

  @Override
  boolean hasRoom() {
    return unconfirmed < MOST_UNCONFIRMED;
  }

  @Override
  boolean isDone() {
    return unconfirmed == 0;
  }

  @Override
  void free() {
    Inlet.Sender left = sender;
    if (left != null) {
      left.close();
    }
  }
}
