package kr.madang.bench;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import kr.madang.inference.Answer;
import kr.madang.inference.Call;
import kr.madang.inference.Hold;
import kr.madang.inference.Inference;
import kr.madang.inference.InferenceOptions;
import kr.madang.inference.LoadedModel;
import kr.madang.inference.OnnxBuilder;
import kr.madang.inference.Reply;
import kr.madang.inference.Share;
import kr.madang.inference.Tenant;
import kr.madang.inference.Tensor;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.model.TensorBinding;
import kr.madang.sdk.model.TensorBinding.OnBad;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/** Callers that share the cores: what runs together, and who waits for whom. */
final class SharingBar implements Bar {
  private static final int COLUMNS = 256;

  @Override
  public String name() {
    return "sharing";
  }

  @Override
  public List<Figure> measure(boolean quick) throws Exception {
    Path file = Files.createTempFile("sharing", ".onnx");
    OnnxBuilder.perceptron(1, COLUMNS, 2048, 2048, 1024, COLUMNS).write(file);
    Path slow = Files.createTempFile("slow", ".onnx");
    OnnxBuilder.perceptron(1, COLUMNS, 1024, 1024, 1024, 1024, 1024, 1024, COLUMNS).write(slow);
    int cores = Runtime.getRuntime().availableProcessors();
    try (BufferAllocator allocator = new RootAllocator();
        Inference inference =
            Inference.open(new InferenceOptions(cores, Duration.ofSeconds(30), Duration.ZERO));
        LoadedModel model = load(inference, file, allocator);
        LoadedModel longer = load(inference, slow, allocator)) {
      List<Figure> figures = new ArrayList<>();
      int seconds = quick ? 1 : 4;
      Tenant tenant = inference.tenant("one");
      rate(model, tenant, 16, true, seconds);
      double curve = model.estimate(1) * 8.0 / model.estimate(8);
      double apart = rate(model, tenant, 32, false, seconds);
      double together = rate(model, tenant, 32, true, seconds);
      figures.add(
          new Figure(
              "batching, 32 callers (batch curve allows %.1f x at 8 rows)".formatted(curve),
              together,
              "calls/s",
              apart,
              "ratio >= 2 where the curve allows 2.5",
              Double.NaN,
              together >= 2 * apart || curve < 2.5));
      double alone = 0;
      double aloneTogether = 0;
      for (int i = 0; i < 2 * seconds; i++) {
        // turn about, so that what else the machine does meets both
        alone += rate(model, tenant, 1, false, 1) / (2 * seconds);
        aloneTogether += rate(model, tenant, 1, true, 1) / (2 * seconds);
      }
      figures.add(
          new Figure(
              "batching, 1 caller",
              aloneTogether,
              "calls/s",
              alone,
              "loss <= 5 %",
              Double.NaN,
              aloneTogether >= 0.95 * alone));
      figures.addAll(fairness(inference, longer, seconds));
      return figures;
    } finally {
      Files.delete(file);
      Files.delete(slow);
    }
  }

  private static LoadedModel load(Inference inference, Path file, BufferAllocator allocator)
      throws InterruptedException {
    TensorBinding input =
        new TensorBinding("x", List.of("a"), List.of(), "", OnBad.MARK_UNCERTAIN, "", "");
    LoadedModel model =
        inference.load(
            new ModelSpec(
                file.getFileName().toString().replaceAll("[0-9].*", ""),
                "1.0.0",
                List.of(input),
                List.of(),
                Map.of(),
                Optional.empty(),
                Map.of()),
            file,
            Optional.empty(),
            allocator);
    model.tryOut();
    return model;
  }

  /** One caller who waits for each answer. */
  private static final class Caller implements Reply {
    final Semaphore told = new Semaphore(0);
    final Tensor tensor;
    volatile boolean answered;

    Caller() {
      ByteBuffer data = ByteBuffer.allocateDirect(COLUMNS * 4).order(ByteOrder.nativeOrder());
      tensor = new Tensor("x", "float32", new long[] {1, COLUMNS}, data);
    }

    boolean ask(LoadedModel model, Tenant tenant, boolean together) throws InterruptedException {
      model.call(
          tenant, new Call(List.of(tensor), List.of(), 0, Call.NEVER, together), Hold.NONE, this);
      told.acquire();
      return answered;
    }

    @Override
    public void answered(Answer answer) {
      answer.close();
      answered = true;
      told.release();
    }

    @Override
    public void failed(ErrorCode code, String message, Duration after) {
      answered = false;
      told.release();
    }
  }

  private static double rate(
      LoadedModel model, Tenant tenant, int callers, boolean together, int seconds)
      throws InterruptedException {
    AtomicBoolean stop = new AtomicBoolean();
    LongAdder count = new LongAdder();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                Caller caller = new Caller();
                try {
                  while (!stop.get()) {
                    caller.ask(model, tenant, together);
                    count.increment();
                  }
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              }));
    }
    TimeUnit.MILLISECONDS.sleep(500);
    long before = count.sum();
    long start = System.nanoTime();
    TimeUnit.SECONDS.sleep(seconds);
    double rate = (count.sum() - before) * 1e9 / (System.nanoTime() - start);
    stop.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
    return rate;
  }

  /**
   * A line that asks 50 times a second, alone and beside a workspace that asks ten times as much as
   * it may.
   */
  private static List<Figure> fairness(Inference inference, LoadedModel model, int seconds)
      throws InterruptedException {
    Tenant line = inference.tenant("line");
    Tenant flood = inference.tenant("flood");
    flood.share(new Share(1, 0, 300, 0, 16));
    double perSecond = 300e6 / model.estimate(1);
    double[] alone = periodic(model, line, seconds * 2);
    AtomicBoolean stop = new AtomicBoolean();
    List<Thread> floods = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      floods.add(Thread.ofPlatform().start(() -> flood(model, flood, perSecond * 10 / 8, stop)));
    }
    TimeUnit.SECONDS.sleep(1);
    long refused = flood.refused();
    long compute = flood.computeNanos();
    long start = System.nanoTime();
    double[] beside = periodic(model, line, seconds * 2);
    double took = (System.nanoTime() - start) / 1e9;
    stop.set(true);
    for (Thread thread : floods) {
      thread.join();
    }
    return List.of(
        new Figure(
            "fairness, p99 of a line beside a flood (%,.0f calls/s refused, it had %.0f of 300 ms/s)"
                .formatted(
                    (flood.refused() - refused) / took,
                    (flood.computeNanos() - compute) / 1e6 / took),
            p(beside, 0.99),
            "us",
            p(alone, 0.99),
            "ratio <= 1.5",
            Double.NaN,
            p(beside, 0.99) <= 1.5 * p(alone, 0.99)),
        new Figure(
            "fairness, p50 of the same",
            p(beside, 0.5),
            "us",
            p(alone, 0.5),
            "",
            Double.NaN,
            true));
  }

  private static void flood(LoadedModel model, Tenant tenant, double rate, AtomicBoolean stop) {
    Caller caller = new Caller();
    long next = System.nanoTime();
    try {
      while (!stop.get()) {
        caller.ask(model, tenant, true);
        next = Math.max(next + (long) (1e9 / rate), System.nanoTime() - 1_000_000);
        LockSupport.parkNanos(next - System.nanoTime());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static double[] periodic(LoadedModel model, Tenant tenant, int seconds)
      throws InterruptedException {
    Caller caller = new Caller();
    double[] micros = new double[seconds * 50];
    long next = System.nanoTime();
    for (int i = 0; i < micros.length; i++) {
      LockSupport.parkNanos(next - System.nanoTime());
      long start = System.nanoTime();
      caller.ask(model, tenant, true);
      micros[i] = (System.nanoTime() - start) / 1e3;
      next += 20_000_000;
    }
    Arrays.sort(micros);
    return micros;
  }

  private static double p(double[] sorted, double share) {
    return sorted[(int) (sorted.length * share)];
  }
}
