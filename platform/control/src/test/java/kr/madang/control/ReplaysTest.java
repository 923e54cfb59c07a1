package kr.madang.control;

import static kr.madang.control.House.ADMIN;
import static kr.madang.control.House.WS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.control.PipelineView.State;
import kr.madang.engine.Recording;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ReplaysTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir private Path home;

  private static String document(String steps) {
    return House.document("p", "{ rows: 50 }")
        + "durability: journal\njournal: { keep: 1h }\nsteps: "
        + steps
        + "\n";
  }

  private static Replays.Request request(Optional<String> document, Optional<Long> revision) {
    return new Replays.Request(document, Format.YAML, revision, Recording.Range.ALL, "");
  }

  private static ReplayView ended(House house, ReplayView replay) throws Exception {
    Replays replays = house.control.replays();
    Await.until(
        "the replay ends", () -> replays.get(ADMIN, WS, "p", replay.id()).endedAt().isPresent());
    return replays.get(ADMIN, WS, "p", replay.id());
  }

  private static Comparisons.Request comparison(ReplayView a, ReplayView b) {
    return new Comparisons.Request(
        a.id(),
        b.id(),
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        Optional.empty());
  }

  private void record(House house) throws Exception {
    house.control.reconcile();
    house.create(document("[]"));
    Await.until("it has run", () -> house.view("p").state() == State.FINISHED);
  }

  @Test
  void whatWasRecordedIsReplayedAndResultsAreCompared() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    ReplayView same;
    try (House house = House.open(home, arrow.get())) {
      record(house);
      Replays replays = house.control.replays();
      Recording recording = replays.recording(ADMIN, WS, "p");
      assertThat(recording.sources())
          .singleElement()
          .satisfies(source -> {
            assertThat(source.name()).isEqualTo("source");
            assertThat(source.next() - source.first()).isEqualTo(50);
          });
      ReplayView begun = replays.start(ADMIN, WS, "p", request(Optional.empty(), Optional.empty()));
      assertThat(begun.id()).matches("[a-z2-7]{10}");
      assertThat(begun.label()).isEqualTo("revision 1");
      same = ended(house, begun);
      assertThat(same.state()).as(same.reason()).isEqualTo("done");
      assertThat(same.rows()).isEqualTo(50);
      assertThat(same.outputRows()).containsEntry("lines", 50L);
      assertThat(same.version())
          .isEqualTo("revision 1, fixture@1.0.0/counter, fixture@1.0.0/lines");
      assertThat(home.resolve("data/out-p.txt")).as("sinks are left alone").hasContent("50");

      String other = document("[ { where: 'value < 40.0' } ]");
      ReplayView fewer =
          ended(
              house, replays.start(ADMIN, WS, "p", request(Optional.of(other), Optional.empty())));
      assertThat(fewer.outputRows()).containsEntry("lines", 40L);
      Comparisons comparisons = house.control.comparisons();
      Comparisons.Made made = comparisons.make(ADMIN, WS, comparison(same, fewer));
      assertThat(made.json()).contains("\"agreement\":\"different\"");
      assertThat(comparisons.json(ADMIN, WS, made.id())).isEqualTo(made.json());
      assertThat(comparisons.page(ADMIN, WS, made.id())).containsIgnoringCase("<!doctype html>");
      assertThat(comparisons.make(ADMIN, WS, comparison(same, same)).json())
          .contains("\"agreement\":\"identical\"");

      replays.delete(ADMIN, WS, "p", fewer.id());
      assertThat(replays.list(ADMIN, WS, "p"))
          .extracting(ReplayView::id)
          .containsExactly(same.id());
      assertThat(home.resolve("replays/default").resolve(fewer.id())).doesNotExist();
    }
    try (House house = House.open(home, arrow.get())) {
      assertThat(house.control.replays().list(ADMIN, WS, "p")).containsExactly(same);
      house.control.reconcile();
      house.control.pipelines().delete(ADMIN, WS, "p");
      assertThat(home.resolve("replays/default").resolve(same.id())).doesNotExist();
    }
  }

  @Test
  void anOlderRevisionCanBeReplayedAsLongAsItIsKept() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    try (House house = House.open(home, arrow.get())) {
      record(house);
      house
          .control
          .pipelines()
          .replace(
              ADMIN,
              WS,
              "p",
              document("[ { where: 'value < 10.0' } ]"),
              Format.YAML,
              Optional.empty());
      Replays replays = house.control.replays();
      ReplayView first =
          ended(house, replays.start(ADMIN, WS, "p", request(Optional.empty(), Optional.of(1L))));
      assertThat(first.label()).isEqualTo("revision 1");
      assertThat(first.outputRows().get("lines") % 50).isZero();
      notFound(() -> replays.start(ADMIN, WS, "p", request(Optional.empty(), Optional.of(7L))));
    }
  }

  @Test
  void whatFailsSaysWhyAndLeavesNoRows() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    try (House house = House.open(home, arrow.get())) {
      house.control.reconcile();
      house.create(House.document("p", "{ rows: 5 }") + "durability: none\n");
      Replays replays = house.control.replays();
      ReplayView failed =
          ended(house, replays.start(ADMIN, WS, "p", request(Optional.empty(), Optional.empty())));
      assertThat(failed.state()).isEqualTo("failed");
      assertThat(failed.reason()).contains("nothing is recorded");
      assertThatThrownBy(
              () -> house.control.comparisons().make(ADMIN, WS, comparison(failed, failed)))
          .hasMessageContaining("only one that is done can be compared");
    }
  }

  @Test
  void anIdFromOutsideNeverBecomesAPath() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    Files.writeString(home.resolve("secret.json"), "{}");
    try (House house = House.open(home, arrow.get())) {
      house.control.reconcile();
      house.create(House.document("p", "{ rows: 5 }"));
      Replays replays = house.control.replays();
      Comparisons comparisons = house.control.comparisons();
      for (String id : List.of("..", "../../secret", "aaaaaaaaaa", "", "a/b", "AAAAAAAAAA")) {
        notFound(() -> replays.get(ADMIN, WS, "p", id));
        notFound(() -> replays.delete(ADMIN, WS, "p", id));
        notFound(() -> comparisons.json(ADMIN, WS, id));
        notFound(() -> comparisons.page(ADMIN, WS, id));
      }
    }
  }

  private static void notFound(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }
}
