package kr.madang.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchStoreTest {
  @TempDir private Path temp;

  private void make(ScratchStore store, String key, String content) throws IOException {
    try (ScratchStore.Work work = store.begin()) {
      Files.writeString(work.folder().resolve("made"), content);
      work.keep(key);
    }
  }

  @Test
  void whatIsKeptIsFoundUntilItIsDamagedOrDeleted() throws IOException {
    ScratchStore store = new ScratchStore(temp.resolve("made"));
    assertThat(store.find("a")).isEmpty();
    assertThat(temp.resolve("made")).doesNotExist();
    make(store, "a", "one");
    make(store, "a", "two");
    make(store, "b", "three");
    try (ScratchStore.Work work = store.begin()) {
      Files.writeString(work.folder().resolve("made"), "never kept");
    }
    assertThat(temp.resolve("made")).isDirectoryContaining("glob:**a");
    assertThat(store.find("a").orElseThrow().resolve("made")).hasContent("two");
    Files.writeString(temp.resolve("made/a/made"), "twp");
    ScratchStore again = new ScratchStore(temp.resolve("made"));
    assertThat(again.find("a")).as("changed").isEmpty();
    assertThat(again.find("b")).isPresent();
    make(again, "a", "four");
    assertThat(again.find("a").orElseThrow().resolve("made")).hasContent("four");
    again.delete("a");
    assertThat(again.find("a")).isEmpty();
    again.begin();
    again.retain(Set.of());
    assertThat(temp.resolve("made")).isEmptyDirectory();
    assertThatThrownBy(() -> again.find("../b")).isInstanceOf(IllegalArgumentException.class);
  }
}
