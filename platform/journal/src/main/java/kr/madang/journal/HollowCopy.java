package kr.madang.journal;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import kr.madang.journal.disk.DiskFile;
import org.jspecify.annotations.Nullable;

/**
 * A segment with holes in it. Its widest hole has the index of what stayed, so that a journal can
 * be opened without reading all of its segments.
 */
final class HollowCopy {
  /**
   * What the widest hole says.
   *
   * @param index of what stayed
   * @param freed bytes that the holes leave free on the disk
   */
  record Told(SegmentIndex index, long freed) {}

  private static final int BLOCK = 4 << 10;

  /** What stays. */
  final SegmentIndex left;

  /** Bytes that it takes on the disk. */
  final long allocated;

  private final Log log;
  private final Segment segment;
  private final List<HollowPlan.Part> parts;

  /** Where the hole begins that has the index, 0 if none has room for it. */
  private final long widest;

  private final byte[] index;
  private final long freed;

  HollowCopy(Log log, Segment segment, Window window, List<HollowPlan.Part> parts)
      throws IOException {
    this.log = log;
    this.segment = segment;
    this.parts = parts;
    this.left = left(window);
    this.index = left.encode(segment.number);
    this.widest = widest();
    long sum = 0;
    for (HollowPlan.Part part : parts) {
      if (part.hole()) {
        sum += freed(part.from(), part.to(), mark(part).length + told(part, 0).length);
      }
    }
    this.freed = sum;
    this.allocated = segment.end - sum;
  }

  /** The room that a hole frees on the disk. */
  static long freed(long at, RecordHeader hole) {
    return freed(at, at + hole.size(), hole.meta);
  }

  private static long freed(long at, long end, int meta) {
    long from = at + Layout.HEADER + meta + BLOCK - 1 & -BLOCK;
    return Math.max(0, (end - 8 & -BLOCK) - from);
  }

  /**
   * What the widest hole of a segment says.
   *
   * @param window over the segment
   * @return null if no hole says it or it is not whole
   */
  static @Nullable Told told(Window window, int seed, SegmentHeader of, long end)
      throws IOException {
    long at = of.hollowIndex();
    RecordHeader header = new RecordHeader(seed);
    int in = at == 0 ? -1 : window.at(at, Layout.HEADER, end);
    if (in < 0 || !header.read(window.buffer, in) || header.type != Layout.HOLE) {
      return null;
    }
    byte[] payload = window.bytes(at + Layout.HEADER, Layout.checked(header), end);
    if (payload == null || Layout.crc(payload) != header.bodyCrc) {
      return null;
    }
    try {
      ByteBuffer from = Bytes.of(payload);
      OwnRecords.mark(from);
      long freed = from.getLong();
      SegmentIndex index = SegmentIndex.decode(Bytes.bytes(from), of.number());
      return index == null ? null : new Told(index, freed);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      return null;
    }
  }

  private long widest() {
    HollowPlan.Part widest = null;
    for (HollowPlan.Part part : parts) {
      boolean wider =
          part.hole() && (widest == null || part.to() - part.from() > widest.to() - widest.from());
      widest = wider ? part : widest;
    }
    if (widest == null) {
      return 0;
    }
    int needed = Layout.HEADER + mark(widest).length + told(0).length + 8;
    return widest.to() - widest.from() < needed ? 0 : widest.from();
  }

  /** The index as it is, its lanes with what stays of them. */
  private SegmentIndex left(Window window) throws IOException {
    SegmentIndex left;
    log.lock.lock();
    try {
      left = SegmentIndex.decode(segment.index.encode(segment.number), segment.number);
    } finally {
      log.lock.unlock();
    }
    if (left == null) {
      throw new IOException("the index of " + segment.name() + " cannot be read again");
    }
    Map<Integer, Lane> counted = new HashMap<>();
    for (Lane lane : left.lanes.values()) {
      counted.put(lane.id, new Lane(lane.id, lane.name, lane.born, lane.options));
    }
    RecordHeader header = new RecordHeader(log.id.seed());
    for (HollowPlan.Part part : parts) {
      for (long at = part.from(); !part.hole() && at < part.to(); at += header.size()) {
        int in = window.at(at, Layout.HEADER, part.to());
        if (in < 0 || !header.read(window.buffer, in)) {
          break;
        }
        Lane lane = counted.get(header.stream);
        if (lane != null && Layout.counted(header.type)) {
          lane.count(
              header.sequence, header.sequence + header.rows, header.time, at, header.size());
        }
      }
    }
    for (Lane lane : left.lanes.values()) {
      lane.shrink(Objects.requireNonNull(counted.get(lane.id)));
    }
    return left;
  }

  /** Writes it. */
  void write(DiskFile from, DiskFile to) throws IOException {
    SegmentHeader header = segment.header;
    if (header == null) {
      throw new IOException("a segment without a header is not copied");
    }
    to.write(List.of(header.hollowed(widest).encode()), 0);
    ByteBuffer buffer = Layout.direct(SegmentScan.WINDOW);
    for (HollowPlan.Part part : parts) {
      if (part.hole()) {
        to.write(List.of(hole(part)), part.from());
        to.write(List.of(ByteBuffer.allocate(8)), part.to() - 8);
        continue;
      }
      for (long at = part.from(); at < part.to(); at += buffer.limit()) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), part.to() - at));
        if (from.read(buffer, at) < buffer.limit()) {
          throw new IOException("a segment ends before its end");
        }
        to.write(List.of(buffer.flip()), at);
      }
    }
  }

  private ByteBuffer hole(HollowPlan.Part part) {
    byte[] mark = mark(part);
    byte[] told = told(part, freed);
    RecordHeader header = new RecordHeader(log.id.seed());
    header.type = Layout.HOLE;
    header.length = (int) (part.to() - part.from() - Layout.HEADER);
    header.meta = mark.length + told.length;
    header.order = part.order();
    header.time = log.now();
    ByteBuffer bytes = Layout.direct(Layout.HEADER + header.meta);
    bytes.put(Layout.HEADER, mark);
    bytes.put(Layout.HEADER + mark.length, told);
    header.bodyCrc = Layout.crc(bytes, Layout.HEADER, header.meta);
    header.write(bytes, 0);
    return bytes;
  }

  private static byte[] mark(HollowPlan.Part hole) {
    return OwnRecords.mark(new OwnRecords.Mark(0, 0, hole.nexts()));
  }

  private byte[] told(HollowPlan.Part hole, long freed) {
    return hole.from() == widest ? told(freed) : new byte[0];
  }

  private byte[] told(long freed) {
    return new Bytes().int64(freed).bytes(index).take();
  }
}
