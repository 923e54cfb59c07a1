package kr.madang.gateway.flight;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.Optional;
import kr.madang.control.Caller;
import kr.madang.control.Recorded;
import kr.madang.engine.Tap;
import kr.madang.gateway.grpc.Errors;
import kr.madang.gateway.grpc.Wire;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;
import kr.madang.sdk.batch.Batch;

/** {@code DoGet}: rows of a stage, as they come or as they were recorded. One virtual thread. */
final class Get {
  private static final int CAPACITY = 4;
  private static final Duration GLANCE = Duration.ofMillis(100);

  private final FlightDoor door;
  private final Caller caller;
  private final ServerCallStreamObserver<byte[]> to;
  private final Object ready = new Object();
  private final BatchMessages messages = new BatchMessages();
  private long left;

  Get(FlightDoor door, Caller caller, ServerCallStreamObserver<byte[]> to) {
    this.door = door;
    this.caller = caller;
    this.to = to;
    to.setOnReadyHandler(this::wake);
    to.setOnCancelHandler(this::wake);
  }

  private void wake() {
    synchronized (ready) {
      ready.notifyAll();
    }
  }

  void run(byte[] message) {
    try {
      StageTicket ticket = ticket(message);
      left = ticket.rows();
      String workspace =
          ticket.workspace().isEmpty()
              ? door.control.serving().workspace(caller)
              : ticket.workspace();
      if (ticket.recorded()) {
        recorded(ticket, workspace);
      } else {
        live(ticket, workspace);
      }
      if (!to.isCancelled()) {
        to.onCompleted();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Throwable e) {
      Refusal refusal = door.refusal(e);
      if (!to.isCancelled()) {
        to.onError(Errors.of(refusal));
      }
    }
  }

  private static StageTicket ticket(byte[] message) {
    byte[][] ticket = {new byte[0]};
    Wire.read(
        message,
        0,
        message.length,
        (field, in) -> {
          if (field == 1) {
            ticket[0] = in.readByteArray();
          }
          return field == 1;
        });
    return StageTicket.read(ticket[0], 0, ticket[0].length);
  }

  private void live(StageTicket ticket, String workspace) throws InterruptedException {
    try (Tap tap =
        door.control
            .pipelines()
            .tap(caller, workspace, ticket.pipeline(), ticket.stage(), CAPACITY)) {
      while (left > 0 && !to.isCancelled()) {
        Optional<Batch> next = tap.poll(GLANCE);
        if (next.isPresent()) {
          try (Batch batch = next.get()) {
            send(batch, "skipped", tap.skipped());
          }
        } else if (tap.closed()) {
          return;
        } else if (door.closing()) {
          throw new Refusal(Status.UNAVAILABLE, "the runtime shuts down");
        }
      }
    }
  }

  private void recorded(StageTicket ticket, String workspace) throws InterruptedException {
    try (Recorded recorded =
        door.control
            .stageRows()
            .recorded(caller, workspace, ticket.pipeline(), ticket.stage(), ticket.from())) {
      while (left > 0 && !recorded.ended() && !to.isCancelled()) {
        Optional<Batch> next = recorded.poll(GLANCE);
        if (next.isPresent()) {
          try (Batch batch = next.get()) {
            send(batch, "missing", recorded.missing());
          }
        }
      }
    }
  }

  private void send(Batch batch, String lost, long count) throws InterruptedException {
    int rows = (int) Math.min(left, batch.rows());
    left -= rows;
    ObjectNode metadata =
        Json.object()
            .put("epoch", batch.epoch())
            .put("sequence", batch.sequence())
            .put("rows", rows)
            .put(lost, count);
    for (byte[] message : messages.of(batch, rows, Json.bytes(metadata))) {
      awaitReady();
      if (to.isCancelled()) {
        return;
      }
      to.onNext(message);
    }
  }

  /** A client that reads nothing has the stream wait; a dead one is found by keep-alive. */
  private void awaitReady() throws InterruptedException {
    synchronized (ready) {
      while (!to.isReady() && !to.isCancelled()) {
        ready.wait(GLANCE.toMillis());
      }
    }
  }
}
