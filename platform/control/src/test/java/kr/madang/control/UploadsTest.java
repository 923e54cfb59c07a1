package kr.madang.control;

import static kr.madang.control.Asking.ask;
import static kr.madang.control.Asking.one;
import static kr.madang.control.House.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import kr.madang.control.PipelineView.State;
import kr.madang.control.store.Store;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class UploadsTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir private Path home;
  @TempDir private Path outside;

  private Uploads.Uploaded upload(House house, ModelZip model) {
    return house.control.uploads().upload(ADMIN, model.in(outside));
  }

  private static void refused(ThrowingCallable call, ErrorCode code, String... words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            PluginException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              for (String word : words) {
                assertThat(e.getMessage()).contains(word);
              }
            });
  }

  @Test
  void anUploadAnswersAtOnceAndAfterARestart() throws Exception {
    ModelZip zip =
        new ModelZip("echo", "1.0.0", one("Neg"))
            .says("description: turns the sign")
            .says("nameplate: { organization: Works, intendedUse: tests, licence: Apache-2.0 }");
    String digest;
    try (House house = House.open(home, arrow.get())) {
      Uploads.Uploaded first = upload(house, zip);
      assertThat(first.fresh()).isTrue();
      ModelView view = first.model().view();
      digest = view.digest();
      assertThat(view.origin()).isEqualTo("upload");
      assertThat(view.plugin()).isEmpty();
      assertThat(view.description()).isEqualTo("turns the sign");
      assertThat(view.nameplate()).containsEntry("organization", "Works");
      assertThat(first.model().report()).isPresent();
      assertThat(ask(house.control, "echo", "", 3)).isEqualTo(-3);
      assertThat(upload(house, zip).fresh()).as("the same again is no change").isFalse();
      refused(
          () -> upload(house, new ModelZip("echo", "1.0.0", one("Identity"))),
          ControlError.CONFLICT,
          "model echo@1.0.0 is there with digest " + digest);
      upload(house, new ModelZip("echo", "2.0.0", one("Identity")));
      Await.until("the highest stands", () -> ask(house.control, "echo", "", 3) == 3);
      assertThat(ask(house.control, "echo", "1.0.0", 3)).isEqualTo(-3);
    }
    try (House house = House.open(home, arrow.get())) {
      house.control.reconcile();
      assertThat(house.control.models().list(ADMIN))
          .extracting(model -> model.name() + "@" + model.version() + " " + model.state())
          .containsExactly("echo@1.0.0 declared", "echo@2.0.0 declared");
      Models.Details details = house.control.models().get(ADMIN, "echo", "1.0.0");
      assertThat(details.view().digest()).isEqualTo(digest);
      assertThat(details.report()).isPresent();
      assertThat(ask(house.control, "echo", "1.0.0", 3)).isEqualTo(-3);
      try (Store store = house.store()) {
        assertThat(
                store.<List<String>>transaction(rows ->
                    rows.read(
                        "SELECT subject || ' ' || verb || ' ' || object FROM audit",
                        row -> row.getString(1))))
            .contains("root model.upload echo@1.0.0", "root model.upload echo@2.0.0");
      }
    }
  }

  @Test
  void whatCannotServeIsRefusedWithTheReasonAndLeavesNothing() throws Exception {
    try (House house = House.open(home, arrow.get())) {
      byte[] noise = "this is no model".getBytes(StandardCharsets.UTF_8);
      refused(
          () -> upload(house, new ModelZip("echo", "1.0.0", noise)),
          ErrorCode.CONFIG_INVALID,
          "model echo@1.0.0 is refused: model.onnx, byte 0: expected");
      refused(
          () -> upload(house, new ModelZip("echo", "1.0.0", one("Neg")).says("colour: red")),
          ErrorCode.CONFIG_INVALID,
          "model.yaml: line 4, column 1: unknown key 'colour'");
      refused(
          () -> upload(house, new ModelZip("../echo", "1", one("Neg"))),
          ErrorCode.CONFIG_INVALID,
          "name: expected",
          "version: expected a version such as 1.2.0, got '1'");
      refused(
          () ->
              upload(
                  house,
                  new ModelZip("echo", "1.0.0", one("Neg")).says("golden: { file: ../g.arrow }")),
          ErrorCode.CONFIG_INVALID,
          "golden.file: expected a file beside it");
      refused(
          () ->
              upload(
                  house,
                  new ModelZip("echo", "1.0.0", one("Neg"))
                      .file("g.arrow", "no arrow")
                      .says("golden: { file: g.arrow }")),
          ErrorCode.CONFIG_INVALID,
          "g.arrow");
      assertThat(house.control.models().list(ADMIN)).isEmpty();
      assertThat(home.resolve("models/.staging")).isEmptyDirectory();
    }
  }

  @Test
  void aPluginAndAnUploadStandSideBySideButNotWithDifferentContent() throws Exception {
    TinyModel.furnish(home, "echo", "1.0.0", one("Identity"));
    try (House house = House.open(home, arrow.get())) {
      refused(
          () -> upload(house, new ModelZip("echo", "1.0.0", one("Neg"))),
          ControlError.CONFLICT,
          "model echo@1.0.0 is brought by plugin of-echo@1.0.0 already, with other content");
      upload(house, new ModelZip("echo", "1.1.0", one("Neg")));
      assertThat(ask(house.control, "echo", "", 2)).isEqualTo(-2);
      assertThat(ask(house.control, "echo", "1.0.0", 2)).isEqualTo(2);
      refused(
          () -> house.control.uploads().delete(ADMIN, "echo", "1.0.0"),
          ControlError.CONFLICT,
          "is brought by plugin of-echo@1.0.0: uninstall that");
      house.control.uploads().delete(ADMIN, "echo", "1.1.0");
      assertThat(ask(house.control, "echo", "", 2)).isEqualTo(2);
    }
  }

  @Test
  void whatIsUsedIsNotDeleted() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    try (House house = House.open(home, arrow.get())) {
      house.control.reconcile();
      Uploads uploads = house.control.uploads();
      upload(house, new ModelZip("echo", "1.0.0", one("Identity")));
      upload(house, new ModelZip("echo", "2.0.0", one("Neg")));
      house.control.rollouts().alias(ADMIN, "echo", "champion", "1.0.0");
      refused(
          () -> uploads.delete(ADMIN, "echo", "1.0.0"),
          ControlError.CONFLICT,
          "cannot be deleted while it is used by alias champion");
      house
          .control
          .rollouts()
          .start(ADMIN, "echo", new Rollout.Wish("2.0.0", 0.5, Duration.ofMinutes(5), 1, 1_000));
      refused(
          () -> uploads.delete(ADMIN, "echo", "2.0.0"),
          ControlError.CONFLICT,
          "the rollout of version 2.0.0");
      house.control.rollouts().back(ADMIN, "echo");
      house.create(
          House.document("line", "{ rows: 3, endless: true }")
              .replace("sinks:", "steps: [ { model: { use: echo@2.0.0 } } ]\nsinks:"));
      Await.until("it runs", () -> house.view("line").state() == State.RUNNING);
      refused(
          () -> uploads.delete(ADMIN, "echo", "2.0.0"),
          ControlError.CONFLICT,
          "pipeline default/line");
      house.control.pipelines().stop(ADMIN, House.WS, "line");
      Await.until("it stands", () -> house.view("line").state() == State.STOPPED);
      uploads.delete(ADMIN, "echo", "2.0.0");
      house.control.rollouts().unalias(ADMIN, "echo", "champion");
      uploads.delete(ADMIN, "echo", "1.0.0");
      refused(() -> uploads.delete(ADMIN, "echo", "1.0.0"), ErrorCode.NOT_FOUND);
      assertThat(house.control.models().list(ADMIN)).isEmpty();
      house.control.pipelines().start(ADMIN, House.WS, "line");
      Await.until("it waits", () -> house.view("line").state() == State.PARKED);
      upload(house, new ModelZip("echo", "2.0.0", one("Neg")));
      Await.until("it runs again", () -> house.view("line").state() == State.RUNNING);
    }
  }

  @Test
  void aFlippedByteIsAnAlarmAndTheModelIsRefusedUntilItIsUploadedAgain() throws Exception {
    ModelZip zip = new ModelZip("echo", "1.0.0", one("Neg"));
    try (House house = House.open(home, arrow.get())) {
      upload(house, zip);
    }
    Path file = home.resolve("models/echo@1.0.0/package/model.onnx");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 4;
    Files.write(file, bytes);
    try (House house = House.open(home, arrow.get())) {
      assertThatThrownBy(() -> ask(house.control, "echo", "", 1))
          .hasMessageContaining("package/model.onnx was changed");
      house.control.reconcile();
      Await.until(
          "somebody is told",
          () ->
              house.control.alarms().list(ADMIN, House.WS).stream()
                  .anyMatch(alarm ->
                      alarm.active()
                          && alarm.cause().equals("model.damaged")
                          && alarm.stage().equals("echo@1.0.0")));
      ModelView view = house.control.models().list(ADMIN).getFirst();
      assertThat(view.state()).isEqualTo("refused");
      assertThat(view.reason()).contains("package/model.onnx was changed");
      assertThat(upload(house, zip).fresh()).isTrue();
      assertThat(ask(house.control, "echo", "", 1)).isEqualTo(-1);
      Await.until(
          "the alarm is over",
          () -> house.control.alarms().list(ADMIN, House.WS).stream().noneMatch(Alarm::active));
    }
  }

  @Test
  void onlyOperatorsOfAllWorkspacesTakeModelsInAndOut() throws Exception {
    try (House house = House.open(home, arrow.get())) {
      upload(house, new ModelZip("echo", "1.0.0", one("Neg")));
      Path zip = new ModelZip("echo", "2.0.0", one("Neg")).in(outside);
      Uploads uploads = house.control.uploads();
      Models models = house.control.models();
      for (Role role : Role.values()) {
        for (Set<String> where : List.of(Set.of("*"), Set.of("default"))) {
          Caller caller = new Caller("c", role, where);
          boolean may = role.includes(Role.OPERATOR) && where.contains("*");
          assertThat(models.get(caller, "echo", "1.0.0").view().name()).isEqualTo("echo");
          if (!may) {
            refused(() -> uploads.upload(caller, zip), ControlError.FORBIDDEN);
            refused(() -> uploads.delete(caller, "echo", "1.0.0"), ControlError.FORBIDDEN);
            refused(() -> models.pin(caller, "echo", "1.0.0"), ControlError.FORBIDDEN);
            refused(() -> models.unpin(caller, "echo", "1.0.0"), ControlError.FORBIDDEN);
          } else {
            uploads.upload(caller, zip);
            models.pin(caller, "echo", "2.0.0");
            models.unpin(caller, "echo", "2.0.0");
            uploads.delete(caller, "echo", "2.0.0");
          }
        }
      }
    }
    try (House house = House.safe(home, arrow.get())) {
      Path zip = new ModelZip("echo", "2.0.0", one("Neg")).in(outside);
      refused(() -> house.control.uploads().upload(ADMIN, zip), ControlError.CONFLICT, "safe mode");
      house.control.uploads().delete(ADMIN, "echo", "1.0.0");
    }
  }

  private static Path prepared(Path home) throws Exception {
    try (Stream<Path> all = Files.list(home.resolve("models/.prepared"))) {
      return all.filter(one -> Files.isRegularFile(one.resolve("model.onnx")))
          .findFirst()
          .orElse(home.resolve("none"));
    }
  }

  @Test
  void theReportSaysWhatWasFoundAndWhatWasMadeReadyIsMadeAgainWhenItIsLost() throws Exception {
    ModelZip zip = new ModelZip("echo", "1.0.0", Asking.heavy(1 << 20));
    Path made;
    try (House house = House.open(home, arrow.get())) {
      JsonNode report = upload(house, zip).model().report().orElseThrow();
      assertThat(report.at("/operators/0/name").asText()).isEqualTo("MatMul");
      assertThat(report.at("/opsets").isEmpty()).isFalse();
      assertThat(report.at("/weights/bytes").asLong()).isGreaterThanOrEqualTo(4L << 20);
      assertThat(report.at("/memory/estimateBytes").asLong()).isGreaterThanOrEqualTo(4L << 20);
      assertThat(report.at("/refusals")).isEmpty();
      assertThat(house.control.models().get(ADMIN, "echo", "1.0.0").view().bytes())
          .isEqualTo(report.at("/memory/estimateBytes").asLong());
      made = prepared(home);
      assertThat(made).isDirectory();
      assertThat(ask(house.control, "echo", "", 3)).isEqualTo(-3);
    }
    byte[] bytes = Files.readAllBytes(made.resolve("model.onnx"));
    bytes[bytes.length - 1] ^= 1;
    Files.write(made.resolve("model.onnx"), bytes);
    try (House house = House.open(home, arrow.get())) {
      house.control.reconcile();
      assertThat(ask(house.control, "echo", "", 3)).as("damaged, so not used").isEqualTo(-3);
      Path damaged = Files.write(outside.resolve("damaged"), bytes);
      Path again = made.resolve("model.onnx");
      Await.until("it is made again", () -> differ(again, damaged));
      house.control.uploads().delete(ADMIN, "echo", "1.0.0");
      assertThat(prepared(home)).doesNotExist();
    }
  }

  /** False too while one of them is moved. */
  private static boolean differ(Path a, Path b) {
    try {
      return Files.mismatch(a, b) >= 0;
    } catch (IOException e) {
      return false;
    }
  }
}
