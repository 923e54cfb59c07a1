package kr.madang.journal.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class SimDiskTest extends DiskContract {
  private static final Path HOME = Path.of("/home");
  private static final Path F = HOME.resolve("f");

  @Override
  Disk disk() {
    return new SimDisk();
  }

  /** A file as it should be, and what each byte was since it was forced. */
  private static final class Model {
    byte[] now = new byte[0];
    int forced;
    final Map<Integer, Set<Byte>> open = new HashMap<>();
    final DiskFile file;

    Model(DiskFile file) {
      this.file = file;
    }

    void write(byte[] what, int at) throws IOException {
      file.write(List.of(ByteBuffer.wrap(what)), at);
      int end = Math.max(now.length, at + what.length);
      byte[] before = Arrays.copyOf(now, end);
      now = before.clone();
      System.arraycopy(what, 0, now, at, what.length);
      for (int i = at; i < at + what.length; i++) {
        open.computeIfAbsent(i, any -> new HashSet<>()).add(before[i]);
        open.computeIfAbsent(i, any -> new HashSet<>()).add(now[i]);
      }
    }

    void force() throws IOException {
      file.force();
      open.clear();
      forced = now.length;
    }

    void holds(byte @Nullable [] left) {
      assertThat(left).isNotNull();
      assertThat(left.length).isBetween(forced, now.length);
      for (int i = 0; i < forced; i++) {
        if (open.containsKey(i)) {
          assertThat(open.get(i)).contains(left[i]);
        } else {
          assertThat(left[i]).as("byte %d", i).isEqualTo(now[i]);
        }
      }
    }
  }

  @Property(tries = 300)
  void whatWasForcedSurvivesEveryPowerCutAndWhatWasWrittenEveryCrash(@ForAll long seed)
      throws IOException {
    Random random = new Random(seed);
    SimDisk disk = new SimDisk();
    disk.makeFolder(HOME);
    Map<Path, Model> files = new HashMap<>();
    for (int i = 0; i < 3; i++) {
      Path path = HOME.resolve("f" + i);
      files.put(path, new Model(disk.create(path)));
    }
    disk.forceFolder(HOME);
    for (int step = random.nextInt(60); step > 0; step--) {
      Model model = files.get(HOME.resolve("f" + random.nextInt(3)));
      if (random.nextInt(4) == 0) {
        model.force();
      } else {
        byte[] what = new byte[1 + random.nextInt(4_000)];
        random.nextBytes(what);
        model.write(what, random.nextInt(model.now.length + 600));
      }
    }
    SimDisk crashed = disk.crash();
    files.forEach((path, model) -> assertThat(crashed.files().get(path)).isEqualTo(model.now));
    for (int cut = 0; cut < 5; cut++) {
      Map<Path, byte[]> left = disk.powerCut(seed + cut).files();
      files.forEach((path, model) -> model.holds(left.get(path)));
      Map<Path, byte[]> later = crashed.powerCut(seed + cut).files();
      files.forEach((path, model) -> model.holds(later.get(path)));
    }
  }

  @Test
  void whatWasNotForcedIsLostOrKeptOrTorn() throws IOException {
    byte[] old = new byte[2_048];
    byte[] young = new byte[2_048];
    Arrays.fill(young, (byte) 1);
    int lost = 0;
    int kept = 0;
    int torn = 0;
    for (long seed = 0; seed < 300; seed++) {
      SimDisk disk = withFile(old);
      try (DiskFile file = disk.open(F, true)) {
        file.write(List.of(ByteBuffer.wrap(young)), 0);
      }
      byte[] left = disk.powerCut(seed).files().get(F);
      assertThat(left).hasSize(2_048);
      if (Arrays.equals(left, old)) {
        lost++;
      } else if (Arrays.equals(left, young)) {
        kept++;
      } else {
        torn++;
        for (int sector = 0; sector < 4; sector++) {
          byte[] part = Arrays.copyOfRange(left, sector * 512, sector * 512 + 512);
          assertThat(part).containsOnly(part[0]);
        }
      }
    }
    assertThat(lost).isGreaterThan(20);
    assertThat(kept).isGreaterThan(20);
    assertThat(torn).isGreaterThan(100);
  }

  @Test
  void aFileThatGrewMayEndAnywhereAndHoldAnything() throws IOException {
    Set<Integer> lengths = new HashSet<>();
    boolean garbage = false;
    byte[] more = new byte[9_000];
    Arrays.fill(more, (byte) 1);
    for (long seed = 0; seed < 500; seed++) {
      SimDisk disk = withFile(new byte[512]);
      try (DiskFile file = disk.open(F, true)) {
        file.write(List.of(ByteBuffer.wrap(more)), 512);
      }
      byte[] left = disk.powerCut(seed).files().get(F);
      lengths.add(left.length);
      for (byte each : left) {
        garbage |= each != 0 && each != 1;
      }
    }
    assertThat(lengths).contains(512, 9_512, 4_096, 8_192);
    assertThat(garbage).isTrue();
  }

  @Test
  void anUnforcedRenameLeavesTheOldFileOrTheNewOne() throws IOException {
    Set<Integer> seen = new HashSet<>();
    for (long seed = 0; seed < 200; seed++) {
      SimDisk disk = withFile(new byte[] {1});
      Path draft = HOME.resolve("draft");
      try (DiskFile file = disk.create(draft)) {
        file.write(List.of(ByteBuffer.wrap(new byte[] {2})), 0);
        file.force();
      }
      disk.rename(draft, F);
      byte[] left = disk.powerCut(seed).files().get(F);
      assertThat(left).hasSize(1);
      seen.add((int) left[0]);
    }
    assertThat(seen).containsExactlyInAnyOrder(1, 2);
  }

  @Test
  void namesAreAsTheyWereMadeOnceTheirFolderIsForced() throws IOException {
    Set<List<String>> seen = new HashSet<>();
    for (long seed = 0; seed < 200; seed++) {
      SimDisk disk = withFile(new byte[1]);
      disk.delete(F);
      disk.create(HOME.resolve("g")).close();
      disk.create(HOME.resolve("h")).close();
      SimDisk crashed = disk.crash();
      seen.add(crashed.powerCut(seed).list(HOME));
      SimDisk again = disk.crash();
      again.forceFolder(HOME);
      assertThat(again.powerCut(seed).list(HOME)).containsExactly("g", "h");
    }
    assertThat(seen).hasSize(8);
  }

  @Test
  void aForceAfterAFailedOneSavesNothing() throws IOException {
    boolean lost = false;
    for (long seed = 0; seed < 50; seed++) {
      SimDisk disk = withFile(new byte[1]);
      disk.failForce(2, 3);
      try (DiskFile file = disk.open(F, true)) {
        file.write(List.of(ByteBuffer.wrap(new byte[] {1})), 0);
        assertThatThrownBy(file::force).isInstanceOf(IOException.class);
        file.force();
        lost |= disk.crash().powerCut(seed).files().get(F)[0] == 0;
      }
    }
    assertThat(lost).isTrue();
    SimDisk disk = withFile(new byte[1]);
    disk.failForce(2, 3);
    try (DiskFile file = disk.open(F, true)) {
      file.write(List.of(ByteBuffer.wrap(new byte[] {1})), 0);
      assertThatThrownBy(file::force).isInstanceOf(IOException.class);
      file.write(List.of(ByteBuffer.wrap(new byte[] {2})), 0);
      file.force();
    }
    for (long seed = 0; seed < 50; seed++) {
      assertThat(disk.crash().powerCut(seed).files().get(F)).containsExactly(2);
    }
  }

  @Test
  void itStopsWhereItIsTold() throws IOException {
    Map<SimDisk.Moment, Integer> written =
        Map.of(SimDisk.Moment.BEFORE, 1, SimDisk.Moment.HALF, 4, SimDisk.Moment.AFTER, 8);
    written.forEach((moment, length) -> {
      try {
        SimDisk disk = withFile(new byte[1]);
        DiskFile file = disk.open(F, true);
        long next = disk.operations() + 1;
        disk.stopAt(next, moment);
        assertThatThrownBy(() -> file.write(List.of(ByteBuffer.allocate(8)), 0))
            .isInstanceOf(Stopped.class);
        assertThat(disk.stopped()).isTrue();
        assertThatThrownBy(() -> disk.list(HOME)).isInstanceOf(Stopped.class);
        assertThatThrownBy(file::force).isInstanceOf(Stopped.class);
        assertThat(disk.operations()).isEqualTo(next);
        assertThat(disk.crash().files().get(F)).hasSize(length);
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    });
  }

  @Test
  void afterwardsOfADeleteOrForceIsNotBefore() throws IOException {
    SimDisk before = withFile(new byte[1]);
    before.stopAt(before.operations() + 1, SimDisk.Moment.BEFORE);
    assertThatThrownBy(() -> before.delete(F)).isInstanceOf(Stopped.class);
    assertThat(before.crash().files()).containsKey(F);
    SimDisk after = withFile(new byte[1]);
    after.stopAt(after.operations() + 1, SimDisk.Moment.AFTER);
    assertThatThrownBy(() -> after.delete(F)).isInstanceOf(Stopped.class);
    assertThat(after.crash().files()).doesNotContainKey(F);
  }

  @Test
  void aFullDiskTakesWhatFitsAndHeals() throws IOException {
    SimDisk disk = withFile(new byte[10]);
    disk.full(15);
    assertThat(disk.usable(HOME)).isEqualTo(5);
    try (DiskFile file = disk.open(F, true)) {
      assertThatThrownBy(() -> file.write(List.of(ByteBuffer.allocate(20)), 5))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("No space left");
      assertThat(file.size()).isEqualTo(15);
      file.write(List.of(ByteBuffer.allocate(15)), 0);
      assertThatThrownBy(() -> disk.create(HOME.resolve("g"))).isInstanceOf(IOException.class);
      disk.full(100);
      file.write(List.of(ByteBuffer.allocate(20)), 5);
      assertThat(file.size()).isEqualTo(25);
    }
  }

  @Test
  void aFailedWriteIsDoneByHalfAndAFailedReadNotAtAll() throws IOException {
    SimDisk disk = withFile(new byte[10]);
    IOException failure = new IOException("Input/output error");
    disk.failAt(disk.operations() + 1, failure);
    try (DiskFile file = disk.open(F, true)) {
      assertThatThrownBy(() -> file.write(List.of(ByteBuffer.wrap(new byte[] {1, 1, 1, 1})), 0))
          .isSameAs(failure);
      disk.failReads(1);
      ByteBuffer into = ByteBuffer.allocate(4);
      assertThatThrownBy(() -> file.read(into, 0)).isInstanceOf(IOException.class);
      file.read(into, 0);
      assertThat(into.array()).containsExactly(1, 1, 0, 0);
    }
  }

  @Test
  void aWatcherSeesEveryOperationBeforeHalfAndAfter() throws IOException {
    SimDisk disk = withFile(new byte[1]);
    List<String> seen = new ArrayList<>();
    disk.watch((operation, moment) ->
        seen.add(moment + " " + Arrays.toString(disk.copy().files().get(F))));
    try (DiskFile file = disk.open(F, true)) {
      file.write(List.of(ByteBuffer.wrap(new byte[] {1, 2})), 0);
      disk.delete(F);
    }
    assertThat(seen)
        .containsExactly("BEFORE [0]", "HALF [1]", "AFTER [1, 2]", "BEFORE [1, 2]", "AFTER null");
    assertThat(disk.stopped()).isFalse();
  }

  @Test
  void aBitIsTurnedOver() throws IOException {
    SimDisk disk = withFile(new byte[10]);
    disk.flip(F, 17);
    assertThat(disk.files().get(F)).containsExactly(0, 0, 2, 0, 0, 0, 0, 0, 0, 0);
    disk.flip(F, 17);
    assertThat(disk.files().get(F)).containsOnly(0);
    disk.cut(F, 3);
    assertThat(disk.files().get(F)).hasSize(3);
  }

  private static SimDisk withFile(byte[] content) throws IOException {
    SimDisk disk = new SimDisk();
    disk.makeFolder(HOME);
    try (DiskFile file = disk.create(F)) {
      file.write(List.of(ByteBuffer.wrap(content)), 0);
      file.force();
    }
    disk.forceFolder(HOME);
    return disk;
  }
}
