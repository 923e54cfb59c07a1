package kr.madang.control;

import static kr.madang.control.Asking.ask;
import static kr.madang.control.Asking.heavy;
import static kr.madang.control.Asking.one;
import static kr.madang.control.House.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import kr.madang.control.PipelineView.State;
import kr.madang.inference.OnnxBuilder;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ModelMemoryTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir private Path home;
  @TempDir private Path outside;

  private void upload(House house, String name, OnnxBuilder onnx) throws Exception {
    Path zip = new ModelZip(name, "1.0.0", onnx).in(outside);
    house.control.uploads().upload(ADMIN, zip);
    Files.delete(zip);
  }

  /** Of a catalogue, so not examined: counted as twice its file, which is a little over 1 MiB. */
  private void furnish(String name) {
    TinyModel.furnish(home, name, "1.0.0", heavy(1 << 18));
  }

  private static List<String> inMemory(House house) {
    return house.control.serving().index(ADMIN).stream()
        .filter(one -> one.figures().isPresent())
        .map(ModelStanding::name)
        .toList();
  }

  /** Fifty models of 100 MiB and 4 GiB: {@code -Dmadang.modelMiB=100}; the build runs a slice. */
  @Test
  void fiftyModelsAnswerFromABudgetThatHoldsSomeOfThem() throws Exception {
    int mebibytes = Integer.getInteger("madang.modelMiB", 1);
    int models = mebibytes == 1 ? 15 : 50;
    long each;
    try (House house = House.open(home, arrow.get())) {
      for (int i = 0; i < models; i++) {
        upload(house, "m" + i, heavy((mebibytes << 20) / 4));
      }
      each =
          house.control.models().list(ADMIN).stream().mapToLong(ModelView::bytes).max().orElse(0);
      assertThat(each).isGreaterThanOrEqualTo((long) mebibytes << 20);
    }
    // what is measured of small models is mostly other work of this process
    long budget = mebibytes == 1 ? 3 * each : (4L << 30) / 100 * mebibytes;
    try (House house = House.cramped(home, arrow.get(), budget)) {
      long start = System.nanoTime();
      long resident = 0;
      for (int round = 0; round < 2; round++) {
        for (int i = 0; i < models; i++) {
          assertThat(ask(house.control, "m" + i, "", i)).isEqualTo(-i);
          assertThat(house.control.serving().memoryTaken()).isLessThanOrEqualTo(budget);
          resident = Math.max(resident, resident());
        }
      }
      assertThat(inMemory(house)).hasSizeBetween(1, models - 1);
      System.out.printf(
          "%d models of %d MiB, counted as %.0f MiB at most, on %.0f MiB: all answer twice, %.1f s;"
              + " %d in memory at the end, at most %d MiB resident%n",
          models,
          mebibytes,
          each / 1048576.0,
          budget / 1048576.0,
          (System.nanoTime() - start) / 1e9,
          inMemory(house).size(),
          resident >> 20);
    }
  }

  /** Bytes of this process that are in memory. */
  private static long resident() throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
      }
    }
    return 0;
  }

  @Test
  void callersOfDifferentModelsAtOnceAllGetAnAnswer() throws Exception {
    int models = 12;
    for (int i = 0; i < models; i++) {
      furnish("m" + i);
    }
    try (House house = House.cramped(home, arrow.get(), 5L << 20)) {
      ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
      CountDownLatch begin = new CountDownLatch(1);
      List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < models; i++) {
        int number = i;
        callers.add(
            Thread.ofVirtual()
                .start(() -> {
                  try {
                    begin.await();
                    for (int round = 0; round < 5; round++) {
                      float said = ask(house.control, "m" + number, "", number + 1);
                      if (said != -(number + 1)) {
                        wrong.add(number + " got " + said);
                      }
                    }
                  } catch (Exception e) {
                    wrong.add(e.toString());
                  }
                }));
      }
      begin.countDown();
      for (Thread caller : callers) {
        assertThat(caller.join(Duration.ofSeconds(120))).isTrue();
      }
      assertThat(wrong).isEmpty();
    }
  }

  private static OnnxBuilder lengthy(int nodes) {
    OnnxBuilder onnx =
        new OnnxBuilder().input("x", "float32", "n", 1).output("y", "float32", "n", 1);
    for (int i = 0; i < nodes; i++) {
      onnx.node(
          "Sin", List.of(i == 0 ? "x" : "h" + i), List.of(i == nodes - 1 ? "y" : "h" + (i + 1)));
    }
    return onnx;
  }

  @Test
  void aModelThatTakesLongToLoadHoldsUpNoOther() throws Exception {
    TinyModel.furnish(home, "long", "1.0.0", lengthy(20_000));
    TinyModel.furnish(home, "short", "1.0.0", one("Neg"));
    try (House house = House.open(home, arrow.get())) {
      Thread caller =
          Thread.ofPlatform().start(() -> house.control.serving().open(ADMIN, "long", "").close());
      Await.until(
          "it is being loaded",
          () ->
              house.control.serving().index(ADMIN).getFirst().state()
                  == ModelStanding.State.LOADING);
      assertThat(ask(house.control, "short", "", 4)).isEqualTo(-4);
      assertThat(house.control.serving().index(ADMIN))
          .as("the other one is still not there")
          .extracting(ModelStanding::state)
          .containsExactly(ModelStanding.State.LOADING, ModelStanding.State.READY);
      caller.join();
      assertThat(inMemory(house)).containsExactly("long", "short");
    }
  }

  @Test
  void whatIsPinnedStaysAndIsThereAfterARestart() throws Exception {
    for (String name : List.of("a", "b", "c", "d")) {
      furnish(name);
    }
    try (House house = House.cramped(home, arrow.get(), 5L << 20)) {
      assertThat(house.control.models().pin(ADMIN, "a", "1.0.0").view().pinned()).isTrue();
      for (String name : List.of("b", "c", "d", "b", "c")) {
        ask(house.control, name, "", 1);
        assertThat(inMemory(house)).contains("a");
      }
      house.control.models().pin(ADMIN, "b", "1.0.0");
      assertThatThrownBy(() -> ask(house.control, "c", "", 1))
          .hasMessageContaining("model c@1.0.0 takes")
          .hasMessageContaining("models that are pinned or run in pipelines take");
    }
    try (House house = House.cramped(home, arrow.get(), 5L << 20)) {
      house.control.reconcile();
      Await.until("they are loaded", () -> inMemory(house).equals(List.of("a", "b")));
      house.control.models().unpin(ADMIN, "b", "1.0.0");
      assertThat(ask(house.control, "c", "", 1)).isEqualTo(-1);
      assertThat(inMemory(house)).containsExactly("a", "c");
    }
  }

  @Test
  void aModelThatCannotFitIsRefusedWithTheFiguresAndNobodyGoesForIt() throws Exception {
    furnish("a");
    TinyModel.furnish(home, "large", "1.0.0", heavy(1 << 20));
    TinyModel.furnish(home, "half", "1.0.0", heavy(3 << 17));
    try (House house = House.cramped(home, arrow.get(), 5L << 20)) {
      ask(house.control, "a", "", 1);
      assertThatThrownBy(() -> ask(house.control, "large", "", 1))
          .hasMessageContaining("model large@1.0.0 takes")
          .hasMessageContaining("modelMemory is 5242880");
      assertThat(inMemory(house)).containsExactly("a");
      house.control.models().pin(ADMIN, "half", "1.0.0");
      assertThat(inMemory(house)).containsExactly("half");
      assertThatThrownBy(() -> ask(house.control, "a", "", 1))
          .hasMessageContaining("models that are pinned or run in pipelines take");
    }
  }

  @Test
  void whatNobodyAsksForLeavesMemoryAndComesBackWithTheNextCall() throws Exception {
    try (House house = House.impatient(home, arrow.get(), Duration.ofMillis(200))) {
      house.control.reconcile();
      upload(house, "a", heavy(1_000));
      upload(house, "kept", heavy(1_000));
      house.control.models().pin(ADMIN, "kept", "1.0.0");
      assertThat(ask(house.control, "a", "", 1)).isEqualTo(-1);
      Await.until("it is let go", () -> inMemory(house).equals(List.of("kept")));
      assertThat(ask(house.control, "a", "", 1)).isEqualTo(-1);
    }
  }

  @Test
  void whatPipelinesRunIsCountedAndStays() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    for (String name : List.of("a", "b", "c")) {
      furnish(name);
    }
    long budget = 5L << 20;
    try (House house = House.cramped(home, arrow.get(), budget)) {
      house.control.reconcile();
      ask(house.control, "a", "", 1);
      ask(house.control, "b", "", 1);
      house.create(running("p", "a"));
      Await.until("it runs", () -> house.view("p").state() == State.RUNNING);
      assertThat(inMemory(house)).as("both fit, and one of them is shared").contains("a", "b");
      ask(house.control, "c", "", 1);
      assertThat(inMemory(house)).as("the pipeline's stays").containsExactly("a", "c");
      house.create(running("q", "b"));
      Await.until("it runs too", () -> house.view("q").state() == State.RUNNING);
      assertThat(inMemory(house)).containsExactly("a");
      assertThat(house.control.serving().memoryTaken()).isBetween(4L << 20, budget);
      assertThatThrownBy(() -> ask(house.control, "c", "", 1))
          .hasMessageContaining("model c@1.0.0 takes")
          .hasMessageContaining("pinned or run in pipelines take");
      house.create(running("r", "c"));
      Await.until(
          "it waits", () -> house.view("r").reason().contains("pinned or run in pipelines take"));
      house.control.pipelines().stop(ADMIN, "default", "q");
      Await.until("it has its room", () -> house.view("r").state() == State.RUNNING);
      assertThat(house.control.serving().memoryTaken()).isLessThanOrEqualTo(budget);
    }
  }

  private static String running(String name, String model) {
    return """
    pipeline: %s
    source: { use: counter, config: { rows: 1000, batch: 10, endless: true } }
    steps: [ { model: { use: '%s' } } ]
    sinks: [ { use: lines, config: { file: %s.txt } } ]
    """
        .formatted(name, model, name);
  }
}
