package kr.madang.inference;

import static kr.madang.inference.Fixture.in;
import static kr.madang.inference.Fixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

final class CallsTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;
  private final Inference inference =
      Inference.open(new InferenceOptions(1, Duration.ofSeconds(30), Duration.ZERO));
  private final Tenant tenant = inference.tenant("default");

  @AfterEach
  void nothingIsLeft() throws Exception {
    Await.until("all permits are back", () -> inference.freePermits() == 1);
    Await.until("all memory is back", () -> inference.slabs().taken() == 0);
    inference.tenants().forEach(one -> assertThat(one.underWay()).isZero());
    inference.close();
  }

  /** What became of a call: floats, or why not. */
  private record Outcome(float[] values, long together, ErrorCode code, String message) {}

  private static final class Told implements Reply {
    final CompletableFuture<Outcome> outcome = new CompletableFuture<>();

    @Override
    public void answered(Answer answer) {
      try (answer) {
        float[] values = new float[answer.outputs().getFirst().data().remaining() / 4];
        answer.outputs().getFirst().data().asFloatBuffer().get(values);
        assertThat(
                outcome.complete(
                    new Outcome(values, answer.rowsTogether(), ErrorCode.BUG, "answered")))
            .isTrue();
      }
    }

    @Override
    public void failed(ErrorCode code, String message, Duration after) {
      assertThat(outcome.complete(new Outcome(new float[0], 0, code, message))).isTrue();
    }

    Outcome get() throws Exception {
      return outcome.get(60, TimeUnit.SECONDS);
    }
  }

  private LoadedModel load(OnnxBuilder builder, ModelSpec spec) throws Exception {
    LoadedModel model =
        inference.load(
            spec, builder.write(folder.resolve("model.onnx")), Optional.empty(), arrow.get());
    model.tryOut();
    return model;
  }

  private static Tensor floats(String name, int columns, float... values) {
    ByteBuffer data = Memory.direct(values.length * 4);
    data.asFloatBuffer().put(values);
    return new Tensor(name, "float32", new long[] {values.length / columns, columns}, data);
  }

  private static float[] random(Random random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextFloat();
    }
    return values;
  }

  @Test
  void callsThatWaitForOneModelShareARunAndEachGetsItsOwnRows() throws Exception {
    try (LoadedModel model = load(OnnxBuilder.perceptron(7, 8, 32, 3), spec("x"))) {
      assertThat(model.stackable()).isTrue();
      Random random = new Random(3);
      List<float[]> rows = new ArrayList<>();
      List<float[]> alone = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        float[] some = random(random, 8 * (1 + random.nextInt(3)));
        rows.add(some);
        Tensor result = model.run(List.of(floats("x", 8, some))).getFirst();
        float[] values = new float[result.data().remaining() / 4];
        result.data().asFloatBuffer().get(values);
        alone.add(values);
      }
      assertThat(inference.gate().tryEnter(tenant.line(), 1)).isTrue();
      List<Told> told = new ArrayList<>();
      for (float[] some : rows) {
        Told one = new Told();
        told.add(one);
        model.call(tenant, new Call(List.of(floats("x", 8, some))), Hold.NONE, one);
      }
      assertThat(tenant.waiting()).isEqualTo(40);
      inference.gate().leave();
      for (int i = 0; i < told.size(); i++) {
        Outcome outcome = told.get(i).get();
        assertThat(outcome.message()).isEqualTo("answered");
        assertThat(outcome.values()).hasSameSizeAs(alone.get(i));
        for (int j = 0; j < outcome.values().length; j++) {
          assertThat(outcome.values()[j])
              .isCloseTo(alone.get(i)[j], org.assertj.core.api.Assertions.within(1e-5f));
        }
        assertThat(outcome.together()).isGreaterThan(3);
      }
      CallFigures.Snapshot figures = model.figures().now();
      assertThat(figures.closings().get(Closing.ALL)).isEqualTo(1);
      assertThat(figures.rows()).isGreaterThan(80);
      Use.Snapshot use = inference.uses().getFirst();
      assertThat(inference.uses()).hasSize(1);
      assertThat(use.key()).isEqualTo(new Use.Key("default", "probe", "1.0.0", Use.By.CALLERS));
      assertThat(use.calls()).isEqualTo(40);
      assertThat(use.rows()).isEqualTo(figures.rows());
      assertThat(use.bytesIn()).isEqualTo(figures.rows() * 8 * 4);
      assertThat(use.bytesOut()).isEqualTo(figures.rows() * 3 * 4);
      assertThat(use.computeNanos()).isBetween(1L, figures.runNanos());
      for (Use.Spread stage : use.stages()) {
        assertThat(stage.counts().stream().mapToLong(Long::longValue).sum()).isEqualTo(40);
        assertThat(stage.sumNanos()).isPositive();
      }
    }
  }

  @Test
  void aModelWhoseRowsSeeOneAnotherIsNeverRunForSeveralCallsTogether() throws Exception {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", "float32", "n", 2)
            .output("y", "float32", "n", 2)
            .node("Softmax", List.of("x"), List.of("y"), "axis=0");
    try (LoadedModel model = load(builder, spec("x"))) {
      assertThat(model.stackable()).isFalse();
      inference.gate().tryEnter(tenant.line(), 1);
      Told first = new Told();
      Told second = new Told();
      model.call(tenant, new Call(List.of(floats("x", 2, 1, 2))), Hold.NONE, first);
      model.call(tenant, new Call(List.of(floats("x", 2, 3, 4))), Hold.NONE, second);
      inference.gate().leave();
      assertThat(first.get().values()).containsExactly(1, 1);
      assertThat(second.get().values()).containsExactly(1, 1);
    }
  }

  @Test
  void aPoisonousCallIsFoundByHalvesAndItsNeighboursSucceed() throws Exception {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("i", "int64", "n")
            .output("y", "float32", "n")
            .weights("table", new float[] {10, 11, 12, 13}, 4)
            .node("Gather", List.of("table", "i"), List.of("y"));
    try (LoadedModel model = load(builder, spec(List.of(in("i", "i")), List.of()))) {
      assertThat(model.stackable()).isTrue();
      inference.gate().tryEnter(tenant.line(), 1);
      List<Told> told = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        ByteBuffer data = Memory.direct(8).putLong(0, i == 11 ? 99 : i % 4);
        Told one = new Told();
        told.add(one);
        model.call(
            tenant,
            new Call(List.of(new Tensor("i", "int64", new long[] {1}, data))),
            Hold.NONE,
            one);
      }
      inference.gate().leave();
      for (int i = 0; i < 16; i++) {
        Outcome outcome = told.get(i).get();
        if (i == 11) {
          assertThat(outcome.code()).isEqualTo(ErrorCode.SCHEMA_MISFIT);
          assertThat(outcome.message()).contains("probe@1.0.0").contains("99");
        } else {
          assertThat(outcome.values()).containsExactly(10 + i % 4);
        }
      }
      assertThat(model.figures().now().closings().get(Closing.BISECTED)).isGreaterThan(3);
    }
  }

  @Test
  void aCallWhoseDeadlinePassesInTheQueueIsNeverRun() throws Exception {
    try (LoadedModel model = load(OnnxBuilder.perceptron(7, 8, 3), spec("x"))) {
      long before = model.runs();
      inference.gate().tryEnter(tenant.line(), 1);
      Told told = new Told();
      model.call(
          tenant,
          new Call(
              List.of(floats("x", 8, new float[8])),
              List.of(),
              0,
              System.nanoTime() + 20_000_000,
              true),
          Hold.NONE,
          told);
      assertThat(told.get().code()).isEqualTo(CallError.DEADLINE);
      inference.gate().leave();
      assertThat(tenant.waiting()).isZero();
      assertThat(model.runs()).isEqualTo(before);
    }
  }

  @Test
  void aCallThatCannotBeDoneInTimeIsRefusedAtOnceAndSaysWhenToComeBack() throws Exception {
    try (LoadedModel model = load(OnnxBuilder.perceptron(7, 8, 3), spec("x"))) {
      inference.gate().tryEnter(tenant.line(), 1);
      Gate.Place long1 =
          new Gate.Place(inference.tenant("other").line(), 0, TimeUnit.SECONDS.toNanos(10)) {
            @Override
            void granted() {}
          };
      inference.gate().lineUp(long1, 10);
      Told told = new Told();
      Call call =
          new Call(
              List.of(floats("x", 8, new float[8])),
              List.of(),
              0,
              System.nanoTime() + TimeUnit.SECONDS.toNanos(5),
              true);
      model.call(tenant, call, Hold.NONE, told);
      assertThat(told.outcome).isDone();
      assertThat(told.get().code()).isEqualTo(CallError.OVERLOADED);
      inference.gate().leave();
      inference.gate().leave();
    }
  }

  @Test
  void aCallThatNobodyWaitsForFreesItsPlaceAndARunThatNobodyWaitsForEnds() throws Exception {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", "float32", "n", 256)
            .output("y", "float32", "n", 256)
            .weights("w", new float[256 * 256], 256, 256);
    String from = "x";
    for (int i = 0; i < 2_000; i++) {
      String to = i == 1_999 ? "y" : "h" + i;
      builder.node("MatMul", List.of(from, "w"), List.of(to));
      from = to;
    }
    try (LoadedModel model =
        inference.load(
            spec("x"), builder.write(folder.resolve("slow.onnx")), Optional.empty(), arrow.get())) {
      Told running = new Told();
      Ticket ticket =
          model.call(
              tenant,
              new Call(List.of(floats("x", 256, new float[4096 * 256]))),
              Hold.BRIEF,
              running);
      Await.until("it runs", () -> model.runs() == 1);
      Told waiting = new Told();
      Ticket behind =
          model.call(
              tenant, new Call(List.of(floats("x", 256, new float[256]))), Hold.BRIEF, waiting);
      behind.cancel();
      assertThat(waiting.get().code()).isEqualTo(CallError.CANCELLED);
      assertThat(running.outcome).isNotDone();
      ticket.cancel();
      assertThat(running.get().code()).isEqualTo(CallError.CANCELLED);
      Told next = new Told();
      model.call(tenant, new Call(List.of(floats("x", 256, new float[256]))), Hold.BRIEF, next);
      assertThat(next.get().values()).hasSize(256);
    }
  }

  @Test
  void aLongerRunStaysOnAThreadThatMayBeHeldWhileAPermitIsFree() throws Exception {
    try (LoadedModel model = load(OnnxBuilder.perceptron(7, 8, 3), spec("x"))) {
      for (int i = 0; i < 100; i++) {
        model.curve().looked(1, 1_000_000);
      }
      Call call = new Call(List.of(floats("x", 8, new float[8])));
      Told held = new Told();
      model.call(tenant, call, Hold.LONG, held);
      assertThat(held.outcome).isDone();
      assertThat(model.curve().below(1, Hold.BRIEF.nanos)).isFalse();

      assertThat(model.gate().tryEnter(tenant.line(model.gate()), 1)).isTrue();
      Told waiting = new Told();
      model.call(tenant, call, Hold.LONG, waiting);
      assertThat(waiting.outcome).isNotDone();
      model.gate().leave();
      assertThat(waiting.get().message()).isEqualTo("answered");
    }
  }

  @Test
  void limitsRefuseWhatIsMoreAndLeaveOthersAlone() throws Exception {
    Tenant small = inference.tenant("small");
    small.share(new Share(1, 10, 0, 0, 256));
    try (LoadedModel model = load(OnnxBuilder.perceptron(7, 8, 3), spec("x"))) {
      int refused = 0;
      for (int i = 0; i < 30; i++) {
        Told told = new Told();
        model.call(small, new Call(List.of(floats("x", 8, new float[8]))), Hold.BRIEF, told);
        Outcome outcome = told.get();
        if (outcome.code().equals(CallError.QUOTA)) {
          assertThat(outcome.message()).contains("'small'").contains("10 rows/s");
          refused++;
        }
        Told other = new Told();
        model.call(tenant, new Call(List.of(floats("x", 8, new float[8]))), Hold.BRIEF, other);
        assertThat(other.get().message()).isEqualTo("answered");
      }
      assertThat(refused).isGreaterThanOrEqualTo(15);
      assertThat(small.refused()).isEqualTo(refused);
    }
  }

  @Test
  void aQueueIsNoLongerThanTheShareSays() throws Exception {
    tenant.share(new Share(1, 0, 0, 0, 3));
    try (LoadedModel model = load(OnnxBuilder.perceptron(7, 8, 3), spec("x"))) {
      inference.gate().tryEnter(tenant.line(), 1);
      List<Told> told = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        Told one = new Told();
        told.add(one);
        model.call(tenant, new Call(List.of(floats("x", 8, new float[8]))), Hold.NONE, one);
      }
      assertThat(told.get(3).get().code()).isEqualTo(CallError.QUOTA);
      assertThat(told.get(4).get().message()).contains("3 calls in the queue");
      inference.gate().leave();
      for (int i = 0; i < 3; i++) {
        assertThat(told.get(i).get().message()).isEqualTo("answered");
      }
    }
  }

  @Test
  void outputsComeInTheOrderThatWasAskedForAndUnknownOnesAreNamed() throws Exception {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", "float32", "n", 2)
            .output("a", "float32", "n", 2)
            .output("b", "float32", "n", 2)
            .node("Neg", List.of("x"), List.of("a"))
            .node("Identity", List.of("x"), List.of("b"));
    try (LoadedModel model = load(builder, spec("x"))) {
      List<Tensor> inputs = List.of(floats("x", 2, 1, 2));
      List<String> names = new ArrayList<>();
      Reply noting =
          new Reply() {
            @Override
            public void answered(Answer answer) {
              try (answer) {
                answer.outputs().forEach(one -> names.add(one.name()));
              }
            }

            @Override
            public void failed(ErrorCode code, String message, Duration after) {
              names.add(message);
            }
          };
      for (List<String> asked :
          List.of(List.<String>of(), List.of("b", "a"), List.of("b"), List.of("c"))) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        model.call(
            tenant,
            new Call(inputs, asked, 0, Call.NEVER, true),
            Hold.BRIEF,
            new Reply() {
              @Override
              public void answered(Answer answer) {
                noting.answered(answer);
                done.complete(null);
              }

              @Override
              public void failed(ErrorCode code, String message, Duration after) {
                noting.failed(code, message, after);
                done.complete(null);
              }
            });
        done.get(60, TimeUnit.SECONDS);
      }
      assertThat(names)
          .containsExactly(
              "a", "b", "b", "a", "b", "model probe@1.0.0: there is no output 'c'; it has [a, b]");
    }
  }
}
