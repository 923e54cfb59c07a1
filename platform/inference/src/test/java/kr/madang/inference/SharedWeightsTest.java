package kr.madang.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What several sessions of one model, and versions that have weights in common, take of memory that
 * nobody shares. {@code -Dmadang.weights.layers=6 -Dmadang.weights.width=2048} is a model of 96
 * MiB.
 */
final class SharedWeightsTest {
  private static final int LAYERS = Integer.getInteger("madang.weights.layers", 3);
  private static final int WIDTH = Integer.getInteger("madang.weights.width", 1024);
  private static final int SESSIONS = 8;

  /** What the collector and the C library may do meanwhile. */
  private static final long NOISE = 6 << 20;

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path home;
  private final Inference inference = Inference.open(InferenceOptions.defaults());
  private final List<LoadedModel> models = new ArrayList<>();

  @BeforeEach
  void seen() throws Exception {
    Assumptions.assumeTrue(Resident.now().bytes() > 0, "the system tells no memory");
    Files.createDirectory(home.resolve("weights"));
  }

  @AfterEach
  void close() {
    inference.close();
  }

  /** Writes and examines version {@code n}, whose last layer is its own. */
  private Path prepared(int version) throws Exception {
    Path folder = Files.createDirectory(home.resolve("package" + version));
    int[] layers = new int[LAYERS + 2];
    java.util.Arrays.fill(layers, WIDTH);
    layers[LAYERS + 1] = version + 1;
    OnnxBuilder.perceptron(7, layers).write(folder.resolve("model.onnx"));
    Path prepared = Files.createDirectory(home.resolve("prepared" + version));
    ImportReport report = inference.inspect(Fixture.spec("a"), folder, prepared, arrow.get());
    assertThat(report.refusals()).isEmpty();
    assertThat(report.settings().prepacked()).as(report.warnings().toString()).isTrue();
    Files.delete(folder.resolve("model.onnx"));
    return prepared;
  }

  private void load(Path prepared) throws Exception {
    LoadedModel model =
        inference.load(
            Fixture.spec("a"), prepared.resolve("model.onnx"), Optional.empty(), arrow.get());
    models.add(model);
    model.run(new MadeUp(model.info()).rows(8));
  }

  /** When what is no longer used has gone, as far as it goes. */
  private static Resident now() {
    Resident last = null;
    for (int i = 0; i < 20; i++) {
      System.gc();
      Resident.trim();
      Resident now = Resident.now();
      if (last != null && Math.abs(now.own() - last.own()) < 256 << 10) {
        return now;
      }
      last = now;
    }
    return last == null ? Resident.now() : last;
  }

  private void compare(String what, List<Path> folders) throws Exception {
    load(folders.getFirst());
    models.removeLast().close();
    Resident base = now();
    load(folders.getFirst());
    Resident one = now();
    for (Path folder : folders.subList(1, folders.size())) {
      load(folder);
    }
    Resident all = now();
    long weights = 4L * WIDTH * WIDTH * LAYERS;
    System.out.printf(
        Locale.ROOT,
        "weights: %d %s of a model of %.0f MiB: one takes %.1f MiB (%.1f of its own), all %.1f MiB (%.1f of their own)%n",
        folders.size(),
        what,
        mib(weights),
        mib(one.real() - base.real()),
        mib(one.own() - base.own()),
        mib(all.real() - base.real()),
        mib(all.own() - base.own()));
    assertThat(all.real() - base.real())
        .isLessThanOrEqualTo((one.real() - base.real()) * 3 / 2 + NOISE);
    assertThat(all.own() - base.own()).isLessThanOrEqualTo(weights / 2 + NOISE);
    models.forEach(LoadedModel::close);
  }

  private static double mib(long bytes) {
    return bytes / 1048576.0;
  }

  @Test
  void sessionsOfOneModelShareItsWeights() throws Exception {
    Path prepared = prepared(0);
    List<Path> same = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      same.add(prepared);
    }
    compare("sessions", same);
  }

  @Test
  void versionsShareTheLayersThatTheyHaveInCommon() throws Exception {
    List<Path> versions = new ArrayList<>();
    for (int i = 0; i < SESSIONS; i++) {
      versions.add(prepared(i));
    }
    assertThat(Files.list(home.resolve("weights"))).hasSize(LAYERS);
    assertThat(Inference.sweepWeights(home.resolve("weights"))).isZero();
    compare("versions", versions);
    for (Path version : versions) {
      Prepared.clear(version);
    }
    assertThat(Inference.sweepWeights(home.resolve("weights")))
        .isGreaterThanOrEqualTo(4L * WIDTH * WIDTH * LAYERS);
    assertThat(home.resolve("weights")).isEmptyDirectory();
  }
}
