package kr.madang.gateway.flight;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import kr.madang.control.ServedModel;
import kr.madang.gateway.arrow.ColumnTensors;
import kr.madang.gateway.arrow.Columns;
import kr.madang.gateway.arrow.IpcMessage;
import kr.madang.gateway.arrow.OutputTable;
import kr.madang.gateway.arrow.Wishes;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;
import kr.madang.inference.Call;
import org.jspecify.annotations.Nullable;

/**
 * {@code DoExchange}: record batches in, the outputs of a model out, in the order of the batches.
 */
final class Exchange extends Incoming {
  private static final int UNDER_WAY = 8;
  private static final long BYTES_UNDER_WAY = 16L << 20;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);

  private final ArrayDeque<Run> runs = new ArrayDeque<>();
  private long bytes;
  private long number;
  private Descriptor.@Nullable Model model;
  private @Nullable Columns columns;
  private Wishes wishes = Wishes.of(Map.of());
  private @Nullable List<OutputTable.Shape> shapes;

  Exchange(FlightDoor door, ServerCallStreamObserver<byte[]> to) {
    super(door, to);
  }

  @Override
  boolean handle(byte[] message, boolean here) {
    FlightData data = FlightData.read(message);
    if (model == null) {
      model = Descriptor.model(data.path());
    }
    if (!data.hasMessage()) {
      return true;
    }
    if (columns == null) {
      if (here) {
        return false;
      }
      begin(data.message());
      return true;
    }
    switch (data.message()) {
      case IpcMessage.Head _ ->
          throw new Refusal(Status.INVALID, "a stream: expected rows, got a second schema");
      case IpcMessage.Words words -> columns.take(words);
      case IpcMessage.Rows rows -> {
        return take(rows, message.length, here);
      }
    }
    return true;
  }

  private Descriptor.Model model() {
    return Objects.requireNonNull(model);
  }

  private Optional<ServedModel> find() {
    return door.control.serving().find(caller, model().name(), model().version(), wishes.key());
  }

  private ServedModel open() {
    return door.control.serving().open(caller, model().name(), model().version(), wishes.key());
  }

  private void begin(IpcMessage first) {
    if (!(first instanceof IpcMessage.Head head)) {
      throw new Refusal(Status.INVALID, "a stream: expected a schema first");
    }
    wishes = Wishes.of(head.schema().metadata());
    try (ServedModel open = open()) {
      Columns begun = new Columns(head.schema());
      // what does not fit is said before anything is sent
      ColumnTensors.of(List.of(begun.none()), open.inputs(), door.control.serving().memory())
          .close();
      columns = begun;
      OutputTable.expected(open.outputs(), wishes.outputs())
          .ifPresent(known -> announce(known, open.name(), open.version()));
    }
  }

  private synchronized void announce(List<OutputTable.Shape> known, String name, String version) {
    shapes = known;
    Map<String, String> metadata = new HashMap<>();
    metadata.put("model_name", name);
    metadata.put("model_version", version);
    if (!wishes.id().isEmpty()) {
      metadata.put("id", wishes.id());
    }
    send(FlightData.of(OutputTable.schema(known, metadata), new byte[0]));
  }

  /** Runs a batch; what is wrong with it is said in its place. */
  private boolean take(IpcMessage.Rows rows, int size, boolean here) {
    String version = "";
    try {
      Optional<ServedModel> served = find();
      if (served.isEmpty() && here) {
        return false;
      }
      try (ServedModel open = served.isPresent() ? served.get() : open()) {
        version = open.version();
        ColumnTensors tensors =
            ColumnTensors.of(
                List.of(Objects.requireNonNull(columns).of(rows)),
                open.inputs(),
                door.control.serving().memory());
        Run run = new Run(this, number++, size, open.name(), version);
        enter(run);
        run.begin(tensors, open, call(tensors), here);
        if (isOver()) {
          run.cancel();
        }
      }
    } catch (RuntimeException e) {
      Run refused = new Run(this, number++, size, model().name(), version);
      enter(refused);
      refused.failed(door.refusal(e));
    }
    return true;
  }

  private Call call(ColumnTensors tensors) {
    long micros = Math.min(wishes.timeoutMicros(), LONGEST_MICROS);
    long until = System.nanoTime() + (micros == 0 ? PATIENCE_NANOS : micros * 1_000);
    return new Call(
        tensors.tensors(),
        wishes.outputs(),
        (int) Math.min(Integer.MAX_VALUE, Math.max(0, wishes.priority() - 1)),
        until,
        true);
  }

  private synchronized void enter(Run run) {
    runs.add(run);
    bytes += run.bytes();
  }

  /** An answer is there; those that stand first are sent. */
  void flush() {
    synchronized (this) {
      for (Run first = runs.peek(); first != null && first.isDone(); first = runs.peek()) {
        runs.remove();
        bytes -= first.bytes();
        send(first);
      }
    }
    more();
  }

  private void send(Run run) {
    Refusal refusal = run.refusal();
    if (refusal == null && run.table() != null) {
      List<OutputTable.Shape> mine = Objects.requireNonNull(run.table()).shapes();
      if (shapes == null) {
        announce(mine, run.model(), run.version());
      } else if (!mine.equals(shapes)) {
        refusal =
            new Refusal(
                Status.INVALID,
                "version %s answers with %s, not with %s as this stream began: open another one"
                    .formatted(run.version(), mine, shapes));
      }
    }
    if (refusal != null) {
      send(FlightData.of(Json.bytes(error(run, refusal))));
    } else {
      send(run.answer());
    }
  }

  private static ObjectNode error(Run run, Refusal refusal) {
    ObjectNode error =
        Json.object()
            .put("batch", run.number())
            .put("error", refusal.getMessage())
            .put("status", refusal.status().http());
    if (!refusal.after().isZero()) {
      error.put("retryAfterMillis", Math.max(1, refusal.after().toMillis()));
    }
    return error;
  }

  @Override
  boolean hasRoom() {
    return runs.size() < UNDER_WAY && bytes < BYTES_UNDER_WAY;
  }

  @Override
  boolean isDone() {
    return runs.isEmpty();
  }

  @Override
  void free() {
    List<Run> left;
    synchronized (this) {
      left = List.copyOf(runs);
      runs.clear();
    }
    left.forEach(Run::cancel);
  }
}
