package kr.madang.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstallTest {
  private static final String ONE = "1.0.0";

  @TempDir private Path temp;

  private Path model(String content) throws IOException {
    return PluginZip.of("m", ONE)
        .says("plugin.description", "A model")
        .says("plugin.provider", "Me")
        .says("plugin.license", "MIT")
        .file("models/pump/model.yaml", Jars.utf8(content))
        .file("models/pump/model.onnx", new byte[100_000])
        .file("models/not-a-model/notes.txt", Jars.utf8("x"))
        .zip(temp);
  }

  private Path home() {
    return temp.resolve("plugins/m@1.0.0");
  }

  @Test
  void aPluginPassesItsProbeInARealJvm() throws IOException {
    Path archive =
        PluginZip.withSource(
                "p",
                ONE,
                """
                public Entry() throws Exception {
                  System.out.println("done");
                  if (!System.getenv().isEmpty() && System.getenv("HOME") != null) {
                    throw new IllegalStateException("sees the environment");
                  }
                  Thread lasting = new Thread(() -> {
                    try { new CountDownLatch(1).await(); } catch (InterruptedException e) { }
                  });
                  lasting.start();
                }
                """)
            .zip(temp);
    try (PluginHost host = PluginHost.open(Hosts.options(temp))) {
      assertThat(host.install(archive).sources()).containsExactly("asked");
      assertThat(host.find("p", ONE).orElseThrow().state()).isEqualTo(PluginState.INSTALLED);
    }
  }

  @Test
  void aModelNeedsNoCode() throws IOException {
    try (PluginHost host = PluginHost.open(Hosts.options(temp))) {
      InstalledPlugin plugin = host.install(model("name: pump"));
      assertThat(plugin.models())
          .containsExactly(new PluginModel("pump", home().resolve("models/pump")));
      assertThat(plugin)
          .extracting(
              InstalledPlugin::description,
              InstalledPlugin::provider,
              InstalledPlugin::license,
              InstalledPlugin::requires,
              InstalledPlugin::from)
          .containsExactly("A model", "Me", "MIT", ">=0.1.0 & <1.0.0", PluginOrigin.INSTALLED);
      assertThat(host.start("m", ONE).state()).isEqualTo(PluginState.STARTED);
      assertThat(host.stop("m", ONE)).matches(UnloadReport::clean);
    }
  }

  @Test
  void theSameArchiveTwiceIsNoErrorAndAnotherIsAConflict() throws IOException {
    Path archive = model("name: pump");
    try (PluginHost host = PluginHost.open(Hosts.options(temp))) {
      InstalledPlugin first = host.install(archive);
      host.start("m", ONE);
      InstalledPlugin again = host.install(archive);
      assertThat(again.state()).isEqualTo(PluginState.STARTED);
      assertThat(again.digest()).isEqualTo(first.digest());
      Path other = model("name: other");
      assertThatThrownBy(() -> host.install(other))
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(HostError.CONFLICT))
          .hasMessageContaining(first.digest());
      assertThat(home().resolve("models/pump/model.yaml")).hasContent("name: pump");
      host.uninstall("m", ONE);
      assertThat(host.install(other).state()).isEqualTo(PluginState.INSTALLED);
    }
  }

  @Test
  void aPluginIsThereAfterARestart() throws IOException {
    String digest;
    try (PluginHost host = PluginHost.open(Hosts.options(temp))) {
      digest = host.install(model("name: pump")).digest();
    }
    try (PluginHost host = PluginHost.open(Hosts.options(temp))) {
      assertThat(host.list()).singleElement().extracting(InstalledPlugin::digest).isEqualTo(digest);
    }
  }

  private void failsBecause(String reason) throws IOException {
    Path archive = model("name: pump");
    try (PluginHost host = PluginHost.open(Hosts.options(temp))) {
      InstalledPlugin damaged = host.find("m", ONE).orElseThrow();
      assertThat(damaged.state()).isEqualTo(PluginState.FAILED);
      assertThat(damaged.reason()).contains(reason);
      assertThatThrownBy(() -> host.start("m", ONE))
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(HostError.DAMAGED))
          .hasMessageContaining("install it again");
      assertThat(host.install(archive).state()).isEqualTo(PluginState.INSTALLED);
      assertThat(host.start("m", ONE).state()).isEqualTo(PluginState.STARTED);
    }
  }

  private void installed() throws IOException {
    try (PluginHost host = PluginHost.open(Hosts.options(temp))) {
      host.install(model("name: pump"));
    }
  }

  @Test
  void aChangedFileIsFoundAndMendedByInstalling() throws IOException {
    installed();
    Files.write(home().resolve("models/pump/model.onnx"), new byte[99_999]);
    failsBecause("models/pump/model.onnx was changed");
  }

  @Test
  void aFlippedBitIsFound() throws IOException {
    installed();
    byte[] bytes = new byte[100_000];
    bytes[77] = 1;
    Files.write(home().resolve("models/pump/model.onnx"), bytes);
    failsBecause("models/pump/model.onnx was changed");
  }

  @Test
  void aMissingFileIsFound() throws IOException {
    installed();
    Files.delete(home().resolve("models/pump/model.onnx"));
    failsBecause("models/pump/model.onnx is missing");
  }

  @Test
  void anAddedFileIsFound() throws IOException {
    installed();
    Files.createDirectory(home().resolve("lib"));
    Files.write(home().resolve("lib/evil.jar"), new byte[0]);
    failsBecause("lib/evil.jar was added");
  }

  @Test
  void aLinkIsFound() throws IOException {
    installed();
    Files.createSymbolicLink(home().resolve("link"), temp);
    failsBecause("link is no regular file");
  }

  @Test
  void aMissingLabelIsFound() throws IOException {
    installed();
    Files.delete(home().resolve(".madang"));
    failsBecause("label .madang is missing");
  }

  @Test
  void aLabelThatIsCutShortIsFound() throws IOException {
    installed();
    String label = Files.readString(home().resolve(".madang"));
    Files.writeString(home().resolve(".madang"), label.substring(0, label.length() / 2));
    failsBecause(".madang is cut short");
  }

  @Test
  void damageWhileTheHostRunsIsFoundAtTheStart() throws IOException {
    Path archive = model("name: pump");
    try (PluginHost host = PluginHost.open(Hosts.options(temp))) {
      host.install(archive);
      Files.writeString(home().resolve("models/pump/model.yaml"), "name: evil");
      assertThatThrownBy(() -> host.start("m", ONE)).hasMessageContaining("model.yaml was changed");
      assertThat(host.find("m", ONE).orElseThrow().state()).isEqualTo(PluginState.FAILED);
    }
  }

  @Test
  void aFolderOfAnotherNameIsShownAsFailed() throws IOException {
    installed();
    Files.move(home(), temp.resolve("plugins/other@2.0.0"));
    Files.createDirectories(temp.resolve("plugins/junk"));
    try (PluginHost host = PluginHost.open(Hosts.options(temp))) {
      assertThat(host.list())
          .extracting(plugin -> plugin.ref() + " " + plugin.state() + " " + plugin.reason())
          .satisfiesExactly(
              junk -> assertThat(junk).startsWith("junk@unknown FAILED").contains("missing"),
              moved -> assertThat(moved).startsWith("other@2.0.0 FAILED").contains("m@1.0.0"));
      host.uninstall("junk", "unknown");
      assertThat(temp.resolve("plugins/junk")).doesNotExist();
    }
  }

  @Test
  void whatAnInterruptedInstallLeftIsCleared() throws IOException {
    Path left = temp.resolve("plugins/.staging/install-1/unpacked/lib");
    Files.createDirectories(left);
    Files.write(left.resolve("half.jar"), new byte[10]);
    Path outside = Files.write(temp.resolve("outside"), new byte[1]);
    Files.createSymbolicLink(left.resolve("link"), outside);
    try (PluginHost host = PluginHost.open(Hosts.options(temp))) {
      assertThat(host.list()).isEmpty();
      assertThat(temp.resolve("plugins/.staging")).isEmptyDirectory();
      assertThat(outside).exists();
    }
  }

  /** The main class of the JVM that is killed: installs and uninstalls for ever. */
  static final class Restless {
    private Restless() {}

    public static void main(String[] arguments) throws IOException {
      try (PluginHost host = PluginHost.open(Hosts.options(Path.of(arguments[0])))) {
        while (true) {
          host.install(Path.of(arguments[1]));
          Files.writeString(Path.of(arguments[0], "running"), "");
          host.uninstall("m", ONE);
        }
      }
    }
  }

  @Test
  void aKillAtAnyMomentLeavesAllOrNothing() throws Exception {
    Path archive = model("name: pump");
    Random random = new Random(3);
    for (int round = 0; round < 4; round++) {
      Process process =
          new ProcessBuilder(
                  List.of(
                      Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                      "-XX:TieredStopAtLevel=1",
                      "-cp",
                      System.getProperty("java.class.path"),
                      Restless.class.getName(),
                      temp.toString(),
                      archive.toString()))
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      Path running = temp.resolve("running");
      Await.until("it installs", () -> Files.deleteIfExists(running));
      process.waitFor(random.nextInt(60), TimeUnit.MILLISECONDS);
      process.destroyForcibly().waitFor();
      try (PluginHost host = PluginHost.open(Hosts.options(temp))) {
        assertThat(host.list()).allMatch(plugin -> plugin.state() == PluginState.INSTALLED);
        assertThat(Folders.children(temp.resolve("plugins")).size()).isLessThanOrEqualTo(2);
        assertThat(temp.resolve("plugins/.staging")).isEmptyDirectory();
      }
    }
  }
}
