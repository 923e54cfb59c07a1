package kr.madang.inference;

import static kr.madang.inference.Fixture.in;
import static kr.madang.inference.Fixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.testkit.CollectedOutput;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.transform.Transform;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What looking at values costs: the same batches through a step that is looked at and one that is
 * not, in turns, by the processor time of the thread. By hand: {@code -Dmadang.drift.cost=256}.
 */
final class DriftCostTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;

  @Test
  @EnabledIfSystemProperty(named = "madang.drift.cost", matches = "[0-9]+")
  void aBatchCostsAtMostATwentiethMore() throws Exception {
    int rows = Integer.getInteger("madang.drift.cost");
    String[] fields = IntStream.range(0, 8).mapToObj(i -> "f" + i).toArray(String[]::new);
    Random random = new Random(1);
    Fixture frames = new Fixture();
    for (String field : fields) {
      Object[] cells = new Object[rows];
      Arrays.setAll(cells, _ -> random.nextGaussian());
      frames.doubles(field, cells);
    }
    try (Inference inference = Inference.open(InferenceOptions.defaults());
        LoadedModel model =
            inference.load(
                spec(List.of(in("x", fields)), List.of()),
                OnnxBuilder.perceptron(7, 8, 64, 64, 1).write(folder.resolve("m.onnx")),
                Optional.empty(),
                arrow.get());
        Batch batch = frames.batch(arrow.get());
        Transform looked = open(inference, model, batch, true);
        Transform plain = open(inference, model, batch, false)) {
      for (int i = 0; i < 4 * Drift.LEARNT; i++) {
        apply(looked, batch);
        apply(plain, batch);
      }
      model.drift().expect(model.drift().seen(_ -> true), Duration.ofHours(1));
      double[] ratios = new double[41];
      double[] micros = new double[ratios.length];
      for (int i = 0; i < ratios.length; i++) {
        long with = time(looked, batch);
        long without = time(plain, batch);
        ratios[i] = with / (double) without;
        micros[i] = (with - without) / 500e3;
      }
      Arrays.sort(ratios);
      Arrays.sort(micros);
      System.out.printf(
          "drift of 9 columns, batches of %d rows of the MLP 8-64-64-1: %.3f times the processor"
              + " time of a step without it, %.2f µs a batch (medians of %d)%n",
          rows, ratios[ratios.length / 2], micros[micros.length / 2], ratios.length);
      assertThat(ratios[ratios.length / 2]).isLessThan(1.05);
    }
  }

  private Transform open(Inference inference, LoadedModel model, Batch batch, boolean looked)
      throws Exception {
    Tenant tenant = inference.tenant("default");
    return (looked ? inference.step(model, tenant) : inference.replayed(model, tenant))
        .open(
            new ModelStep.Config(List.of()), batch.schema(), new FakeTransformContext(arrow.get()));
  }

  private static void apply(Transform step, Batch batch) throws Exception {
    try (CollectedOutput out = new CollectedOutput()) {
      step.apply(batch, out);
    }
  }

  private static long time(Transform step, Batch batch) throws Exception {
    var threads = ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadCpuTime();
    for (int i = 0; i < 500; i++) {
      apply(step, batch);
    }
    return threads.getCurrentThreadCpuTime() - before;
  }
}
