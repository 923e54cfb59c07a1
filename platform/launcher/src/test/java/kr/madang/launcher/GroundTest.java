package kr.madang.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.launcher.Ground.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GroundTest {
  @ParameterizedTest
  @CsvSource({
    "ext4, DISK",
    "xfs, DISK",
    "btrfs, DISK",
    "zfs, DISK",
    "fuseblk, DISK",
    "tmpfs, MEMORY",
    "ramfs, MEMORY",
    "nfs, NETWORK",
    "nfs4, NETWORK",
    "cifs, NETWORK",
    "smb3, NETWORK",
    "9p, NETWORK",
    "ceph, NETWORK",
    "virtiofs, NETWORK",
    "overlay, OVERLAY",
    "aufs, OVERLAY",
    "fuse.fuse-overlayfs, OVERLAY",
    "fuse.sshfs, PROGRAM",
    "fuse.glusterfs, PROGRAM"
  })
  void aFileSystemIsOfAKind(String type, Kind kind) {
    assertThat(ground(type).kind()).isEqualTo(kind);
  }

  @Test
  void whatPromisesNothingIsRefusedAndNamed() {
    assertThat(ground("ext4").refusal()).isEmpty();
    assertThat(ground("tmpfs").refusal()).isEmpty();
    for (String type : List.of("nfs4", "overlay", "fuse.sshfs")) {
      assertThat(ground(type).refusal().orElseThrow()).contains(type).contains("/x");
    }
  }

  @Test
  void memoryAndMountsWithoutBarriersAreWarnedOf() {
    assertThat(ground("ext4").warning()).isEmpty();
    assertThat(ground("tmpfs").warning().orElseThrow()).contains("power cut");
    assertThat(ground("ext4", "rw", "barrier=0").warning().orElseThrow()).contains("barrier=0");
    assertThat(ground("xfs", "nobarrier").warning()).isPresent();
    assertThat(ground("ext4", "barrier=1").warning()).isEmpty();
  }

  @Test
  void aDiskThatTrimsWhatIsDeletedAtOnceIsAdvisedAgainst() {
    assertThat(ground("ext4", "rw", "discard").advice().orElseThrow()).contains("fstrim");
    assertThat(ground("btrfs", "discard=async").advice()).isEmpty();
    assertThat(ground("tmpfs", "discard").advice()).isEmpty();
  }

  @Test
  void aFastDiskIsSuspectedAndMemoryIsNot() {
    SyncProbe quick = new SyncProbe(9_000, 20_000, 1e9);
    assertThat(quick.suspicion(Kind.DISK).orElseThrow()).contains("done before it is");
    assertThat(quick.suspicion(Kind.MEMORY)).isEmpty();
    assertThat(new SyncProbe(400_000, 900_000, 1e8).suspicion(Kind.DISK)).isEmpty();
  }

  @Test
  void medianAndSlowestAreThoseOfAllWrites() {
    long[] took = new long[100];
    for (int i = 0; i < took.length; i++) {
      took[i] = 100 - i;
    }
    SyncProbe probe = SyncProbe.of(took, 2 << 20);
    assertThat(probe.median()).isEqualTo(51);
    assertThat(probe.slow()).isEqualTo(99);
    assertThat(probe.toString()).contains("2 MiB/s");
    assertThat(SyncProbe.of(new long[] {7}, 1).slow()).isEqualTo(7);
  }

  @Test
  void aProbeLeavesNothingBehind(@TempDir Path folder) throws IOException {
    SyncProbe probe = SyncProbe.in(folder);
    assertThat(probe.median()).isPositive();
    assertThat(probe.slow()).isGreaterThanOrEqualTo(probe.median());
    try (var left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void aHomeOnAFileSystemThatPromisesNothingIsRefusedUntilItIsAllowed(@TempDir Path folder) {
    Configuration strict = Layers.read(Optional.empty(), folder, Map.of(), Map.of());
    Configuration lax =
        Layers.read(
            Optional.empty(), folder, Map.of(), Map.of("journal.allowAnyFileSystem", "true"));
    Ground layer = ground("overlay");
    assertThatThrownBy(() -> Platform.allow(strict, folder, layer))
        .hasMessageContaining(folder.toString())
        .hasMessageContaining("overlay")
        .hasMessageContaining("allowAnyFileSystem");
    Platform.allow(lax, folder, layer);
    Platform.allow(strict, folder, ground("tmpfs"));
  }

  private static Ground ground(String type, String... options) {
    return Ground.of(new Mount(Path.of("/x"), type, "device", List.of(options)));
  }
}
