package kr.madang.control;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import kr.madang.inference.Answer;
import kr.madang.inference.Call;
import kr.madang.inference.Hold;
import kr.madang.inference.OnnxBuilder;
import kr.madang.inference.Reply;
import kr.madang.inference.Tensor;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Callers from outside, and models for them: one number in, one number out. */
final class Asking {
  private Asking() {}

  /** A graph of one node. */
  static OnnxBuilder one(String operator) {
    return new OnnxBuilder()
        .input("x", "float32", "n", 1)
        .output("y", "float32", "n", 1)
        .node(operator, List.of("x"), List.of("y"));
  }

  /** Gives {@code -x}, by a detour over a square of about so many weights. */
  static OnnxBuilder heavy(int floats) {
    int side = (int) Math.sqrt(floats);
    return new OnnxBuilder()
        .input("x", "float32", "n", 1)
        .output("y", "float32", "n", 1)
        .weights("in", new float[side], 1, side)
        .weights("square", new float[side * side], side, side)
        .weights("out", new float[side], side, 1)
        .node("MatMul", List.of("x", "in"), List.of("a"))
        .node("MatMul", List.of("a", "square"), List.of("b"))
        .node("MatMul", List.of("b", "out"), List.of("zero"))
        .node("Sub", List.of("zero", "x"), List.of("y"));
  }

  /** Asks and waits. */
  static float ask(Control control, String model, String version, float x) throws Exception {
    ServedModel served =
        control
            .serving()
            .find(House.ADMIN, model, version)
            .orElseGet(() -> control.serving().open(House.ADMIN, model, version));
    try (served) {
      ByteBuffer data = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());
      data.putFloat(0, x);
      CompletableFuture<Float> said = new CompletableFuture<>();
      served.infer(
          new Call(List.of(new Tensor("x", "float32", new long[] {1, 1}, data))),
          Hold.BRIEF,
          new Reply() {
            @Override
            public void answered(Answer answer) {
              try (answer) {
                said.complete(answer.outputs().getFirst().data().getFloat(0));
              }
            }

            @Override
            public void failed(ErrorCode code, String message, Duration after) {
              said.completeExceptionally(new PluginException(code, message));
            }
          });
      return said.get(60, TimeUnit.SECONDS);
    }
  }
}
