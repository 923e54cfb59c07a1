package kr.madang.control;

import static kr.madang.control.House.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import kr.madang.control.store.Store;
import kr.madang.inference.Answer;
import kr.madang.inference.Call;
import kr.madang.inference.Hold;
import kr.madang.inference.OnnxBuilder;
import kr.madang.inference.Reply;
import kr.madang.inference.Tensor;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class UsageTest {
  private static final Caller PRESS = new Caller("press", Role.MEMBER, Set.of("press"));

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir private Path home;

  @BeforeEach
  void furnish() {
    TinyModel.furnish(
        home,
        "echo",
        "1.0.0",
        new OnnxBuilder()
            .input("x", "float32", "n", 1)
            .output("y", "float32", "n", 1)
            .node("Identity", List.of("x"), List.of("y")));
  }

  private static void ask(House house, Caller caller, int rows) throws Exception {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    try (ServedModel served = house.control.serving().open(caller, "echo", "")) {
      ByteBuffer data = ByteBuffer.allocateDirect(4 * rows).order(ByteOrder.nativeOrder());
      served.infer(
          new Call(List.of(new Tensor("x", "float32", new long[] {rows, 1}, data))),
          Hold.BRIEF,
          new Reply() {
            @Override
            public void answered(Answer answer) {
              answer.close();
              done.complete(true);
            }

            @Override
            public void failed(ErrorCode code, String message, Duration after) {
              done.completeExceptionally(new AssertionError(message));
            }
          });
      assertThat(done.get(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static List<Usage.Row> list(House house, Caller caller, String... workspace) {
    Instant now = house.clock.instant();
    return house
        .control
        .usage()
        .list(
            caller,
            new Usage.Wish(
                now.minus(Duration.ofDays(2)),
                now.plusSeconds(1),
                List.of(workspace).stream().findFirst(),
                100));
  }

  @Test
  void anHourIsOneRowForEachWorkspaceAndEachSeesItsOwn() throws Exception {
    try (House house = House.open(home, arrow.get())) {
      house.control.workspaces().create(ADMIN, "press");
      ask(house, ADMIN, 3);
      ask(house, ADMIN, 2);
      ask(house, PRESS, 7);
      assertThat(list(house, ADMIN)).hasSize(2);
      Usage.Row mine = list(house, PRESS).getFirst();
      assertThat(list(house, PRESS)).containsExactly(mine);
      assertThat(mine.workspace()).isEqualTo("press");
      assertThat(mine.model()).isEqualTo("echo");
      assertThat(mine.version()).isEqualTo("1.0.0");
      assertThat(mine.origin()).isEqualTo("callers");
      assertThat(mine.calls()).isEqualTo(1);
      assertThat(mine.rows()).isEqualTo(7);
      assertThat(mine.bytesIn()).isEqualTo(28);
      assertThat(mine.bytesOut()).isEqualTo(28);
      assertThat(mine.computeNanos()).isPositive();
      Usage.Row theirs = list(house, ADMIN, "default").getFirst();
      assertThat(theirs.calls()).isEqualTo(2);
      assertThat(theirs.rows()).isEqualTo(5);
      assertThatThrownBy(() -> list(house, PRESS, "default"))
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND));
    }
  }

  @Test
  void whatWasWrittenIsThereAfterTheProcessIsGoneAndGoesOn() throws Exception {
    try (House house = House.open(home, arrow.get())) {
      ask(house, ADMIN, 3);
      house.control.usage().write();
      // another process that sees the disk as it is at this moment
      try (Store store = house.store()) {
        List<Long> rows =
            store.transaction(
                all -> all.read("SELECT rows FROM usage_open", row -> row.getLong(1)));
        assertThat(rows).containsExactly(3L);
      }
      house.control.usage().write();
      ask(house, ADMIN, 4);
    }
    try (House house = House.open(home, arrow.get())) {
      ask(house, ADMIN, 10);
      assertThat(list(house, ADMIN)).hasSize(1);
      assertThat(list(house, ADMIN).getFirst().rows()).isEqualTo(17);
    }
  }

  @Test
  void anHourThatIsOverIsNeverChanged() throws Exception {
    try (House house = House.open(home, arrow.get())) {
      ask(house, ADMIN, 3);
      house.control.usage().write();
      Instant first = list(house, ADMIN).getFirst().hour();
      house.clock.advance(Duration.ofHours(1));
      ask(house, ADMIN, 4);
      List<Usage.Row> rows = list(house, ADMIN);
      assertThat(rows).extracting(Usage.Row::rows).containsExactly(3L, 4L);
      assertThat(rows)
          .extracting(Usage.Row::hour)
          .containsExactly(first, first.plus(Duration.ofHours(1)));
      try (Store store = house.store()) {
        for (String sql : List.of("UPDATE usage SET rows = 0", "DELETE FROM usage")) {
          assertThatThrownBy(() -> store.transaction(all -> all.change(sql)))
              .hasMessageContaining("append-only");
        }
      }
      assertThat(list(house, ADMIN)).isEqualTo(rows);
    }
  }

  @Test
  void moreRowsThanWereAskedForAreRefused() throws Exception {
    try (House house = House.open(home, arrow.get())) {
      house.control.workspaces().create(ADMIN, "press");
      ask(house, ADMIN, 1);
      ask(house, PRESS, 1);
      Instant now = house.clock.instant();
      assertThatThrownBy(() ->
              house
                  .control
                  .usage()
                  .list(
                      ADMIN,
                      new Usage.Wish(now.minusSeconds(1), now.plusSeconds(1), Optional.empty(), 1)))
          .hasMessageContaining("more than 1 rows");
    }
  }
}
