package kr.madang.control.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kr.madang.host.HostError;
import kr.madang.sdk.error.PluginException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreTest {
  @TempDir private Path folder;

  private static void add(Store store, String subject) {
    store.transaction(rows ->
        rows.change(
            "INSERT INTO audit (time, subject, verb, object, detail) VALUES (1, ?, '', '', '')",
            subject));
  }

  private static List<String> subjects(Store store) {
    return store.transaction(
        rows -> rows.read("SELECT subject FROM audit ORDER BY position", row -> row.getString(1)));
  }

  @Test
  void whatWasCommittedIsThereForTheNextOneEvenWithoutAClose() throws IOException {
    Path file = folder.resolve("control.db");
    Store cutOff = Store.open(file);
    add(cutOff, "a");
    try (Store next = Store.open(file)) {
      assertThat(subjects(next)).containsExactly("a");
      add(next, "b");
    }
    assertThat(subjects(cutOff)).containsExactly("a", "b");
    cutOff.close();
    assertThat(Files.exists(file)).isTrue();
  }

  @Test
  void aTransactionThatFailsLeavesNothing() {
    try (Store store = Store.inMemory()) {
      assertThatThrownBy(() ->
              store.transaction(rows -> {
                rows.change(
                    "INSERT INTO audit (time, subject, verb, object, detail)"
                        + " VALUES (1, 'a', '', '', '')");
                throw new IllegalStateException("no");
              }))
          .hasMessage("no");
      assertThat(subjects(store)).isEmpty();
    }
  }

  /** As SQLite does by itself on a full disk, behind the back of the driver. */
  @Test
  void aTransactionThatWasEndedFromBelowIsToldAndTheNextOneWorks() {
    List<Object> told = new ArrayList<>();
    try (Store store = Store.open(folder.resolve("control.db"))) {
      assertThatThrownBy(() ->
              store.transaction(
                  rows -> {
                    rows.change(
                        "INSERT INTO audit (time, subject, verb, object, detail)"
                            + " VALUES (1, 'a', '', '', '')");
                    return rows.change("ROLLBACK");
                  },
                  told::add))
          .isInstanceOf(PluginException.class)
          .hasMessageContaining("control.db cannot be read or written");
      assertThat(told).as("nothing follows from what is not on the disk").isEmpty();
      add(store, "b");
      assertThat(subjects(store)).containsExactly("b");
    }
    try (Store store = Store.open(folder.resolve("control.db"))) {
      assertThat(subjects(store)).containsExactly("b");
    }
  }

  @Test
  void ballastGoesPieceByPieceAndComesBack() throws Exception {
    Path file = folder.resolve("ballast");
    Ballast ballast = new Ballast(file);
    long whole = Files.size(file);
    assertThat(whole).isEqualTo(8 << 20);
    for (int left = 7; left >= 0; left--) {
      assertThat(ballast.release()).isTrue();
      assertThat(Files.size(file)).isEqualTo(left << 20);
    }
    assertThat(ballast.release()).as("nothing is left").isFalse();
    ballast.restore();
    assertThat(Files.size(file)).as("not at once: the disk was full a moment ago").isZero();
    new Ballast(file);
    assertThat(Files.size(file)).isEqualTo(whole);
  }

  @Test
  void aFileOfANewerVersionIsRefused() {
    Path file = folder.resolve("control.db");
    try (Store store = Store.open(file)) {
      store.transaction(rows -> rows.change("PRAGMA user_version = 99"));
    }
    assertThatThrownBy(() -> Store.open(file))
        .hasMessageContaining("newer Madang")
        .hasMessageContaining("99");
  }

  @Test
  void aFileThatIsNoDatabaseIsACleanError() throws IOException {
    Path file = Files.writeString(folder.resolve("control.db"), "not a database".repeat(100));
    assertThatThrownBy(() -> Store.open(file))
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code()).isEqualTo(HostError.STORAGE))
        .hasMessageContaining("control.db");
  }

  @Test
  void aClosedStoreSaysSo() {
    Store store = Store.inMemory();
    add(store, "a");
    store.close();
    assertThatThrownBy(() -> subjects(store)).hasMessageContaining("is closed");
  }
}
