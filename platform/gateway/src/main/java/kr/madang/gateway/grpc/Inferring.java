package kr.madang.gateway.grpc;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import kr.madang.control.Caller;
import kr.madang.control.ServedModel;
import kr.madang.gateway.oip.Classes;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;
import kr.madang.gateway.trace.CallTrace;
import kr.madang.inference.Answer;
import kr.madang.inference.Call;
import kr.madang.inference.Hold;
import kr.madang.inference.Reply;
import kr.madang.inference.Ticket;
import kr.madang.sdk.error.ErrorCode;
import org.jspecify.annotations.Nullable;

/** One request for inference; a short run of a model in memory stays on its event loop. */
final class Inferring implements Reply {
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final long LONGEST_MICROS = TimeUnit.HOURS.toMicros(1);

  private final Calls calls;
  private final Caller caller;
  private final long deadline;
  private final Consumer<byte[]> answered;
  private final Consumer<Refusal> failed;
  private @Nullable InferRequest request;
  private String model = "";
  private String version = "";
  private volatile @Nullable Ticket ticket;
  private volatile boolean cancelled;
  private final long began = System.nanoTime();
  private final @Nullable String parent;
  private @Nullable CallTrace trace;

  private Inferring(Calls calls, Consumer<byte[]> answered, Consumer<Refusal> failed) {
    this.calls = calls;
    this.caller = TokenCheck.CALLER.get();
    this.parent = calls.tracing.on() ? TokenCheck.TRACEPARENT.get() : null;
    Deadline set = Context.current().getDeadline();
    this.deadline =
        began
            + (set == null
                ? PATIENCE_NANOS
                : Math.min(
                    TimeUnit.MICROSECONDS.toNanos(LONGEST_MICROS),
                    set.timeRemaining(TimeUnit.NANOSECONDS)));
    this.answered = answered;
    this.failed = failed;
  }

  /** {@code ModelInfer}. */
  static void unary(Calls calls, byte[] message, ServerCallStreamObserver<byte[]> to) {
    Inferring one =
        new Inferring(
            calls,
            bytes -> {
              to.onNext(bytes);
              to.onCompleted();
            },
            refusal -> to.onError(Errors.of(refusal)));
    to.setOnCancelHandler(one::cancel);
    one.begin(message);
  }

  /** {@code ModelStreamInfer}: one request after the other, errors within the stream. */
  static StreamObserver<byte[]> stream(Calls calls, ServerCallStreamObserver<byte[]> to) {
    to.disableAutoRequest();
    to.request(1);
    Consumer<byte[]> next =
        bytes -> {
          to.onNext(bytes);
          to.request(1);
        };
    Context context = Context.current();
    return new StreamObserver<>() {
      private @Nullable Inferring current;
      private boolean ended;
      private boolean busy;

      {
        to.setOnCancelHandler(() -> {
          Inferring one = current;
          if (one != null) {
            one.cancel();
          }
        });
      }

      @Override
      public void onNext(byte[] message) {
        synchronized (this) {
          busy = true;
        }
        Inferring one;
        Context before = context.attach();
        try {
          one =
              new Inferring(
                  calls,
                  bytes -> done(Wire.message(out -> out.bytes(2, bytes))),
                  refusal ->
                      done(Wire.message(out -> out.text(1, String.valueOf(refusal.getMessage())))));
        } finally {
          context.detach(before);
        }
        current = one;
        one.begin(message);
      }

      private void done(byte[] bytes) {
        boolean last;
        synchronized (this) {
          busy = false;
          last = ended;
        }
        if (to.isCancelled()) {
          return;
        }
        next.accept(bytes);
        if (last) {
          to.onCompleted();
        }
      }

      @Override
      public void onError(Throwable t) {
        // the cancel handler has been told
      }

      @Override
      public void onCompleted() {
        boolean now;
        synchronized (this) {
          ended = true;
          now = !busy;
        }
        if (now) {
          to.onCompleted();
        }
      }
    };
  }

  private void cancel() {
    cancelled = true;
    Ticket taken = ticket;
    if (taken != null) {
      taken.cancel();
    }
  }

  private void begin(byte[] message) {
    try {
      InferRequest read = new InferRequest(message);
      request = read;
      try {
        read.read(calls.control.serving().memory());
      } finally {
        // also what cannot be read is traced as its model is, if it comes to naming it
        trace = calls.tracing.begin(CallTrace.Door.GRPC, parent, read.model, began);
      }
      Optional<ServedModel> found =
          calls.control.serving().find(caller, read.model, read.version, read.key);
      if (found.isPresent()) {
        run(found.get(), Hold.BRIEF);
      } else {
        calls.blocking.execute(this::away);
      }
    } catch (Throwable e) {
      failed(e);
    }
  }

  private void away() {
    try {
      InferRequest read = Objects.requireNonNull(request);
      run(calls.control.serving().open(caller, read.model, read.version, read.key), Hold.NONE);
    } catch (Throwable e) {
      failed(e);
    }
  }

  private void run(ServedModel served, Hold hold) {
    InferRequest read = Objects.requireNonNull(request);
    try (served) {
      model = served.name();
      version = served.version();
      if (trace != null) {
        trace.model(calls.control.serving().workspace(caller), model, version);
      }
      long micros = Math.min(Math.max(0, read.timeoutMicros), LONGEST_MICROS);
      long until = micros == 0 ? deadline : Math.min(deadline, System.nanoTime() + micros * 1_000);
      Ticket taken =
          served.infer(
              new Call(
                  read.inputs,
                  read.outputs,
                  (int) Math.min(Integer.MAX_VALUE, Math.max(0, read.priority - 1)),
                  until,
                  true),
              hold,
              this);
      ticket = taken;
      if (cancelled) {
        taken.cancel();
      }
    }
  }

  @Override
  public void answered(Answer answer) {
    if (trace != null) {
      trace.ran(answer);
    }
    byte[] bytes;
    try (answer;
        InferRequest read = Objects.requireNonNull(request)) {
      bytes =
          InferAnswer.write(
              model, version, read.id, read.raw, Classes.of(answer.outputs(), read.classes));
    } catch (Throwable e) {
      failed(e);
      return;
    }
    if (trace != null) {
      trace.ended(0, "");
    }
    try {
      answered.accept(bytes);
    } catch (RuntimeException e) {
      // the client is gone
    }
  }

  @Override
  public void failed(ErrorCode code, String message, Duration after) {
    failed(new Refusal(Status.of(code), message, after));
  }

  private void failed(Throwable error) {
    InferRequest read = request;
    if (read != null) {
      read.close();
    }
    Refusal refusal = calls.refusal(error);
    if (trace != null) {
      trace.ended(Errors.code(refusal), refusal.status().name());
    }
    try {
      failed.accept(refusal);
    } catch (RuntimeException e) {
      // the client is gone
    }
  }
}
