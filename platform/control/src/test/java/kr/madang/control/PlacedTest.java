package kr.madang.control;

import static kr.madang.control.House.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kr.madang.inference.Accelerators;
import kr.madang.inference.OnnxBuilder;
import kr.madang.inference.Placement;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** On a machine without a device. */
class PlacedTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir private Path home;

  private void furnish(String model, String run) throws Exception {
    OnnxBuilder same =
        new OnnxBuilder()
            .input("x", "float32", "n", 1)
            .output("y", "float32", "n", 1)
            .node("Identity", List.of("x"), List.of("y"));
    TinyModel.furnish(home, model, "1.0.0", same);
    Path file = home.resolve("catalogue/of-" + model + "-1.0.0/models/" + model + "/model.yaml");
    Files.writeString(file, Files.readString(file) + "run: " + run + "\n");
  }

  @Test
  void aModelFallsBackToTheCoresAsItDeclaresAndSomebodyIsToldOrIsRefused() throws Exception {
    assumeFalse(Accelerators.look(Placement.Provider.CUDA).usable());
    furnish("lenient", "{ provider: cuda, device: 1, fallback: cpu }");
    furnish("strict", "{ provider: tensorrt }");
    try (House house = House.open(home, arrow.get())) {
      Serving serving = house.control.serving();
      serving.open(ADMIN, "lenient", "").close();
      assertThat(house.control.models().runtime(ADMIN).models())
          .singleElement()
          .satisfies(placed -> {
            assertThat(placed.wanted()).isEqualTo("cuda:1");
            assertThat(placed.place()).isEqualTo("cpu");
            assertThat(placed.reason()).contains("cuda:1 cannot be had");
          });
      Await.until(
          "somebody is told",
          () ->
              house.control.alarms().list(ADMIN, House.WS).stream()
                  .anyMatch(alarm ->
                      alarm.cause().equals("model.fallback")
                          && alarm.message().contains("cuda:1")));
      assertThatThrownBy(() -> serving.open(ADMIN, "strict", ""))
          .hasMessageContaining("tensorrt:0 cannot be had");
      assertThat(serving.ready(ADMIN, "strict", "")).isFalse();
      assertThat(house.control.models().runtime(ADMIN).providers())
          .hasSize(Placement.Provider.values().length);
    }
  }
}
