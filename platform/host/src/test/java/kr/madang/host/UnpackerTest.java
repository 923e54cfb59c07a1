package kr.madang.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import kr.madang.sdk.error.PluginException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class UnpackerTest {
  private static final ArchiveLimits SMALL = new ArchiveLimits(1 << 20, 20, 10_000, 8_000, 60, 4);

  @TempDir private Path temp;
  private Path target;

  @BeforeEach
  void target() throws IOException {
    target = Files.createDirectories(temp.resolve("box/target"));
  }

  @Test
  void anHonestArchiveUnpacksToWhatItHolds() throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("a.txt", Jars.utf8("a"));
    entries.put("b/c/d.txt", Jars.utf8("deep"));
    entries.put("b/", new byte[0]);
    entries.put("empty", new byte[0]);
    entries.put("단어.txt", Jars.utf8("말"));
    Unpacker.unpack(Files.write(temp.resolve("a.zip"), Jars.zip(entries)), target, SMALL);
    assertThat(target.resolve("a.txt")).hasContent("a");
    assertThat(target.resolve("b/c/d.txt")).hasContent("deep");
    assertThat(target.resolve("empty")).isEmptyFile();
    assertThat(target.resolve("단어.txt")).hasContent("말");
    assertThat(Folders.files(target)).hasSize(4);
  }

  @Test
  void storedEntriesUnpackToo() throws IOException {
    Path zip = new RawZip().add(entry("s", "stored").method(0)).write(temp.resolve("a.zip"));
    Unpacker.unpack(zip, target, SMALL);
    assertThat(target.resolve("s")).hasContent("stored");
  }

  static Stream<Arguments> hostile() {
    return Stream.of(
        bad("zip slip", new RawZip().add("../evil", "x"), "leads out"),
        bad("slip inside", new RawZip().add("a/../../evil", "x"), "leads out"),
        bad("sibling of the target", new RawZip().add("../target-evil/x", "x"), "leads out"),
        bad("absolute", new RawZip().add("/etc/passwd", "x"), "plain form"),
        bad("empty part", new RawZip().add("a//b", "x"), "plain form"),
        bad("dot part", new RawZip().add("./a", "x"), "plain form"),
        bad("empty name", new RawZip().add("", "x"), "plain form"),
        bad("backslash", new RawZip().add("..\\evil", "x"), "character"),
        bad("drive", new RawZip().add("C:evil", "x"), "character"),
        bad("NUL", new RawZip().add("a\0b", "x"), "character"),
        bad("newline", new RawZip().add("a\nb", "x"), "character"),
        bad("trailing dot", new RawZip().add("lib./x", "x"), "dot or a space"),
        bad(
            "no UTF-8",
            new RawZip().add(new RawZip.Entry(new byte[] {-1, -2}, new byte[0])),
            "UTF-8"),
        bad("duplicate", new RawZip().add("a", "1").add("a", "2"), "twice"),
        bad("case clash", new RawZip().add("lib/A", "1").add("LIB/a", "2"), "twice"),
        bad("unicode clash", new RawZip().add("\u00e9", "1").add("e\u0301", "2"), "twice"),
        bad("file as folder", new RawZip().add("a", "1").add("a/b", "2"), "is a file"),
        bad("folder as file", new RawZip().add("a/b", "1").add("a", "2"), "twice"),
        bad("symbolic link", new RawZip().add(entry("l", "/etc/passwd").mode(0120777)), "link"),
        bad("device", new RawZip().add(entry("d", "").mode(0020666)), "device"),
        bad("folder that is a file", new RawZip().add(entry("d/", "").mode(0100644)), "device"),
        bad("too deep", new RawZip().add("a/b/c/d/e", "x"), "deeper than 4"),
        bad("too long", new RawZip().add("a".repeat(61), "x"), "longer than 60"),
        bad("too large an entry", new RawZip().add("a", "x".repeat(8_001)), "at most 8000"),
        bad("too large in all", large(), "at most 10000"),
        bad("too many entries", many(), "at most 20"),
        bad(
            "more than it states",
            new RawZip().add(entry("a", "x".repeat(5000)).size(10)),
            "states"),
        bad("less than it states", new RawZip().add(entry("a", "x").size(5000)), "states"),
        bad("wrong checksum", new RawZip().add(entry("a", "x").crc(1)), "checksum"),
        bad("encrypted", new RawZip().add(entry("a", "x").flags(1)), "encrypted"),
        bad("other method", new RawZip().add(entry("a", "x").method(12)), "method 12"),
        bad("other local name", new RawZip().add(entry("a", "x").localName("b")), "contradicts"),
        bad("overlap", overlapping(), "overlaps"),
        bad("same header twice", new RawZip().add("a", "x").add(entry("a", "x").at(0)), "twice"),
        bad("fewer than stated", new RawZip().add("a", "x").statesEntries(2), "fewer entries"),
        bad(
            "more than stated",
            new RawZip().add("a", "x").add("b", "x").statesEntries(1),
            "more entries"),
        bad("zip64", new RawZip().add(entry("a", "x").size(0xFFFFFFFFL)), "zip64"),
        bad("the host's own file", new RawZip().add(".Madang", "x"), "keeps for itself"));
  }

  private static Arguments bad(String name, RawZip zip, String reason) {
    return Arguments.of(name, zip.bytes(), reason);
  }

  private static RawZip.Entry entry(String name, String content) {
    return new RawZip.Entry(Jars.utf8(name), Jars.utf8(content));
  }

  /** The header of {@code b} lies in the content of {@code a}. */
  private static RawZip overlapping() {
    byte[] inner = new RawZip().add(entry("b", "x").method(0)).bytes();
    byte[] header = Arrays.copyOf(inner, 32);
    return new RawZip()
        .add(new RawZip.Entry(Jars.utf8("a"), header).method(0))
        .add(entry("b", "x").method(0).at(31));
  }

  private static RawZip large() {
    return new RawZip().add("a", "x".repeat(6_000)).add("b", "x".repeat(6_000));
  }

  private static RawZip many() {
    RawZip zip = new RawZip();
    for (int i = 0; i < 21; i++) {
      zip.add("f" + i, "");
    }
    return zip;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("hostile")
  void aHostileArchiveIsRefusedAndWritesNothingOutside(String name, byte[] bytes, String reason)
      throws IOException {
    Path zip = Files.write(temp.resolve("a.zip"), bytes);
    assertThatThrownBy(() -> Unpacker.unpack(zip, target, SMALL))
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code()).isEqualTo(HostError.PLUGIN_REFUSED))
        .hasMessageContaining(reason);
    assertThat(Folders.files(temp.resolve("box"))).allMatch(file -> file.startsWith(target));
    assertThat(Folders.children(temp)).hasSize(2);
  }

  @Test
  void aBombIsRefusedBeforeAnythingIsWritten() throws IOException {
    Path zip = new RawZip().add("ok", "x").add("b", "0".repeat(9_000)).write(temp.resolve("a.zip"));
    assertThatThrownBy(() -> Unpacker.unpack(zip, target, SMALL))
        .isInstanceOf(PluginException.class);
    assertThat(target).isEmptyDirectory();
  }

  @Test
  void everyShorterFileIsRefused() throws IOException {
    byte[] whole = new RawZip().add("a", "content").add("b/c", "more").bytes();
    Path zip = temp.resolve("a.zip");
    for (int length = 0; length < whole.length; length++) {
      Files.write(zip, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Unpacker.unpack(zip, target, SMALL))
          .isInstanceOf(PluginException.class);
    }
    assertThat(target).isEmptyDirectory();
  }

  @Test
  void aMutatedArchiveIsRefusedOrUnpackedButNeverMore() throws IOException {
    byte[] whole =
        new RawZip().add("a", "content of a").add("b/c", "x".repeat(3000)).add("d/", "").bytes();
    Random random = new Random(7);
    Path zip = temp.resolve("a.zip");
    int refused = 0;
    for (int round = 0; round < 500; round++) {
      byte[] mutated = whole.clone();
      for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
        mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
      }
      Files.write(zip, mutated);
      Path to = Files.createDirectory(target.resolve("r" + round));
      try {
        Unpacker.unpack(zip, to, SMALL);
      } catch (PluginException e) {
        refused++;
      }
      Folders.delete(to);
      assertThat(target).isEmptyDirectory();
    }
    assertThat(refused).isBetween(200, 500);
  }
}
