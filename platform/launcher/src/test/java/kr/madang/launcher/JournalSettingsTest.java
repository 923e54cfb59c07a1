package kr.madang.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import kr.madang.journal.JournalOptions;
import kr.madang.journal.disk.RealDisk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalSettingsTest {
  private static final String HEX = "000102030405060708090a0b0c0d0e0f";

  @TempDir Path home;

  @Test
  void withoutAnyKeyItIsPlainAndLeavesHalfOfTheDisk() throws IOException {
    JournalOptions got = options("default", Map.of());
    long disk = Files.getFileStore(home).getTotalSpace();
    assertThat(got.bytes()).isEqualTo(Math.min(16L << 30, disk / 2));
    assertThat(got.reserve()).isEqualTo(Math.min(64L << 20, disk / 16));
    assertThat(got.gather()).isEqualTo(Duration.ofMillis(5));
    assertThat(got.compress()).isFalse();
    assertThat(got.key()).isEmpty();
  }

  @Test
  void whatWasSetIsPassedOn() {
    JournalOptions got =
        options(
            "default",
            Map.of(
                "journal.bytes", "64MiB",
                "journal.reserve", "1MiB",
                "journal.gather", "1ms",
                "journal.compress", "true"));
    assertThat(got.bytes()).isEqualTo(64L << 20);
    assertThat(got.reserve()).isEqualTo(1L << 20);
    assertThat(got.gather()).isEqualTo(Duration.ofMillis(1));
    assertThat(got.compress()).isTrue();
  }

  @Test
  void eachWorkspaceHasAKeyOfItsOwnThatStaysTheSame() throws IOException {
    secret(HEX);
    Map<String, String> flags = Map.of("journal.key", "${secret:journal}");
    byte[] one = options("one", flags).key().orElseThrow();
    byte[] two = options("two", flags).key().orElseThrow();
    assertThat(one).hasSize(32).isNotEqualTo(two).isEqualTo(options("one", flags).key().get());
    secret("AAECAwQFBgcICQoLDA0ODw==\n");
    assertThat(options("one", flags).key().orElseThrow()).as("the same in base64").isEqualTo(one);
  }

  @Test
  void aKeyThatIsNoneIsRefusedAndNotShown() throws IOException {
    secret("hunter2");
    assertThatThrownBy(() -> options("one", Map.of("journal.key", "${secret:journal}")))
        .hasMessageContaining("journal.key")
        .hasMessageContaining("16 to 64")
        .message()
        .doesNotContain("hunter2");
    assertThatThrownBy(() -> options("one", Map.of("journal.key", HEX)))
        .message()
        .contains("secret:name")
        .doesNotContain(HEX);
  }

  private void secret(String text) throws IOException {
    Path file = Files.createDirectories(home.resolve("secrets")).resolve("journal");
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private JournalOptions options(String workspace, Map<String, String> flags) {
    return Layers.read(Optional.empty(), home, Map.of(), flags)
        .journal()
        .options(
            workspace,
            home,
            new RealDisk(),
            InstantSource.system(),
            Thread.ofPlatform().daemon().factory());
  }
}
