package kr.madang.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import kr.madang.sdk.error.PluginException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BadPackagingTest {
  private static final String SOURCES =
      "public List<SourceFactory<?>> sources() { return List.of(new Asked()); }\n";

  @TempDir private static Path temp;
  private static PluginHost host;

  @BeforeAll
  static void open() throws IOException {
    host = PluginHost.open(Hosts.options(temp));
  }

  @AfterAll
  static void close() {
    host.close();
  }

  private static PluginZip good() {
    return PluginZip.of("p", "1.0.0").file("models/m/model.yaml", Jars.utf8("name: m"));
  }

  private static PluginZip body(String body) {
    return PluginZip.withBody("p", "1.0.0", body);
  }

  static Stream<Arguments> refusedBeforeAnyCodeRuns() {
    return Stream.of(
        bad(
            "no descriptor",
            good().silent("plugin.id").silent("plugin.version").silent("plugin.requires"),
            "plugin.properties is missing"),
        bad(
            "descriptor in a folder",
            good()
                .silent("plugin.id")
                .silent("plugin.version")
                .silent("plugin.requires")
                .file("p/plugin.properties", Jars.utf8("plugin.id=p")),
            "at the root"),
        bad(
            "descriptor that is no text",
            good()
                .silent("plugin.id")
                .silent("plugin.version")
                .silent("plugin.requires")
                .file("plugin.properties", Jars.utf8("a=\\u00zz")),
            "cannot be read"),
        bad("no id", good().silent("plugin.id"), "plugin.id is missing"),
        bad("no version", good().silent("plugin.version"), "plugin.version is missing"),
        bad("id in capitals", good().says("plugin.id", "MyPlugin"), "plugin.id is 'MyPlugin'"),
        bad("id that climbs", good().says("plugin.id", "../p"), "plugin.id is '../p'"),
        bad(
            "version that is none",
            good().says("plugin.version", "latest"),
            "plugin.version is 'latest'; expected a semantic version"),
        bad(
            "SDK too new",
            good().says("plugin.requires", ">=9.0.0"),
            "requires SDK >=9.0.0, this runtime has 0.1.0"),
        bad(
            "SDK range that is none",
            good().says("plugin.requires", "about 1"),
            "plugin.requires is 'about 1'; expected a range"),
        bad(
            "dependencies",
            good().says("plugin.dependencies", "other"),
            "plugin.dependencies is not supported"),
        bad(
            "nothing in it",
            PluginZip.of("p", "1.0.0").file("README.md", Jars.utf8("hi")),
            "neither code nor a model"),
        bad(
            "a jar that is none",
            good().file("lib/x.jar", Jars.utf8("not a jar")),
            "lib/x.jar is no jar"),
        bad(
            "the SDK bundled",
            good().inJar("kr/madang/sdk/Plugin.class", new byte[0]),
            "bundles kr.madang.sdk.Plugin"),
        bad(
            "Arrow bundled",
            good().inJar("org/apache/arrow/vector/IntVector.class", new byte[0]),
            "bundles org.apache.arrow.vector.IntVector"),
        bad(
            "slf4j bundled",
            good().inJar("META-INF/versions/9/org/slf4j/Logger.class", new byte[0]),
            "bundles org.slf4j.Logger"),
        bad(
            "ONNX Runtime bundled",
            good().inJar("ai/onnxruntime/OrtSession.class", new byte[0]),
            "bundles ai.onnxruntime.OrtSession"));
  }

  static Stream<Arguments> refusedByTheProbe() {
    return Stream.of(
        bad(
            "throws when constructed",
            body("public Entry() { throw new IllegalStateException(\"no licence\"); }"),
            "no licence"),
        bad(
            "throws in its static part",
            body("static final int N = Integer.parseInt(\"x\");"),
            "For input string: \"x\""),
        bad(
            "exits when constructed",
            body("public Entry() { System.err.println(\"bye now\"); System.exit(0); }"),
            "ended it with status 0; a plugin must never exit"),
        bad(
            "halts when constructed",
            body("public Entry() { Runtime.getRuntime().halt(42); }"),
            "ended it with status 42"),
        bad(
            "crashes the JVM",
            body(
                "public Entry() throws Exception { var f = Class.forName(\"sun.misc.Unsafe\").getDeclaredField(\"theUnsafe\"); f.setAccessible(true); ((sun.misc.Unsafe) f.get(null)).putAddress(0, 1); }"),
            "constructed in a JVM of its own"),
        bad(
            "lacks a class",
            body("static class Lib {} Object lib = new Lib();").without("fixture/Entry$Lib.class"),
            "needs class fixture.Entry$Lib, which is neither in lib/"),
        bad("offers nothing", body(""), "offers nothing"));
  }

  static Stream<Arguments> refusedWhenListed() {
    return Stream.of(
        bad(
            "names an entry that is not there",
            good().inJar("x", new byte[0]).entry("fixture.Nowhere"),
            "fixture.Nowhere"),
        bad(
            "names an entry that is no plugin",
            good().entry("fixture.Other").code("package fixture; public class Other {}"),
            "fixture.Other"),
        bad(
            "names two entries",
            body(SOURCES)
                .entry("fixture.Second")
                .code("package fixture; public class Second implements kr.madang.sdk.Plugin {}"),
            "names 2 entries"),
        bad(
            "a list that is null",
            body("public List<SinkFactory<?>> sinks() { return null; }"),
            "sinks() gave null"),
        bad(
            "a name that is none",
            body(
                "public List<SourceFactory<?>> sources() { return List.of(new Asked() { public String name() { return \"My Source\"; } }); }"),
            "a source is named 'My Source'"),
        bad(
            "two of one name",
            body(
                "public List<SourceFactory<?>> sources() { return List.of(new Asked(), new Asked()); }"),
            "two sources are named 'asked'"),
        bad(
            "a config that is no record",
            body(
                "@SuppressWarnings(\"unchecked\") public List<SourceFactory<?>> sources() { return List.of(new Asked() { public Class<Config> config() { return (Class<Config>) (Class<?>) String.class; } }); }"),
            "java.lang.String; expected a record"));
  }

  private static Arguments bad(String name, PluginZip zip, String reason) {
    return Arguments.of(name, zip, reason);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource({"refusedBeforeAnyCodeRuns", "refusedByTheProbe"})
  void aBadPluginIsRefusedWithTheReasonAndLeavesNothing(String name, PluginZip zip, String reason)
      throws IOException {
    Path archive = zip.zip(temp.resolve("archives"));
    assertThatThrownBy(() -> host.install(archive))
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code()).isEqualTo(HostError.PLUGIN_REFUSED))
        .hasMessageContaining(reason);
    assertThat(host.list()).isEmpty();
    assertThat(Folders.children(temp.resolve("plugins"))).hasSize(1);
    assertThat(temp.resolve("plugins/.staging")).isEmptyDirectory();
  }

  @Test
  void aPluginThatHangsIsRefused() throws IOException {
    Path archive =
        body("public Entry() throws Exception { new CountDownLatch(1).await(); }")
            .zip(temp.resolve("archives"));
    Duration second = Duration.ofSeconds(1);
    try (PluginHost hasty =
        PluginHost.open(
            Hosts.options(temp.resolve("hasty")).withTimeouts(second, second, second))) {
      assertThatThrownBy(() -> hasty.install(archive))
          .hasMessageContaining("constructing plugin p@1.0.0 did not return within 1 s");
      assertThat(hasty.list()).isEmpty();
    }
  }

  /** What the child JVM does, done here: it takes a hundredth of the time. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedWhenListed")
  void aPluginThatDeclaresNonsenseIsRefused(String name, PluginZip zip, String reason)
      throws IOException {
    Path folder = zip.unpacked(Files.createTempDirectory(temp, "listed"));
    assertThatThrownBy(() -> Running.probe(folder, Descriptor.read(folder), Duration.ofSeconds(30)))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void anArchiveLargerThanAllowedIsRefused() throws IOException {
    Path archive = good().file("big", new byte[10_000]).zip(temp.resolve("archives"));
    try (PluginHost small =
        PluginHost.open(
            Hosts.options(temp.resolve("small"))
                .withLimits(new ArchiveLimits(100, 10, 1000, 1000, 100, 5)))) {
      assertThatThrownBy(() -> small.install(archive))
          .hasMessageContaining("larger than 100 bytes");
    }
  }

  @Test
  void anArchiveThatIsNotThereIsNotFound() {
    assertThatThrownBy(() -> host.install(temp.resolve("nowhere.zip")))
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code().name()).isEqualTo("NOT_FOUND"))
        .hasMessageContaining("nowhere.zip");
    assertThat(Files.exists(temp.resolve("nowhere.zip"))).isFalse();
  }

  @Test
  void aJvmThatDoesNotStartRefusesInstallsButNothingElse() throws IOException {
    Path archive = body(SOURCES).zip(temp.resolve("archives"));
    try (PluginHost lame =
        PluginHost.open(
            Hosts.options(temp.resolve("lame"))
                .withProbe(new ProbeJvm(temp.resolve("no-java"), List.of())))) {
      assertThatThrownBy(() -> lame.install(archive)).hasMessageContaining("cannot be started");
      assertThat(lame.list()).isEmpty();
    }
  }
}
