package kr.madang.gateway.trace;

import kr.madang.inference.Answer;
import org.jspecify.annotations.Nullable;

/**
 * A call that is traced: what is known of it is noted on the way, and made into spans at its end.
 * One thread at a time.
 */
public final class CallTrace {
  private final Spans to;
  final Door door;
  final @Nullable String parent;
  final long began;
  String workspace = "";
  String model = "";
  String version = "";
  long answered;
  long queued;
  long batched;
  long ran;
  long together;
  int status;
  String error = "";
  private boolean ended;

  /** Where a call has come in. */
  public enum Door {
    /** HTTP. */
    HTTP("POST /v2/models/{model}/infer"),
    /** gRPC. */
    GRPC("inference.GRPCInferenceService/ModelInfer");

    final String span;

    Door(String span) {
      this.span = span;
    }
  }

  CallTrace(Spans to, Door door, @Nullable String parent, long began) {
    this.to = to;
    this.door = door;
    this.parent = parent;
    this.began = began;
  }

  /** Whose call of what. */
  public void model(String itsWorkspace, String name, String exact) {
    workspace = itsWorkspace;
    model = name;
    version = exact;
  }

  /** It was run; the answer is written from now on. */
  public void ran(Answer answer) {
    answered = System.nanoTime();
    queued = answer.queuedNanos();
    batched = answer.batchedNanos();
    ran = answer.runNanos();
    together = answer.rowsTogether();
  }

  /**
   * The answer is written, or it has failed.
   *
   * @param code of HTTP or gRPC
   * @param why the kind of error; empty if all went well
   */
  public void ended(int code, String why) {
    if (!ended) {
      ended = true;
      status = code;
      error = why;
      to.call(this);
    }
  }
}
