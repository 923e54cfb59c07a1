package kr.madang.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.gateway.trace.Telemetry;
import kr.madang.inference.Placement;
import kr.madang.sdk.error.PluginException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayersTest {
  @TempDir Path folder;
  private Path home;
  private Path distribution;

  @BeforeEach
  void lay() throws IOException {
    home = Files.createDirectory(folder.resolve("home"));
    distribution = folder.resolve("dist.yaml");
  }

  @Test
  void withoutAnyLayerThePresetsHold() {
    Configuration got = read(Map.of(), Map.of());
    assertThat(got)
        .isEqualTo(
            new Configuration(
                "127.0.0.1",
                8080,
                Optional.empty(),
                false,
                Logging.Threshold.INFO,
                Logging.Lines.PLAIN,
                Duration.ofSeconds(30),
                Optional.empty(),
                Optional.empty(),
                Duration.ofHours(1),
                List.of(),
                new JournalSettings(
                    Optional.empty(),
                    Optional.empty(),
                    Duration.ofMillis(5),
                    false,
                    Optional.empty(),
                    false),
                new AcceleratorSettings(Map.of(), Map.of()),
                new TelemetrySettings(Optional.empty(), 0.01)));
  }

  @Test
  void whereModelsRunIsSaidByModelAndForTheRest() throws IOException {
    Files.writeString(
        home.resolve("madang.yaml"),
        """
        accelerators:
          run:
            "*": { provider: cuda, fallback: cpu }
            scorer: { provider: tensorrt, device: 1, instances: 2 }
          memory: { "cuda:0": 8GiB }
        """);
    AcceleratorSettings got = read(Map.of(), Map.of()).accelerators();
    assertThat(got.run())
        .containsEntry("*", new Placement(Placement.Provider.CUDA, 0, Placement.Fallback.CPU, 1))
        .containsEntry(
            "scorer", new Placement(Placement.Provider.TENSORRT, 1, Placement.Fallback.REFUSE, 2));
    assertThat(got.bytes()).containsEntry("cuda:0", 8L << 30);
  }

  @Test
  void eachLayerBeatsTheOneBelow() throws IOException {
    Files.writeString(distribution, "port: 1\nhost: ::1\nlevel: error\ndrain: 1s\n");
    Files.writeString(home.resolve("madang.yaml"), "port: 2\nlevel: warn\nlog: json\n");
    Configuration got =
        read(
            Map.of("MADANG_PORT", "3", "MADANG_LEVEL", "debug", "MADANG_HOME", "elsewhere"),
            Map.of("port", "4"));
    assertThat(got.port()).as("flag").isEqualTo(4);
    assertThat(got.level()).as("environment").isEqualTo(Logging.Threshold.DEBUG);
    assertThat(got.log()).as("home").isEqualTo(Logging.Lines.JSON);
    assertThat(got.host()).as("distribution").isEqualTo("::1");
    assertThat(got.drain()).as("distribution").isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void bytesAndSwitchesComeFromTheEnvironmentToo() {
    Configuration got =
        read(Map.of("MADANG_MEMORY", "512MiB", "MADANG_INSECURE", "true"), Map.of());
    assertThat(got.memory()).contains(512L << 20);
    assertThat(got.insecure()).isTrue();
  }

  @Test
  void keysOfTheJournalAreLaidOverOneAnotherOneByOne() throws IOException {
    Files.writeString(distribution, "journal: { bytes: 1GiB, reserve: 1MiB, gather: 1ms }\n");
    Files.writeString(home.resolve("madang.yaml"), "journal: { bytes: 2GiB, reserve: 2MiB }\n");
    JournalSettings got =
        read(
                Map.of(
                    "MADANG_JOURNAL_BYTES", "3GiB",
                    "MADANG_JOURNAL_ALLOWANYFILESYSTEM", "true",
                    "MADANG_JOURNAL_COMPRESS", "true"),
                Map.of("journal.bytes", "4GiB"))
            .journal();
    assertThat(got.bytes()).as("flag").contains(4L << 30);
    assertThat(got.reserve()).as("home").contains(2L << 20);
    assertThat(got.gather()).as("distribution").isEqualTo(Duration.ofMillis(1));
    assertThat(got.compress()).as("environment").isTrue();
    assertThat(got.allowAnyFileSystem()).as("environment").isTrue();
    assertThat(
            read(Map.of("MADANG_JOURNAL_ALLOW_ANY_FILE_SYSTEM", "true"), Map.of())
                .journal()
                .allowAnyFileSystem())
        .as("with underscores")
        .isTrue();
  }

  @Test
  void aWrongKeyOfTheJournalIsNamedAsItWasWritten() {
    assertThatThrownBy(() -> read(Map.of("MADANG_JOURNAL_BYTE", "1GiB"), Map.of()))
        .hasMessageContaining("environment")
        .hasMessageContaining("byte")
        .hasMessageContaining("bytes");
    assertThatThrownBy(() -> read(Map.of("MADANG_JOURNAL_BYTES", "1KiB"), Map.of()))
        .hasMessageContaining("journal.bytes");
  }

  @Test
  void spansGoWhereTheConfigurationSaysAndNowhereElse() throws IOException {
    assertThat(read(Map.of(), Map.of()).telemetry().options()).isEmpty();
    Files.writeString(
        home.resolve("madang.yaml"), "telemetry: { otlp: http://127.0.0.1:4318, sample: 0.5 }\n");
    assertThat(read(Map.of(), Map.of()).telemetry().options().orElseThrow())
        .isEqualTo(new Telemetry(URI.create("http://127.0.0.1:4318"), 0.5));
    TelemetrySettings got =
        read(
                Map.of("MADANG_TELEMETRY_SAMPLE", "0.25"),
                Map.of("telemetry.otlp", "https://collector.example"))
            .telemetry();
    assertThat(got.otlp()).as("flag").contains(URI.create("https://collector.example"));
    assertThat(got.sample()).as("environment").isEqualTo(0.25);
    for (String wrong : List.of("ftp://x", "4318", "http://user:word@x", "http:x")) {
      assertThatThrownBy(() -> read(Map.of("MADANG_TELEMETRY_OTLP", wrong), Map.of()))
          .as(wrong)
          .hasMessageContaining("telemetry");
    }
    assertThatThrownBy(() -> read(Map.of("MADANG_TELEMETRY_SAMPLE", "2"), Map.of()))
        .hasMessageContaining("telemetry.sample");
  }

  @Test
  void anUnknownKeyNamesItsFile() throws IOException {
    Files.writeString(home.resolve("madang.yaml"), "prot: 1\n");
    assertThatThrownBy(() -> read(Map.of(), Map.of()))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("madang.yaml")
        .hasMessageContaining("prot")
        .hasMessageContaining("port");
  }

  @Test
  void aPortOutOfRangeNamesItsLayer() {
    assertThatThrownBy(() -> read(Map.of("MADANG_PORT", "70000"), Map.of()))
        .hasMessageContaining("environment")
        .hasMessageContaining("70000");
    assertThatThrownBy(() -> read(Map.of(), Map.of("port", "no")))
        .hasMessageContaining("command line");
  }

  @Test
  void foldersOfDocumentsAreRelativeToTheHome() throws IOException {
    Files.writeString(home.resolve("madang.yaml"), "roots: [ /srv/out, exports ]\n");
    assertThat(read(Map.of(), Map.of()).roots())
        .containsExactly(Path.of("/srv/out"), home.resolve("exports"));
  }

  @Test
  void aFileOfCommentsIsNoError() throws IOException {
    Files.writeString(distribution, "# nothing\n\n  # at all\n");
    assertThat(read(Map.of(), Map.of()).port()).isEqualTo(8080);
  }

  @Test
  void secretsAreNotTakenForSettings() {
    assertThat(read(Map.of("MADANG_SECRET_PLC", "x"), Map.of()).port()).isEqualTo(8080);
  }

  private Configuration read(Map<String, String> environment, Map<String, String> flags) {
    Optional<Path> file = Files.exists(distribution) ? Optional.of(distribution) : Optional.empty();
    return Layers.read(file, home, environment, flags);
  }
}
