package kr.madang.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kr.madang.control.store.Store;
import kr.madang.engine.Recording;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class PermissionsTest {
  private static final Caller VIEWER = new Caller("v", Role.VIEWER, Set.of("default"));
  private static final Caller MEMBER = new Caller("m", Role.MEMBER, Set.of("default"));
  private static final Caller STRANGER = new Caller("s", Role.ADMIN, Set.of("other"));

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir private Path home;

  private static String answer(Runnable call) {
    try {
      call.run();
      return "ok";
    } catch (PluginException e) {
      return e.code().name();
    }
  }

  @Test
  void theFirstStartMakesATokenThatOnlyItsOwnerCanRead() throws Exception {
    String token;
    try (House house = House.open(home, arrow.get())) {
      Path file = home.resolve("admin.token");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
      token = Files.readString(file).strip();
      assertThat(token).hasSizeGreaterThan(40);
      assertThat(house.control.access().authenticate(token)).map(Caller::role).contains(Role.ADMIN);
      assertThat(house.control.access().authenticate(token + "x")).isEmpty();
      assertThat(house.control.access().authenticate("")).isEmpty();
      try (Store store = house.store()) {
        List<byte[]> hashes =
            store.transaction(rows -> rows.read("SELECT hash FROM token", row -> row.getBytes(1)));
        assertThat(hashes).singleElement().satisfies(hash -> assertThat(hash).hasSize(32));
      }
      Files.delete(file);
    }
    try (House house = House.open(home, arrow.get())) {
      assertThat(home.resolve("admin.token")).doesNotExist();
      assertThat(house.control.access().authenticate(token)).isPresent();
    }
  }

  @Test
  void aTokenOfAStartThatWasCutOffIsTakenOver() throws Exception {
    try (House house = House.open(home, arrow.get())) {
      assertThat(house.control).isNotNull();
    }
    String token = Files.readString(home.resolve("admin.token")).strip();
    Files.delete(home.resolve("control.db"));
    try (House house = House.open(home, arrow.get())) {
      assertThat(house.control.access().authenticate(token)).isPresent();
    }
  }

  @Test
  void whatACallerMayNotDoIsForbiddenAndWhatItMayNotSeeIsNotThere() {
    House.furnish(home, "fixture", "1.0.0");
    try (House house = House.open(home, arrow.get())) {
      Pipelines pipelines = house.control.pipelines();
      DeadLetterVerbs letters = house.control.deadLetters();
      var replay =
          new Replays.Request(
              Optional.empty(), Format.YAML, Optional.empty(), Recording.Range.ALL, "");
      var comparison =
          new Comparisons.Request(
              "a",
              "b",
              Optional.empty(),
              Optional.empty(),
              Map.of(),
              Optional.empty(),
              Optional.empty());
      var all = new DeadLetterVerbs.Filter(Optional.empty(), Optional.empty(), 10);
      var used = new Usage.Wish(Instant.EPOCH, house.clock.instant(), Optional.of("default"), 10);
      String document = House.document("p", "{ rows: 1 }");
      assertThat(answer(() -> pipelines.create(VIEWER, "default", document, Format.YAML)))
          .isEqualTo("FORBIDDEN");
      assertThat(answer(() -> pipelines.create(STRANGER, "default", document, Format.YAML)))
          .isEqualTo("NOT_FOUND");
      assertThat(answer(() -> pipelines.create(MEMBER, "default", document, Format.YAML)))
          .isEqualTo("ok");
      assertThat(answer(() -> pipelines.get(VIEWER, "default", "p"))).isEqualTo("ok");
      assertThat(answer(() -> pipelines.list(VIEWER, "nowhere"))).isEqualTo("NOT_FOUND");
      List<Runnable> changes =
          List.of(
              () -> pipelines.start(VIEWER, "default", "p"),
              () -> pipelines.stop(VIEWER, "default", "p"),
              () -> pipelines.delete(VIEWER, "default", "p"),
              () -> pipelines.check(VIEWER, "default", document, Format.YAML, true),
              () ->
                  pipelines.replace(
                      VIEWER, "default", "p", document, Format.YAML, Optional.empty()),
              () -> house.control.replays().start(VIEWER, "default", "p", replay),
              () -> house.control.comparisons().make(VIEWER, "default", comparison),
              () -> letters.replay(VIEWER, "default", "p", "a:1", Optional.empty()),
              () -> letters.discard(VIEWER, "default", "p", "a:1"),
              () -> letters.replayAll(VIEWER, "default", "p", all),
              () -> letters.discardAll(VIEWER, "default", "p", all),
              () -> house.control.alarms().acknowledge(VIEWER, "default", 1),
              () ->
                  house
                      .control
                      .drifts()
                      .take(MEMBER, "m", "1.0.0", Optional.empty(), Optional.empty()),
              () -> house.control.plugins().stop(MEMBER, "fixture", "1.0.0"),
              () -> house.control.plugins().start(STRANGER, "fixture", "1.0.0"),
              () -> house.control.plugins().uninstall(MEMBER, "fixture", "1.0.0"),
              () -> house.control.plugins().install(MEMBER, home));
      assertThat(changes).allSatisfy(call -> assertThat(answer(call)).isEqualTo("FORBIDDEN"));
      List<Runnable> looks =
          List.of(
              () -> pipelines.get(STRANGER, "default", "p"),
              () -> pipelines.spec(STRANGER, "default", "p"),
              () -> pipelines.ledger(STRANGER, "default", "p"),
              () -> letters.list(STRANGER, "default", "p", all),
              () -> letters.open(STRANGER, "default", "p", "a:1"),
              () -> letters.discard(STRANGER, "default", "p", "a:1"),
              () -> house.control.journal(STRANGER, "default"),
              () -> house.control.usage().list(STRANGER, used),
              () -> house.control.replays().recording(STRANGER, "default", "p"),
              () -> house.control.replays().list(STRANGER, "default", "p"),
              () -> house.control.replays().get(STRANGER, "default", "p", "aaaaaaaaaa"),
              () -> house.control.replays().start(STRANGER, "default", "p", replay),
              () -> house.control.comparisons().json(STRANGER, "default", "aaaaaaaaaa"),
              () -> house.control.comparisons().page(STRANGER, "default", "aaaaaaaaaa"),
              () -> pipelines.tap(STRANGER, "default", "p", "source", 1),
              () -> house.control.alarms().list(STRANGER, "default"));
      assertThat(looks)
          .allSatisfy(call -> assertThat(answer(call)).isEqualTo(ErrorCode.NOT_FOUND.name()));
      assertThat(house.control.metrics(STRANGER).pipelines()).isEmpty();
      try (Store store = house.store()) {
        List<String> audit =
            store.transaction(rows ->
                rows.read(
                    "SELECT subject || ' ' || verb || ' ' || object FROM audit",
                    row -> row.getString(1)));
        assertThat(audit).containsExactly("m pipeline.create default/p");
      }
    }
  }
}
