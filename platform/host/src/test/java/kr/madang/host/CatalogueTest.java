package kr.madang.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogueTest {
  private static final String ONE = "1.0.0";

  @TempDir private Path temp;
  private Path catalogue;

  @BeforeEach
  void catalogue() throws IOException {
    catalogue = Files.createDirectories(temp.resolve("catalogue"));
  }

  private PluginHost open() throws IOException {
    return PluginHost.open(Hosts.withCatalogue(Hosts.trusting(temp), catalogue));
  }

  private static PluginZip plugin(String answer) {
    return PluginZip.withSource(
        "p", ONE, "static Object answer(String q) { return \"%s\"; }".formatted(answer));
  }

  @Test
  void anUnpackedPluginIsLoadedWhenItIsFirstUsed() throws IOException {
    plugin("catalogue").unpacked(catalogue.resolve("p"));
    try (PluginHost host = open()) {
      InstalledPlugin listed = host.find("p", ONE).orElseThrow();
      assertThat(listed.state()).isEqualTo(PluginState.INSTALLED);
      assertThat(listed.from()).isEqualTo(PluginOrigin.CATALOGUE);
      assertThat(listed.described()).isFalse();
      try (Lease lease = host.use(listed.ref())) {
        assertThat(lease).isNotNull();
        assertThat(Hosts.ask(host, "p", ONE, "")).isEqualTo("catalogue");
        assertThat(host.find("p", ONE).orElseThrow().sources()).containsExactly("asked");
      }
    }
  }

  @Test
  void aDescribedPluginIsKnownBeforeItIsLoaded() throws IOException {
    Path folder = plugin("catalogue").unpacked(catalogue.resolve("p"));
    Describe.describe(folder);
    String label = Files.readString(folder.resolve(".madang"));
    Describe.describe(folder);
    assertThat(folder.resolve(".madang")).hasContent(label);
    try (PluginHost host = open()) {
      InstalledPlugin listed = host.find("p", ONE).orElseThrow();
      assertThat(listed.described()).isTrue();
      assertThat(listed.sources()).containsExactly("asked");
      assertThat(listed.digest()).hasSize(64);
      assertThat(host.sources("p", ONE)).isEmpty();
    }
  }

  @Test
  void anArchiveIsUnpackedOnceAndForgottenWithIt() throws IOException {
    Path archive = plugin("zipped").zip(catalogue);
    Path unpacked;
    try (PluginHost host = open()) {
      unpacked = host.find("p", ONE).orElseThrow().home();
      assertThat(unpacked.startsWith(temp.resolve("plugins/.catalogue"))).isTrue();
      host.start("p", ONE);
      assertThat(Hosts.ask(host, "p", ONE, "")).isEqualTo("zipped");
    }
    Object before = Files.getLastModifiedTime(unpacked);
    try (PluginHost host = open()) {
      assertThat(host.list()).hasSize(1);
      assertThat(Files.getLastModifiedTime(unpacked)).isEqualTo(before);
    }
    Files.delete(archive);
    try (PluginHost host = open()) {
      assertThat(host.list()).isEmpty();
      assertThat(unpacked).doesNotExist();
    }
  }

  @Test
  void anInstalledPluginWinsUntilItIsUninstalled() throws IOException {
    plugin("catalogue").unpacked(catalogue.resolve("p"));
    Path archive = plugin("installed").zip(temp);
    try (PluginHost host = open()) {
      host.start("p", ONE);
      assertThat(host.install(archive).from()).isEqualTo(PluginOrigin.INSTALLED);
      host.start("p", ONE);
      assertThat(Hosts.ask(host, "p", ONE, "")).isEqualTo("installed");
    }
    try (PluginHost host = open()) {
      host.start("p", ONE);
      assertThat(Hosts.ask(host, "p", ONE, "")).isEqualTo("installed");
      host.uninstall("p", ONE);
      host.start("p", ONE);
      assertThat(Hosts.ask(host, "p", ONE, "")).isEqualTo("catalogue");
      Assertions.assertThatThrownBy(() -> host.uninstall("p", ONE))
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.REFUSED));
    }
  }

  @Test
  void aBrokenEntryHidesNoOther() throws IOException {
    Files.write(catalogue.resolve("a.zip"), new byte[10]);
    Files.createDirectories(catalogue.resolve("b"));
    Files.writeString(catalogue.resolve("b/plugin.properties"), "plugin.id=");
    Files.writeString(catalogue.resolve("README.md"), "hi");
    plugin("catalogue").unpacked(catalogue.resolve("p"));
    try (PluginHost host = open()) {
      assertThat(host.list()).hasSize(1);
    }
  }
}
