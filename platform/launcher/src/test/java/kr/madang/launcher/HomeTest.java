package kr.madang.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import kr.madang.sdk.error.PluginException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HomeTest {
  @TempDir Path folder;

  @Test
  void aHomeIsForOneRuntimeAtATime() {
    Path place = folder.resolve("home");
    try (Home home = Home.open(place)) {
      assertThatThrownBy(() -> Home.open(home.folder()))
          .isInstanceOf(PluginException.class)
          .hasMessageContaining(place.toString())
          .hasMessageContaining("process " + ProcessHandle.current().pid());
    }
    Home.open(place).close();
  }

  @Test
  void aNewHomeIsClosedToOthers() throws IOException {
    try (Home home = Home.open(folder.resolve("deep/home"))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(home.folder())))
          .isEqualTo("rwx------");
    }
  }

  @Test
  void aFileIsNoHome() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> Home.open(file))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining(file.toString());
  }

  @Test
  void aThrowawayHomeIsGoneAfterwards() throws IOException {
    Path place;
    try (Home home = Home.throwaway()) {
      place = home.folder();
      Files.writeString(Files.createDirectories(place.resolve("a/b")).resolve("c"), "d");
    }
    assertThat(place).doesNotExist();
  }

  @Test
  void whatACrashLeftInTheScratchFolderGoes() throws IOException {
    try (Home home = Home.open(folder.resolve("home"))) {
      Path left = Files.createDirectories(home.folder().resolve("tmp")).resolve("libzstd.so");
      Files.createFile(left);
      home.scratch();
      assertThat(left).doesNotExist();
      assertThat(System.getProperty("ZstdTempFolder"))
          .isEqualTo(home.folder().resolve("tmp").toString());
    }
  }
}
