package kr.madang.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import kr.madang.journal.disk.Disk;
import kr.madang.journal.disk.DiskFile;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what is in a journal's folder. With leave to write it also sets aside what is not ours,
 * removes what is not needed, and makes the end of the log safe.
 */
final class Recovery {
  private final Path folder;
  private final Disk disk;
  private final JournalOptions options;
  private final boolean write;
  private final Damages damages;
  private final Window window;
  private final Map<Long, Found> found = new TreeMap<>();

  /** A file that may be a segment. */
  private record Found(long number, Path path, @Nullable SegmentHeader header, long size) {}

  private Recovery(Path folder, JournalOptions options, boolean write) {
    this.folder = folder;
    this.disk = options.disk();
    this.options = options;
    this.write = write;
    this.damages = new Damages(disk, folder, options.clock(), write);
    this.window = new Window(Layout.direct(SegmentScan.WINDOW), Nothing.FILE);
  }

  /**
   * Reads a folder.
   *
   * @param write whether it may be changed; if not, it has to be there
   */
  static Log run(Path folder, JournalOptions options, boolean write) {
    try {
      return new Recovery(folder, options, write).run();
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.EXHAUSTED, "the journal in " + folder + " cannot be opened: " + e, e);
    }
  }

  private Log run() throws IOException {
    if (write) {
      disk.makeFolder(folder);
    }
    List<String> names = disk.list(folder);
    headers(names);
    JournalId id = id(names);
    Log log = new Log(folder, disk, options.clock(), id, options.key(), damages);
    log.nextSegment = found.keySet().stream().reduce(0L, Math::max) + 1;
    setAside(id);
    log.oldest = Oldest.read(disk, folder, damages);
    Rebuild rebuild = new Rebuild(log);
    segments(log, rebuild);
    rebuild.run();
    if (write) {
      clean(log, names);
    }
    return log;
  }

  // identity

  private JournalId id(List<String> names) throws IOException {
    Path file = folder.resolve(JournalId.FILE);
    if (names.contains(JournalId.FILE)) {
      ByteBuffer block = Layout.direct(JournalId.BYTES);
      try (DiskFile in = disk.open(file, false)) {
        in.read(block, 0);
      }
      block.flip();
      int whole = JournalId.whole(block);
      JournalId id = JournalId.decode(block);
      if (whole < 2) {
        damages.found(
            JournalId.FILE,
            0,
            (2 - whole)
                + " of its two copies cannot be read; "
                + (id == null ? "the id is taken from the segments" : "the other one is used"));
      }
      if (id != null) {
        if (id.format() > Layout.FORMAT) {
          throw new PluginException(
              ErrorCode.CONFIG_INVALID,
              file
                  + ": expected a journal of format "
                  + Layout.FORMAT
                  + " or older, got format "
                  + id.format()
                  + "; open it with the newer release that wrote it");
        }
        if (whole < 2 && write) {
          save(id);
        }
        return id;
      }
    }
    return madeId(names);
  }

  private JournalId madeId(List<String> names) throws IOException {
    Optional<SegmentHeader> known =
        found.values().stream().flatMap(segment -> Stream.ofNullable(segment.header())).findFirst();
    if (known.isEmpty() && !write) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          folder + " is no journal: expected a file " + JournalId.FILE + " or segments in it");
    }
    if (known.isPresent() && !names.contains(JournalId.FILE)) {
      damages.found(JournalId.FILE, 0, "it is missing; the id is taken from the segments");
    }
    long now = options.clock().instant().getEpochSecond();
    JournalId id =
        new JournalId(
            Layout.FORMAT, known.map(SegmentHeader::journal).orElseGet(UUID::randomUUID), now);
    if (write) {
      save(id);
    }
    return id;
  }

  private void save(JournalId id) throws IOException {
    Atomic.write(disk, folder, JournalId.FILE, List.of(id.encode()));
  }

  // segments

  private void headers(List<String> names) throws IOException {
    ByteBuffer block = Layout.direct(Layout.FIRST);
    for (String name : names) {
      long number = Segment.number(name);
      if (number < 0) {
        continue;
      }
      Path path = folder.resolve(name);
      try (DiskFile file = disk.open(path, false)) {
        block.clear();
        file.read(block, 0);
        block.flip();
        found.put(number, new Found(number, path, SegmentHeader.decode(block), file.size()));
      } catch (NoSuchFileException e) {
        // a running journal has deleted it
      }
    }
  }

  private void setAside(JournalId id) throws IOException {
    boolean moved = false;
    for (Found segment : List.copyOf(found.values())) {
      SegmentHeader header = segment.header();
      String name = String.valueOf(segment.path().getFileName());
      if (header == null) {
        damages.found(name, 0, "neither copy of its header can be read; its records are used");
        continue;
      }
      if (header.damagedCopies() > 0) {
        damages.found(name, 0, "one copy of its header cannot be read; the other one is used");
      }
      key(header, name);
      String why = null;
      if (!header.journal().equals(id.id())) {
        why = "it belongs to another journal: expected id " + id.id() + ", got " + header.journal();
      } else if (header.format() > Layout.FORMAT) {
        why =
            "it is of a newer format: expected "
                + Layout.FORMAT
                + " or older, got "
                + header.format();
      } else if (header.number() != segment.number()) {
        why = "it was given another name: expected " + Segment.name(header.number());
      }
      if (why == null) {
        continue;
      }
      found.remove(segment.number());
      if (write) {
        Path to = folder.resolve(Damages.FOLDER);
        disk.makeFolder(to);
        disk.rename(segment.path(), to.resolve(free(to, name)));
        moved = true;
        why += "; it was moved to " + Damages.FOLDER + "/";
      }
      damages.found(name, 0, why);
    }
    if (moved) {
      disk.forceFolder(folder.resolve(Damages.FOLDER));
      disk.forceFolder(folder);
    }
  }

  private void key(SegmentHeader header, String name) {
    if (header.keyCheck() != 0
        && header.format() <= Layout.FORMAT
        && new Seal(false, options.key(), header.life()).check() != header.keyCheck()) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          folder.resolve(name)
              + " is encrypted with another key: expected the key that it was written with, got "
              + (options.key().isEmpty() ? "none" : "another one"));
    }
  }

  private String free(Path in, String name) throws IOException {
    List<String> taken = disk.list(in);
    String free = name;
    for (int i = 1; taken.contains(free); i++) {
      free = name + "." + i;
    }
    return free;
  }

  private void segments(Log log, Rebuild rebuild) throws IOException {
    List<Found> all = new ArrayList<>(found.values());
    Witness witness = Witness.read(disk, folder, damages, log.id);
    SegmentIndex before = null;
    SegmentHeader beforeHeader = null;
    for (int i = 0; i < all.size(); i++) {
      Found segment = all.get(i);
      Found next = i + 1 < all.size() ? all.get(i + 1) : null;
      long claimed = claimed(all, i);
      if (i == 0 && next != null) {
        opening(log.id.seed(), segment, claimed, null);
      }
      SegmentIndex index =
          claimed >= 0 && next != null
              ? opening(log.id.seed(), next, claimed(all, i + 1), segment)
              : null;
      SegmentHeader ownHeader = segment.header();
      boolean hollow = ownHeader != null && ownHeader.hollow();
      long freed = 0;
      if (index != null && ownHeader != null && hollow) {
        HollowCopy.Told told = told(log.id.seed(), segment, ownHeader, claimed);
        index = told == null ? null : told.index();
        freed = told == null ? 0 : told.freed();
      }
      if (index == null) {
        SegmentIndex start = inherit(before, beforeHeader, segment.header());
        boolean last = next == null;
        boolean closed = last && witness != null && witness.segment() == segment.number();
        if (closed && witness != null) {
          claimed = witness.end();
        }
        SegmentScan scan = scan(log, segment, start, claimed);
        index = scan.index;
        freed = scan.freed;
        if (closed && witness != null) {
          witness.complete(scan);
          trailing(log, segment, witness.end());
        }
        log.lastOrder = Math.max(log.lastOrder, index.lastOrder);
        claimed = scan.end;
        if (last) {
          rebuild.uncertain(scan);
        }
        if (last && write && !closed) {
          again(segment, scan);
        }
      } else if (segment.size() < claimed) {
        damages.found(
            segment.path().getFileName().toString(),
            segment.size(),
            "it was cut: expected " + claimed + " bytes, got " + segment.size());
      }
      Segment known =
          new Segment(
              segment.number(),
              segment.path(),
              segment.header(),
              index,
              claimed,
              segment.size(),
              true);
      known.hollow = hollow;
      known.allocated = known.size - freed;
      log.segments.put(segment.number(), known);
      log.lastOrder = Math.max(log.lastOrder, index.lastOrder);
      before = index;
      beforeHeader = segment.header();
    }
    if (witness != null && !log.segments.containsKey(witness.segment())) {
      witness.missing(log, rebuild);
    }
  }

  /** Where a segment ends by what the next one says; -1 if none does. */
  private static long claimed(List<Found> all, int i) {
    SegmentHeader next = i + 1 < all.size() ? all.get(i + 1).header() : null;
    return next == null || next.previous() != all.get(i).number() ? -1 : next.previousEnd();
  }

  private static SegmentIndex inherit(
      @Nullable SegmentIndex before,
      @Nullable SegmentHeader beforeHeader,
      @Nullable SegmentHeader header) {
    if (before != null
        && (header == null || beforeHeader == null || header.life().equals(beforeHeader.life()))) {
      return before.inherited();
    }
    SegmentIndex index = new SegmentIndex();
    if (header != null) {
      index.lastOrder = header.baseOrder() - 1;
    }
    return index;
  }

  /**
   * The index of a segment as the next one has it; null if it has none. Reads the journal's own
   * records in front of the first of others, which readers may pass over.
   */
  private @Nullable SegmentIndex opening(int seed, Found in, long claimed, @Nullable Found of)
      throws IOException {
    long limit = claimed < 0 ? in.size() : Math.min(claimed, in.size());
    SegmentIndex index = null;
    String name = in.path().getFileName().toString();
    CRC32C crc = new CRC32C();
    try (DiskFile file = disk.open(in.path(), false)) {
      window.over(file);
      RecordHeader header = new RecordHeader(seed);
      for (long at = Layout.FIRST; ; at += header.size()) {
        int from = window.at(at, Layout.HEADER, limit);
        if (from < 0 || window.buffer.getInt(from) == 0) {
          return index;
        }
        if (!header.read(window.buffer, from)) {
          long next = Resync.find(window, header, at + 8, limit, 0);
          if (claimed >= 0) {
            damages.found(
                name, file, at, Math.max(next - at, 8), "expected a record, found something else");
          }
          return index;
        }
        if (Layout.counted(header.type)) {
          return index;
        }
        if ((int) window.crc(crc, at + Layout.HEADER, Layout.checked(header), limit)
            != header.bodyCrc) {
          if (claimed < 0) {
            // what is damaged and what a tail is found out when the last segment is read
            return index;
          }
          damages.found(name, file, at, header.size(), "a record of the journal is damaged");
        } else if (header.type == Layout.INDEX && of != null) {
          byte[] payload = window.bytes(at + Layout.HEADER, header.length, limit);
          index = payload == null ? null : SegmentIndex.decode(payload, of.number());
        }
      }
    }
  }

  private HollowCopy.@Nullable Told told(int seed, Found of, SegmentHeader header, long end)
      throws IOException {
    try (DiskFile file = disk.open(of.path(), false)) {
      window.over(file);
      return HollowCopy.told(window, seed, header, Math.min(end, of.size()));
    }
  }

  private SegmentScan scan(Log log, Found segment, SegmentIndex start, long claimed)
      throws IOException {
    try (DiskFile file = disk.open(segment.path(), false)) {
      window.over(file);
      SegmentScan scan = new SegmentScan(window, log.id.seed(), segment.size(), start, claimed);
      scan.run();
      String name = segment.path().getFileName().toString();
      for (SegmentScan.Bad bad : scan.bad) {
        damages.found(name, file, bad.at(), bad.length(), bad.what());
      }
      return scan;
    }
  }

  /** Behind the end of a segment that was closed cleanly there is nothing. */
  private void trailing(Log log, Found segment, long end) throws IOException {
    try (DiskFile file = disk.open(segment.path(), false)) {
      window.over(file);
      for (long at = end; at < segment.size(); ) {
        int part = (int) Math.min(window.buffer.capacity(), segment.size() - at);
        int in = window.at(at, part, segment.size());
        if (in < 0) {
          return;
        }
        for (int i = in; i < in + part; i++) {
          if (window.buffer.get(i) != 0) {
            log.damages.found(
                segment.path().getFileName().toString(),
                at + i - in,
                "expected nothing behind the end of a closed journal; it is left out");
            return;
          }
        }
        at += part;
      }
    }
  }

  /**
   * Makes the end of the log safe. What lies behind the last mark is written once more, the same
   * bytes: after a force that failed in an earlier life the system may take them for safe.
   */
  private void again(Found segment, SegmentScan scan) throws IOException {
    try (DiskFile file = disk.open(segment.path(), true)) {
      ByteBuffer step = window.buffer;
      for (long at = scan.marked; at < scan.end; ) {
        step.clear().limit((int) Math.min(step.capacity(), scan.end - at));
        int got = file.read(step, at);
        if (got <= 0) {
          break;
        }
        file.write(List.of(step.flip()), at);
        at += got;
      }
      file.force();
    }
    window.forget();
  }

  private void clean(Log log, List<String> names) throws IOException {
    boolean deleted = false;
    for (String name : names) {
      if (name.endsWith(Atomic.SUFFIX)) {
        disk.delete(folder.resolve(name));
        deleted = true;
      }
    }
    List<Segment> old = List.copyOf(log.segments.headMap(log.oldest).values());
    if (!old.isEmpty()) {
      // who wrote it may have ended before it was safe: the power could still take it back
      Oldest.write(disk, folder, log.oldest);
    }
    for (Segment segment : old) {
      disk.delete(segment.path);
      log.segments.remove(segment.number);
      deleted = true;
    }
    if (deleted) {
      disk.forceFolder(folder);
    }
  }
}
