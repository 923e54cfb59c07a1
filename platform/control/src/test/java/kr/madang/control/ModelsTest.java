package kr.madang.control;

import static kr.madang.control.House.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import kr.madang.control.PipelineView.State;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ModelsTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir private Path home;

  private static String document(String name, String model) {
    return House.document(name, "{ rows: 3, endless: true }")
        .replace("sinks:", "steps: [ { model: { use: '%s' } } ]\nsinks:".formatted(model));
  }

  private static void awaitState(House house, String name, State state) throws Exception {
    Await.until(name + " is " + state, () -> house.view(name).state() == state);
  }

  @Test
  void aModelIsLoadedWithItsFirstUserAndUnloadedAfterItsLast() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    TinyModel.furnish(home, "1.0.0", TinyModel.identity());
    TinyModel.furnish(home, "1.3.0", TinyModel.identity());
    TinyModel.furnish(home, "2.0.0", TinyModel.identity());
    try (House house = House.open(home, arrow.get())) {
      house.control.reconcile();
      assertThat(house.control.models().list(ADMIN))
          .extracting(model -> model.name() + "@" + model.version() + " " + model.state())
          .containsExactly("echo@1.0.0 declared", "echo@1.3.0 declared", "echo@2.0.0 declared");
      house.create(document("a", "echo@^1"));
      house.create(document("b", "echo@^1"));
      awaitState(house, "a", State.RUNNING);
      awaitState(house, "b", State.RUNNING);
      assertThat(house.view("a").pins())
          .extracting(PipelineView.Pin::resolved)
          .contains("echo@1.3.0");
      ModelView loaded = house.control.models().list(ADMIN).get(1);
      assertThat(loaded.state()).isEqualTo("loaded");
      assertThat(loaded.outputs().getFirst().fields()).containsExactly("echoed");
      assertThat(loaded.outputs().getFirst().type()).isEqualTo("float32");
      Await.until(
          "rows came through",
          () ->
              house.control.pipelines().ledger(ADMIN, House.WS, "a").stages().getLast().absorbed()
                  == 3);
      house.control.pipelines().stop(ADMIN, House.WS, "a");
      awaitState(house, "a", State.STOPPED);
      assertThat(house.control.models().list(ADMIN).get(1).state()).isEqualTo("loaded");
      house.control.pipelines().stop(ADMIN, House.WS, "b");
      awaitState(house, "b", State.STOPPED);
      assertThat(house.control.models().list(ADMIN).get(1).state()).isEqualTo("declared");
    }
  }

  @Test
  void aFileThatIsNoModelIsRefusedWithTheReasonAndDisturbsNobody() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    TinyModel.furnish(home, "1.0.0", "this is no model".getBytes(StandardCharsets.UTF_8));
    try (House house = House.open(home, arrow.get())) {
      house.control.reconcile();
      house.create(House.document("good", "{ rows: 3, endless: true }"));
      CheckReport report = house.control.check(document("bad", "echo"), Format.YAML, home, false);
      assertThat(report.ok()).isFalse();
      assertThat(report.steps().getLast().what()).isEqualTo("schema");
      assertThat(house.control.models().list(ADMIN).getFirst().state()).isEqualTo("refused");
      assertThat(house.control.models().list(ADMIN).getFirst().reason()).isNotBlank();
      awaitState(house, "good", State.RUNNING);
    }
  }

  @Test
  void aDeclarationThatIsWrongIsShownWithItsLineAndParksItsUsers() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    TinyModel.furnish(home, "1.0.0", TinyModel.identity());
    Path file = home.resolve("catalogue/brain-1.0.0/models/echo/model.yaml");
    Files.writeString(file, Files.readString(file) + "colour: red\n");
    try (House house = House.open(home, arrow.get())) {
      house.control.reconcile();
      ModelView view = house.control.models().list(ADMIN).getFirst();
      assertThat(view.state()).isEqualTo("refused");
      assertThat(view.reason()).contains("line 5, column 1: unknown key 'colour'");
      house.create(document("p", "echo"));
      awaitState(house, "p", State.PARKED);
      assertThat(house.view("p").reason()).contains("unknown key 'colour'");
      house.create(document("q", "ecco@^2"));
      awaitState(house, "q", State.PARKED);
      assertThat(house.view("q").reason())
          .contains("missing model ecco@^2: install a plugin that brings it; did you mean 'echo'?");
    }
  }
}
