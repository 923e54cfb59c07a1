package kr.madang.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.inference.Placement.Fallback;
import kr.madang.inference.Placement.Provider;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With the build of ONNX Runtime for cores, on a machine without a device. */
final class PlacementTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir private Path folder;
  private final Inference inference = Inference.open(InferenceOptions.defaults());

  @AfterEach
  void close() {
    inference.close();
  }

  private LoadedModel load(Placement wanted) throws InterruptedException {
    Path file = OnnxBuilder.identity("float32", "n", 1).write(folder.resolve("model.onnx"));
    return inference.load(Fixture.spec("x"), file, Optional.empty(), arrow.get(), wanted);
  }

  private static Placement on(Provider provider, Fallback fallback) {
    return new Placement(provider, 0, fallback, 1);
  }

  private static float run(LoadedModel model) throws InterruptedException {
    ByteBuffer data = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());
    data.putFloat(0, 7);
    return model
        .run(List.of(new Tensor("x", "float32", new long[] {1, 1}, data)))
        .getFirst()
        .data()
        .getFloat(0);
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "CPU")
  void aDeviceThatIsNotThereIsRefusedLoudlyOrReplacedByTheCoresAsDeclared(Provider provider)
      throws Exception {
    Accelerators.Found found = Accelerators.look(provider);
    assumeFalse(found.usable());
    String place = provider.label() + ":0";
    assertThatThrownBy(() -> load(on(provider, Fallback.REFUSE)))
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID))
        .hasMessageContaining(place + " cannot be had")
        .hasMessageContaining("this build of ONNX Runtime has no ")
        .hasMessageContaining("fallback: cpu");
    try (LoadedModel model = load(on(provider, Fallback.CPU))) {
      assertThat(model.placement().place()).isEqualTo("cpu");
      assertThat(model.fallback()).contains(place + " cannot be had").contains(found.reason());
      assertThat(run(model)).isEqualTo(7);
    }
  }

  @Test
  void whatTheInstallationSaysIsStrongerThanTheModel() throws Exception {
    inference.place(
        Map.of(
            "*", on(Provider.CUDA, Fallback.REFUSE), "other", on(Provider.CUDA, Fallback.REFUSE)));
    assumeFalse(Accelerators.look(Provider.CUDA).usable());
    assertThatThrownBy(() -> load(Placement.CORES)).hasMessageContaining("cuda:0 cannot be had");
    inference.place(Map.of("*", on(Provider.CUDA, Fallback.REFUSE), "probe", Placement.CORES));
    try (LoadedModel model = load(on(Provider.TENSORRT, Fallback.REFUSE))) {
      assertThat(model.fallback()).isEmpty();
      assertThat(run(model)).isEqualTo(7);
    }
  }

  @Test
  void aFileThatIsNoModelIsStillToldAsOne() throws Exception {
    Path file = folder.resolve("model.onnx");
    OnnxBuilder graph =
        new OnnxBuilder()
            .input("x", "float32", "n", 1)
            .output("y", "float32", "n", 1)
            .node("NoSuchOperator", List.of("x"), List.of("y"));
    Files.write(file, graph.bytes());
    assertThatThrownBy(() ->
            inference.load(
                Fixture.spec("x"),
                file,
                Optional.empty(),
                arrow.get(),
                on(Provider.CUDA, Fallback.CPU)))
        .hasMessageContaining("NoSuchOperator");
  }

  @Test
  void theCoresAreAlwaysThereAndWhatIsMissingHasAReason() {
    List<Accelerators.Found> all = Accelerators.look();
    assertThat(all).hasSize(Provider.values().length);
    assertThat(all.getFirst().usable()).isTrue();
    assertThat(all).allMatch(found -> found.usable() == found.reason().isEmpty());
  }

  @Test
  void aDeviceLetsSoManyRunsGoOnAndNoneOnTop() throws Exception {
    Gate device = new Gate(1, true);
    Tenant tenant = new Tenant("w", 0);
    tenant.share(new Share(3, 0, 0, 0, 256));
    Gate.Line line = tenant.line(device);
    assertThat(line).isNotSameAs(tenant.line()).isSameAs(tenant.line(device));
    assertThat(device.slipIn(line, 1)).isTrue();
    assertThat(device.slipIn(line, 1)).isFalse();
    List<String> granted = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      device.lineUp(
          new Gate.Place(line, 0, 1) {
            @Override
            void granted() {
              granted.add("");
            }
          },
          10);
    }
    assertThat(tenant.waiting()).isEqualTo(2);
    device.widen(2);
    assertThat(granted).hasSize(1);
    device.leave();
    device.leave();
    device.leave();
    assertThat(device.free()).isEqualTo(2);
    assertThat(device.drain(Duration.ofSeconds(1).toNanos())).isTrue();
  }
}
