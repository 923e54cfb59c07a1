package kr.madang.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

final class ShadowTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir private Path folder;
  private final Inference inference =
      Inference.open(new InferenceOptions(1, Duration.ofSeconds(30), Duration.ZERO));

  @AfterEach
  void close() {
    inference.close();
  }

  private LoadedModel load(String name, OnnxBuilder graph) throws InterruptedException {
    return inference.load(
        Fixture.spec("x"), graph.write(folder.resolve(name)), Optional.empty(), arrow.get());
  }

  private static float ask(LoadedModel model, Shadow shadow, Tenant tenant, float x)
      throws Exception {
    ByteBuffer data = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());
    data.putFloat(0, x);
    Call call = new Call(List.of(new Tensor("x", "float32", new long[] {1, 1}, data)));
    CompletableFuture<Float> value = new CompletableFuture<>();
    Reply reply =
        new Reply() {
          @Override
          public void answered(Answer answer) {
            try (answer) {
              value.complete(answer.outputs().getFirst().data().getFloat(0));
            }
            // who asks may use the memory again
            data.putFloat(0, Float.NaN);
          }

          @Override
          public void failed(ErrorCode code, String message, Duration after) {
            value.completeExceptionally(new AssertionError(message));
          }
        };
    model.call(tenant, call, Hold.BRIEF, shadow.copying(call, reply));
    return value.get();
  }

  @Test
  void copiesRunAtNobodysCostWhereACoreIsFreeAndAreDroppedElsewhere() throws Exception {
    LoadedModel old = load("old.onnx", OnnxBuilder.identity("float32", "n", 1));
    LoadedModel fresh = load("fresh.onnx", OnnxBuilder.identity("float32", "n", 1));
    Tenant tenant = inference.tenant("w");
    Comparison comparison = new Comparison(old.outputs(), 0, Map.of());
    try (Shadow shadow = inference.shadow(old, fresh, 1, comparison)) {
      Thread worker =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  shadow.work();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      for (int i = 0; i < 10; i++) {
        int runs = i + 1;
        assertThat(ask(old, shadow, tenant, i)).isEqualTo(i);
        Await.until("its copy is run", () -> shadow.figures().runs() == runs);
      }
      assertThat(comparison.figures().agreed()).isEqualTo(10);
      assertThat(tenant.rows()).isEqualTo(10);
      assertThat(fresh.figures().now().runs()).as("of callers").isZero();
      // the only core is taken: what waits too long, or has no place to wait, is dropped
      assertThat(inference.gate().tryEnter(new Gate.Line(), 1)).isTrue();
      Thread flood =
          Thread.ofPlatform()
              .start(() -> {
                for (int i = 0; i < 200; i++) {
                  Copied.answer(old, shadow, i);
                }
              });
      flood.join();
      assertThat(shadow.figures().dropped()).isGreaterThanOrEqualTo(100);
      assertThat(shadow.figures().runs()).isEqualTo(10);
      inference.gate().leave();
      Await.until("the rest goes on", () -> shadow.figures().runs() > 10);
      shadow.close();
      worker.join();
    }
    old.close();
    fresh.close();
    assertThat(inference.slabs().taken()).isZero();
    assertThat(old.awaitReleased(Duration.ofSeconds(5))).isTrue();
    assertThat(fresh.awaitReleased(Duration.ofSeconds(5))).isTrue();
  }

  /** Tells a shadow of an answer without running anything. */
  private static final class Copied {
    static void answer(LoadedModel model, Shadow shadow, float x) {
      ByteBuffer data = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());
      data.putFloat(0, x);
      Tensor in = new Tensor("x", "float32", new long[] {1, 1}, data);
      Tensor out = new Tensor("y", "float32", new long[] {1, 1}, data);
      Reply nobody =
          new Reply() {
            @Override
            public void answered(Answer answer) {
              answer.close();
            }

            @Override
            public void failed(ErrorCode code, String message, Duration after) {}
          };
      shadow
          .copying(new Call(List.of(in)), nobody)
          .answered(
              new Answer(
                  List.of(out),
                  new Answer.Memory(List.of(), 1),
                  model.use(Tenant.NOBODY, Use.By.CALLERS),
                  0,
                  0,
                  1_000,
                  1));
    }
  }

  @Test
  void aGuestIsAskedToGoWhenSomebodyWaitsAndNeverPushesIn() {
    Gate gate = new Gate(1);
    Gate.Line line = new Gate.Line();
    AtomicInteger asked = new AtomicInteger();
    assertThat(gate.enterAsGuest(asked::incrementAndGet)).isTrue();
    assertThat(gate.enterAsGuest(asked::incrementAndGet)).as("one at a time").isFalse();
    AtomicInteger granted = new AtomicInteger();
    for (int i = 0; i < 2; i++) {
      gate.lineUp(
          new Gate.Place(line, 0, 1) {
            @Override
            void granted() {
              granted.incrementAndGet();
            }
          },
          10);
    }
    assertThat(asked).hasValue(1);
    assertThat(granted).hasValue(0);
    gate.guestLeaves();
    assertThat(granted).hasValue(1);
    assertThat(gate.enterAsGuest(asked::incrementAndGet)).as("somebody runs and waits").isFalse();
    gate.leave();
    assertThat(granted).hasValue(2);
    gate.leave();
    assertThat(gate.enterAsGuest(asked::incrementAndGet)).isTrue();
    assertThat(gate.slipIn(line, 1)).isTrue();
    assertThat(asked).as("a short run on top of it").hasValue(2);
    gate.leave();
    gate.guestLeaves();
    assertThat(gate.free()).isEqualTo(1);
  }
}
