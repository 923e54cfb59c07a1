package kr.madang.control;

import static kr.madang.control.House.ADMIN;
import static kr.madang.control.House.WS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import kr.madang.control.DeadLetterVerbs.Filter;
import kr.madang.control.DeadLetterVerbs.Opened;
import kr.madang.control.store.Store;
import kr.madang.engine.DeadLetter;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.apache.arrow.vector.Float8Vector;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class DeadLettersTest {
  private static final Filter OPEN = filter(DeadLetter.State.OPEN);

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir private Path home;

  private static Filter filter(DeadLetter.State state) {
    return new Filter(Optional.empty(), Optional.of(state), 100);
  }

  private static String document(String rows) {
    return House.document("p", "{ rows: " + rows + ", endless: true }")
        .replace("out-p.txt", "out-p.txt, refuseFrom: 4");
  }

  @Test
  void refusedRowsAreKeptShownCorrectedAndPutBackIn() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    try (House house = House.open(home, arrow.get())) {
      house.control.reconcile();
      house.create(document("6"));
      DeadLetterVerbs letters = house.control.deadLetters();
      Await.until("rows are refused", () -> letters.list(ADMIN, WS, "p", OPEN).size() == 1);
      DeadLetter letter = letters.list(ADMIN, WS, "p", OPEN).getFirst();
      assertThat(letter.stage()).isEqualTo("lines");
      assertThat(letter.rows()).isEqualTo(2);
      assertThat(letter.why()).contains("too large for the far side");
      try (Opened opened = letters.open(ADMIN, WS, "p", letter.id())) {
        assertThat(values(opened.rows().orElseThrow())).containsExactly(4.0, 5.0);
      }
      DeadLetter after =
          letters.replay(
              ADMIN,
              WS,
              "p",
              letter.id(),
              Optional.of((before, allocator) -> {
                try (FrameWriter writer = new FrameWriter(allocator, before.schema())) {
                  for (int row = 0; row < before.rows(); row++) {
                    writer.begin(row);
                    writer.set(0, 1.5, 0);
                  }
                  return writer.take();
                }
              }));
      assertThat(after.state()).isEqualTo(DeadLetter.State.REPLAYED);
      Await.until(
          "the corrected rows are delivered",
          () -> Files.readString(home.resolve("data/out-p.txt")).equals("4\n2\n"));
      assertThat(letters.list(ADMIN, WS, "p", OPEN)).isEmpty();
      assertThatThrownBy(() -> letters.replay(ADMIN, WS, "p", letter.id(), Optional.empty()))
          .hasMessageContaining("REPLAYED");
      try (Store store = house.store()) {
        List<String> audit =
            store.transaction(rows ->
                rows.read(
                    "SELECT verb || ' ' || object || ' ' || detail FROM audit"
                        + " WHERE verb LIKE 'deadletter.%'",
                    row -> row.getString(1)));
        assertThat(audit)
            .containsExactly("deadletter.replay default/p/" + letter.id() + " 2 rows, corrected");
      }
    }
  }

  @Test
  void severalAreReplayedOrDiscardedAtOnceAndCounted() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    try (House house = House.open(home, arrow.get())) {
      house.control.reconcile();
      house.create(document("6"));
      DeadLetterVerbs letters = house.control.deadLetters();
      Await.until("rows are refused", () -> letters.list(ADMIN, WS, "p", OPEN).size() == 1);
      DeadLetterVerbs.Outcome replayed = letters.replayAll(ADMIN, WS, "p", OPEN);
      assertThat(replayed).isEqualTo(new DeadLetterVerbs.Outcome(1, 2, 0, List.of()));
      Await.until(
          "they are refused again as they were",
          () -> letters.list(ADMIN, WS, "p", OPEN).size() == 1);
      assertThat(letters.list(ADMIN, WS, "p", filter(DeadLetter.State.REPLAYED))).hasSize(1);
      assertThat(
              letters
                  .discardAll(
                      ADMIN,
                      WS,
                      "p",
                      new Filter(Optional.of("elsewhere"), Optional.of(DeadLetter.State.OPEN), 10))
                  .done())
          .isZero();
      assertThat(letters.discardAll(ADMIN, WS, "p", OPEN).done()).isEqualTo(1);
      DeadLetterVerbs.Outcome none =
          letters.replayAll(ADMIN, WS, "p", filter(DeadLetter.State.DISCARDED));
      assertThat(none.done()).isZero();
      assertThat(none.left()).isEqualTo(1);
      assertThat(none.reasons()).singleElement().asString().contains("DISCARDED");
    }
  }

  @Test
  void whatIsNotThereIsNotFound() throws Exception {
    House.furnish(home, "fixture", "1.0.0");
    try (House house = House.open(home, arrow.get())) {
      house.control.reconcile();
      DeadLetterVerbs letters = house.control.deadLetters();
      notFound(() -> letters.list(ADMIN, WS, "p", OPEN));
      house.create(document("2"));
      for (String id :
          List.of("lines:0", "../../x:1", "lines:-1", "x", "lines:99999999999999999999")) {
        notFound(() -> letters.open(ADMIN, WS, "p", id).close());
        notFound(() -> letters.discard(ADMIN, WS, "p", id));
      }
    }
  }

  private static void notFound(ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
  }

  private static List<Double> values(Batch batch) {
    Float8Vector values = (Float8Vector) batch.root().getVector("value");
    return IntStream.range(0, batch.rows()).mapToObj(values::get).toList();
  }
}
