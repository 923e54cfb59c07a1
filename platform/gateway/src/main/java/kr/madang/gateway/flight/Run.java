package kr.madang.gateway.flight;

import java.time.Duration;
import java.util.Objects;
import kr.madang.control.ServedModel;
import kr.madang.gateway.arrow.ColumnTensors;
import kr.madang.gateway.arrow.OutputTable;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;
import kr.madang.inference.Answer;
import kr.madang.inference.Call;
import kr.madang.inference.Hold;
import kr.madang.inference.Reply;
import kr.madang.inference.Ticket;
import kr.madang.sdk.error.ErrorCode;
import org.jspecify.annotations.Nullable;

/** One batch of an {@link Exchange}, from its tensors to its answer. */
final class Run implements Reply {
  private final Exchange exchange;
  private final long number;
  private final int bytes;
  private final String model;
  private final String version;
  private @Nullable ColumnTensors tensors;
  private volatile @Nullable Ticket ticket;
  private volatile boolean cancelled;
  private volatile boolean done;
  private @Nullable OutputTable table;
  private byte[] answer = new byte[0];
  private @Nullable Refusal refusal;

  Run(Exchange exchange, long number, int bytes, String model, String version) {
    this.exchange = exchange;
    this.number = number;
    this.bytes = bytes;
    this.model = model;
    this.version = version;
  }

  long number() {
    return number;
  }

  int bytes() {
    return bytes;
  }

  String model() {
    return model;
  }

  String version() {
    return version;
  }

  boolean isDone() {
    return done;
  }

  @Nullable Refusal refusal() {
    return refusal;
  }

  /** What its columns are; its values are gone. */
  @Nullable OutputTable table() {
    return table;
  }

  byte[] answer() {
    return answer;
  }

  void begin(ColumnTensors given, ServedModel open, Call call, boolean here) {
    tensors = given;
    Ticket taken = open.infer(call, here ? Hold.BRIEF : Hold.NONE, this);
    ticket = taken;
    if (cancelled) {
      taken.cancel();
    }
  }

  void cancel() {
    cancelled = true;
    Ticket taken = ticket;
    if (taken != null) {
      taken.cancel();
    }
  }

  @Override
  public void answered(Answer got) {
    try (got;
        ColumnTensors given = Objects.requireNonNull(tensors)) {
      OutputTable made = OutputTable.of(got.outputs());
      byte[] metadata =
          Json.bytes(
              Json.object()
                  .put("batch", number)
                  .put("model", model)
                  .put("version", version)
                  .put("rows", given.rows())
                  .put("queueNanos", got.queuedNanos())
                  .put("runNanos", got.runNanos()));
      answer = FlightData.of(made.head(), metadata, made.bodyLength(), made::body);
      table = made;
    } catch (Throwable e) {
      refusal = exchange.door.refusal(e);
    }
    done = true;
    exchange.flush();
  }

  @Override
  public void failed(ErrorCode code, String message, Duration after) {
    ColumnTensors given = tensors;
    if (given != null) {
      given.close();
    }
    failed(new Refusal(Status.of(code), message, after));
  }

  void failed(Refusal why) {
    refusal = why;
    done = true;
    exchange.flush();
  }
}
