package kr.madang.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MountTest {
  private static final String MACHINE =
      """
      22 27 0:21 / /proc rw,relatime - proc proc rw
      27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
      30 27 0:30 / /srv rw,nosuid shared:7 master:1 propagate_from:2 - nfs4 10.0.0.5:/export/a\\040b rw,vers=4.2
      31 27 8:1 / /srv/disk rw - xfs /dev/sda1 rw,attr2
      32 27 0:33 / /mnt/two\\040words\\134x rw shared:9 - tmpfs tmpfs rw,size=1k
      33 27 8:17 /sub/dir /srv2 rw - btrfs /dev/sdb1 rw,subvol=/sub
      34 27 0:40 / /over rw - ext4 /dev/vdb rw
      35 34 0:41 / /over rw - overlay overlay rw,lowerdir=/l,upperdir=/u
      """;

  @Test
  void theLongestMountPointAboveAPathIsTaken() {
    assertThat(type("/home/x")).isEqualTo("ext4");
    assertThat(type("/srv")).isEqualTo("nfs4");
    assertThat(type("/srv/a/b")).isEqualTo("nfs4");
    assertThat(type("/srv/disk/home")).isEqualTo("xfs");
  }

  @Test
  void aNameThatOnlyBeginsAlikeIsNotBelow() {
    assertThat(type("/srv2/home")).isEqualTo("btrfs");
    assertThat(type("/srv3/home")).isEqualTo("ext4");
    assertThat(type("/srv/diskette")).isEqualTo("nfs4");
  }

  @Test
  void theLastOfTwoOnOnePointHidesTheOther() {
    assertThat(type("/over/home")).isEqualTo("overlay");
  }

  @Test
  void escapesAndOptionalFieldsAreUnderstood() {
    assertThat(type("/mnt/two words\\x/home")).isEqualTo("tmpfs");
    Mount nfs = Mount.find(MACHINE, Path.of("/srv/x")).orElseThrow();
    assertThat(nfs.device()).isEqualTo("10.0.0.5:/export/a b");
    assertThat(nfs.options()).containsExactly("rw", "nosuid", "vers=4.2");
  }

  @Test
  void linesThatAreNoneAreLeftOut() {
    String table = "\n\nnonsense\n1 2 3 - ext4\n27 1 254:0 / / rw - ext4 /dev/vda\n";
    assertThat(Mount.find(table, Path.of("/x")).orElseThrow().type()).isEqualTo("ext4");
    assertThat(Mount.find("", Path.of("/x"))).isEmpty();
  }

  @Test
  void namesBeyondAsciiStayWhatTheyAre() {
    String table = "27 1 254:0 / /마당\\040집 rw - ext4 /dev/vda rw";
    assertThat(Mount.find(table, Path.of("/마당 집/home"))).isPresent();
  }

  @Test
  void whatLiesUnderARealFolderIsFoundThoughItIsNotThereYet(@TempDir Path folder)
      throws IOException {
    Mount there = Mount.under(folder);
    assertThat(there.type()).isNotEmpty();
    assertThat(Mount.under(folder.resolve("not/there/yet"))).isEqualTo(there);
  }

  private static String type(String path) {
    return Mount.find(MACHINE, Path.of(path)).orElseThrow().type();
  }
}
