package kr.madang.control;

import static kr.madang.control.House.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import kr.madang.control.PipelineView.State;
import kr.madang.sdk.error.PluginException;
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

  private Path archive(String id, byte[] onnx) throws Exception {
    Path file = home.resolve(id + ".zip");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("plugin.properties"));
      zip.write(
          ("plugin.id=" + id + "\nplugin.version=1.0.0\nplugin.requires=*\n")
              .getBytes(StandardCharsets.UTF_8));
      zip.putNextEntry(new ZipEntry("models/echo/model.yaml"));
      zip.write(Files.readAllBytes(home.resolve("catalogue/brain-1.0.0/models/echo/model.yaml")));
      zip.putNextEntry(new ZipEntry("models/echo/model.onnx"));
      zip.write(onnx);
    }
    return file;
  }

  @Test
  void anotherModelOfTheSameNameAndVersionIsAConflictAndABrokenOneIsToldAtInstall()
      throws Exception {
    TinyModel.furnish(home, "1.0.0", TinyModel.identity());
    byte[] broken = "this is no model".getBytes(StandardCharsets.UTF_8);
    try (House house = House.open(home, arrow.get())) {
      Plugins plugins = house.control.plugins();
      assertThat(plugins.install(ADMIN, archive("twin", TinyModel.identity())).problems())
          .as("the same content is no conflict")
          .isEmpty();
      assertThat(house.control.models().get(ADMIN, "echo", "1.0.0").report())
          .as("of the catalogue, so not examined")
          .isEmpty();
      Path other = archive("other", broken);
      assertThatThrownBy(() -> plugins.install(ADMIN, other))
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(ControlError.CONFLICT))
          .hasMessageContaining("model echo@1.0.0 is brought by plugin");
      assertThat(plugins.list(ADMIN)).extracting(PluginView::id).containsExactly("brain", "twin");
    }
    try (House house = House.open(home.resolve("second"), arrow.get())) {
      PluginView view = house.control.plugins().install(ADMIN, archive("alone", broken));
      assertThat(view.problems()).singleElement().asString().startsWith("model echo: ");
      house.control.plugins().uninstall(ADMIN, "alone", "1.0.0");
      house.control.plugins().install(ADMIN, archive("good", TinyModel.identity()));
      assertThat(
              house
                  .control
                  .models()
                  .get(ADMIN, "echo", "1.0.0")
                  .report()
                  .map(report -> report.at("/operators/0/name").asText()))
          .contains("Identity");
      house.control.plugins().uninstall(ADMIN, "good", "1.0.0");
      view = house.control.plugins().install(ADMIN, archive("alone", broken));
      assertThat(house.control.plugins().get(ADMIN, "alone", "1.0.0").problems()).hasSize(1);
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
          .contains(
              "missing model ecco@^2: install a plugin that brings it, or upload it; did you mean 'echo'?");
    }
  }

  private static String step(String model) {
    return House.document("p", "{ rows: 3 }")
        .replace("sinks:", "steps: [ { model: %s } ]\nsinks:".formatted(model));
  }

  private CheckReport check(House house, String model) {
    return house.control.check(step(model), Format.YAML, home, false);
  }

  @Test
  void aPipelineSaysOtherwiseOfAnInputInTheWordsOfTheModel() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    TinyModel.furnish(home, "1.0.0", TinyModel.identity(), ", onBad: { impute: 0 }");
    try (House house = House.open(home, arrow.get())) {
      assertThat(check(house, "{ use: echo, inputs: { x: { onBad: { hold: 5s } } } }").steps())
          .noneMatch(step -> step.outcome() == CheckReport.Outcome.FAILED);
      assertThat(check(house, "{ use: echo, inputs: { x: { onBad: { hold: soon } } } }").steps())
          .anyMatch(step ->
              step.outcome() == CheckReport.Outcome.FAILED
                  && step.message().contains("inputs.x.onBad.hold.limit")
                  && step.message().contains("expected a time such as 100ms")
                  && step.message().contains("got 'soon'"));
      assertThat(check(house, "{ use: echo, inputs: { z: { onBad: skip } } }").steps())
          .anyMatch(step -> step.message().contains("inputs names 'z'; the model has inputs [x]"));
      assertThat(check(house, "{ use: echo, inputs: { x: { onBad: { impute: mean } } } }").steps())
          .anyMatch(step -> step.message().contains("field 'value' has no mean"));
    }
  }

  @Test
  void aFieldInAnotherUnitIsRefusedByCheckAndStart() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    TinyModel.furnish(home, "1.0.0", TinyModel.identity(), ", unit: A");
    TinyModel.furnish(home, "2.0.0", TinyModel.identity(), ", units: { value: mA }");
    try (House house = House.open(home, arrow.get())) {
      house.control.reconcile();
      assertThat(check(house, "{ use: echo@1.0.0 }").ok()).isTrue();
      String wrong = "field 'value' comes in unit 'A', expected 'mA'";
      assertThat(check(house, "{ use: echo@2.0.0 }").steps())
          .anyMatch(step ->
              step.outcome() == CheckReport.Outcome.FAILED && step.message().contains(wrong));
      house.create(document("a", "echo@2.0.0"));
      awaitState(house, "a", State.REFUSED);
      assertThat(house.view("a").reason()).contains(wrong);
    }
  }
}
