package kr.madang.journal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What is put into a segment by one write: units, and the journal's own records between them. */
final class Commit {
  /** One of the journal's own records. */
  private record Own(RecordHeader header, long at, byte[] payload) {}

  private final int seed;
  private final long start;
  private final List<ByteBuffer> parts = new ArrayList<>();
  private final List<Object> placed = new ArrayList<>();
  private final Set<Integer> schemas = new HashSet<>();
  private final Set<Integer> streams = new HashSet<>();
  private final Map<Integer, Long> nexts = new HashMap<>();
  private long at;
  private long lastOrder;
  private Slabs.Slab lastSlab;
  private int lastEnd;

  /**
   * An empty one.
   *
   * @param start where in the segment it begins
   * @param lastOrder of the record before it
   */
  @SuppressWarnings("NullAway.Init") // there is no last slab at first
  Commit(int seed, long start, long lastOrder) {
    this.seed = seed;
    this.start = start;
    this.at = start;
    this.lastOrder = lastOrder;
  }

  long start() {
    return start;
  }

  long end() {
    return at;
  }

  List<ByteBuffer> parts() {
    return parts;
  }

  Set<Integer> schemas() {
    return schemas;
  }

  Set<Integer> streams() {
    return streams;
  }

  /** The next number of each stream that goes on here. */
  Map<Integer, Long> nexts() {
    return nexts;
  }

  boolean hasSchema(int schema) {
    return schemas.contains(schema);
  }

  boolean hasStream(int stream) {
    return streams.contains(stream);
  }

  void mark(OwnRecords.Mark mark, long now) {
    own(Layout.MARK, 0, 0, 0, 0, now, OwnRecords.mark(mark));
  }

  void index(Segment before, long now) {
    own(Layout.INDEX, 0, 0, 0, 0, now, before.index.encode(before.number));
  }

  /** The definition of a stream as it is before this commit; under the log's lock. */
  void stream(JournalStream stream, long now, boolean twice) {
    Lane lane = new Lane(stream.id, stream.name, stream.born, stream.options);
    lane.gone = stream.gone;
    lane.floor = Math.min(stream.floor, stream.forced());
    byte[] payload = OwnRecords.stream(lane);
    for (int i = twice ? 0 : 1; i < 2; i++) {
      own(Layout.STREAM, stream.id, stream.epoch, stream.forced(), 0, now, payload);
    }
    streams.add(stream.id);
  }

  /** A schema, twice, since all rows of the segment hang on it. */
  void schema(SchemaOut schema, int stream, Seal seal, long now) {
    for (int i = 0; i < 2; i++) {
      Seal.Sealed sealed = seal.seal(schema.bytes, Layout.SCHEMA, 0, 0, schema.id);
      own(Layout.SCHEMA, sealed.flags(), stream, 0, 0, schema.id, now, sealed.payload());
    }
    schemas.add(schema.id);
  }

  void cursor(String name, SegmentIndex.CursorValue value, long now) {
    byte[] bytes = value.value();
    byte[] payload = OwnRecords.cursor(name, value.counter(), bytes == null ? new byte[0] : bytes);
    own(Layout.CURSOR, 0, 0, 0, 0, now, payload);
  }

  void dropStream(int stream, long now) {
    own(Layout.DROP, stream, 0, 0, 0, now, OwnRecords.dropStream());
  }

  void dropCursor(String name, long counter, long now) {
    own(Layout.DROP, 0, 0, 0, 0, now, OwnRecords.dropCursor(name, counter));
  }

  void record(Outgoing record) {
    record.at = at;
    Slabs.Piece piece = record.piece;
    if (piece.slab() == lastSlab && piece.at() == lastEnd) {
      ByteBuffer last = parts.getLast();
      last.limit(last.limit() + piece.length());
    } else {
      ByteBuffer part = piece.slab().buffer.duplicate();
      part.limit(piece.at() + piece.length()).position(piece.at());
      parts.add(part);
    }
    lastSlab = piece.slab();
    lastEnd = piece.at() + piece.length();
    for (ByteBuffer body : record.body) {
      parts.add(body.duplicate());
      noSlab();
    }
    at += record.size();
    lastOrder = record.order;
    nexts.merge(record.stream.id, record.end(), Math::max);
    placed.add(record);
  }

  /** Zeros behind the last record. */
  void zeros(ByteBuffer zeros) {
    parts.add(zeros);
  }

  /** Takes everything up in the index of the segment; under the log's lock. */
  void take(SegmentIndex index) {
    for (Object each : placed) {
      if (each instanceof Outgoing record) {
        index.take(record);
      } else if (each instanceof Own own) {
        index.take(own.header(), own.at(), own.payload());
      }
    }
  }

  @SuppressWarnings("NullAway") // none
  private void noSlab() {
    lastSlab = null;
  }

  private void own(
      byte type, int stream, long epoch, long sequence, int schema, long now, byte[] payload) {
    own(type, (byte) 0, stream, epoch, sequence, schema, now, payload);
  }

  private void own(
      byte type,
      byte flags,
      int stream,
      long epoch,
      long sequence,
      int schema,
      long now,
      byte[] payload) {
    RecordHeader header = new RecordHeader(seed);
    header.length = Layout.padded(payload.length);
    header.type = type;
    header.flags = flags;
    header.stream = stream;
    header.epoch = epoch;
    header.sequence = sequence;
    header.order = lastOrder;
    header.time = now;
    header.meta = type == Layout.SCHEMA && flags != 0 ? 0 : payload.length;
    header.schema = schema;
    ByteBuffer bytes = Layout.direct(header.size());
    bytes.put(Layout.HEADER, payload);
    header.bodyCrc = Layout.crc(bytes, Layout.HEADER, header.length);
    header.write(bytes, 0);
    parts.add(bytes);
    noSlab();
    placed.add(new Own(header, at, payload));
    at += header.size();
  }
}
