package kr.madang.journal;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import kr.madang.journal.disk.Disk;
import kr.madang.journal.disk.DiskFile;
import org.jspecify.annotations.Nullable;

/**
 * The word of a clean close: the file {@code closed}, which says where the last segment ends and
 * what is in it. A later segment makes it void.
 *
 * @param segment the last one
 * @param end bytes of it that count
 * @param index what is in it
 */
record Witness(long segment, long end, SegmentIndex index) {
  static final String FILE = "closed";
  private static final long MAGIC = 0x31_444C_434A_474D_44L;
  private static final int HEAD = 48;

  static void write(Disk disk, Path folder, JournalId id, Segment last) throws IOException {
    byte[] index = last.index.encode(last.number);
    ByteBuffer head = Layout.direct(HEAD + index.length);
    head.putLong(MAGIC);
    Bytes.put(head, id.id());
    head.putLong(last.number).putLong(last.end).putInt(index.length).put(index);
    head.putInt(HEAD + index.length - 4, Layout.crc(head, 0, HEAD + index.length - 4));
    Atomic.write(disk, folder, FILE, List.of(head.clear()));
  }

  /** Reads the file; null if there is none or it is of no use. */
  static @Nullable Witness read(Disk disk, Path folder, Damages damages, JournalId id)
      throws IOException {
    try (DiskFile file = disk.open(folder.resolve(FILE), false)) {
      ByteBuffer all = Layout.direct((int) Math.min(file.size(), 64 << 20));
      file.read(all, 0);
      all.flip();
      int crcAt = all.limit() - 4;
      if (crcAt < HEAD - 4
          || all.getLong() != MAGIC
          || all.getInt(crcAt) != Layout.crc(all, 0, crcAt)) {
        damages.found(FILE, 0, "it cannot be read; the last segment was read instead");
        return null;
      }
      if (!Bytes.uuid(all).equals(id.id())) {
        damages.found(FILE, 0, "it belongs to another journal; it is not used");
        return null;
      }
      long segment = all.getLong();
      long end = all.getLong();
      SegmentIndex index = SegmentIndex.decode(Bytes.bytes(all), segment);
      return index == null ? null : new Witness(segment, end, index);
    } catch (NoSuchFileException e) {
      return null;
    } catch (BufferUnderflowException e) {
      damages.found(FILE, 0, "it cannot be read; the last segment was read instead");
      return null;
    }
  }

  /** Adds what a scan of the segment did not find any more. */
  void complete(SegmentScan scan) {
    if (scan.bad.isEmpty()) {
      return;
    }
    merge(scan.index);
    scan.uncertain.clear();
  }

  /** The last segment is not there: says so and remembers its numbers. */
  void missing(Log log, Rebuild rebuild) {
    if (log.segments.isEmpty() || log.segments.lastKey() < segment) {
      log.damages.found(Segment.name(segment), 0, "the segment is missing; its rows are gone");
      log.nextSegment = Math.max(log.nextSegment, segment + 1);
      log.lastOrder = Math.max(log.lastOrder, index.lastOrder);
      rebuild.remember(index);
    }
  }

  private void merge(SegmentIndex into) {
    for (Lane lane : index.lanes.values()) {
      Lane got = into.lanes.get(lane.id);
      if (got == null) {
        got = lane.inherited();
        into.lanes.put(lane.id, got);
      }
      got.next = Math.max(got.next, lane.next);
      got.epoch = Math.max(got.epoch, lane.epoch);
      got.dropped |= lane.dropped;
    }
    index.schemas.forEach(into.schemas::putIfAbsent);
    index.cursors.forEach(into::cursor);
    into.lastOrder = Math.max(into.lastOrder, index.lastOrder);
  }
}
