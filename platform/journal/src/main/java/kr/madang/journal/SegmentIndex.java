package kr.madang.journal;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What is in a segment: enough to open a journal without reading the segment. Changed by the
 * journal's thread under the log's lock; the maps may be looked up by any thread.
 */
final class SegmentIndex {
  /** Where a schema stands: two copies, -1 for one that is not there. */
  record SchemaAt(int schema, int stream, long at, long copy) {}

  /** The newest value of a cursor; of a dropped one null. */
  record CursorValue(long counter, byte @Nullable [] value) {}

  /** A gap and the stream it is in. */
  record GoneIn(int stream, Gone gone) {}

  final Map<Integer, Lane> lanes = new ConcurrentHashMap<>();
  final Map<Integer, SchemaAt> schemas = new ConcurrentHashMap<>();
  final Map<String, CursorValue> cursors = new TreeMap<>();
  final List<GoneIn> gaps = new ArrayList<>();
  long lastOrder;
  long records;
  int chain;
  int lastStream;
  int lastSchema;

  /** What a segment begins with that follows this one in the same life of the journal. */
  SegmentIndex inherited() {
    SegmentIndex index = new SegmentIndex();
    lanes.values().stream()
        .filter(lane -> !lane.dropped)
        .forEach(lane -> index.lanes.put(lane.id, lane.inherited()));
    index.cursors.putAll(cursors);
    index.lastOrder = lastOrder;
    return index;
  }

  /** Takes a record up that is whole; the payload of the journal's own records is needed. */
  void take(RecordHeader header, long at, byte @Nullable [] payload) {
    chain = Layout.chain(chain, header.headerCrc);
    lastOrder = Math.max(lastOrder, header.order);
    records++;
    switch (header.type) {
      case Layout.ROWS, Layout.NOTE -> {
        Lane lane = lanes.get(header.stream);
        if (lane != null) {
          skipped(lane, header.sequence);
          lane.epoch = header.epoch;
          lane.count(
              header.sequence, header.sequence + header.rows, header.time, at, header.size());
        }
      }
      case Layout.SCHEMA -> schema(header.schema, header.stream, at);
      default -> {
        if (payload != null) {
          own(header, at, Bytes.of(payload));
        }
      }
    }
  }

  /** Takes a record up of which only the header is whole: its rows are lost but counted. */
  void takeLost(RecordHeader header) {
    lastOrder = Math.max(lastOrder, header.order);
    Lane lane = lanes.get(header.stream);
    if (lane != null && (header.type == Layout.ROWS || header.type == Layout.NOTE)) {
      skipped(lane, header.sequence + header.rows);
    }
  }

  /** Rows that were damaged: the stream goes on behind them. */
  private void skipped(Lane lane, long to) {
    if (to > lane.next) {
      gaps.add(new GoneIn(lane.id, new Gone(lane.next, to, Gone.DAMAGED)));
      lane.gone += to - lane.next;
      lane.next = to;
    }
  }

  void schema(int schema, int stream, long at) {
    SchemaAt before = schemas.get(schema);
    schemas.put(
        schema,
        before == null
            ? new SchemaAt(schema, stream, at, -1)
            : new SchemaAt(schema, stream, before.at(), at));
    lastSchema = Math.max(lastSchema, schema);
    lastStream = Math.max(lastStream, stream);
  }

  private void own(RecordHeader header, long at, ByteBuffer payload) {
    switch (header.type) {
      case Layout.STREAM -> {
        Lane told = OwnRecords.stream(header, payload);
        lastStream = Math.max(lastStream, told.id);
        Lane lane = lanes.get(told.id);
        if (lane == null || !lane.name.equals(told.name) || lane.born != told.born) {
          lanes.put(told.id, told);
        } else {
          lane.epoch = told.epoch;
          lane.next = Math.max(lane.next, told.next);
          lane.options = told.options;
          lane.gone = Math.max(lane.gone, told.gone);
          lane.floor = Math.max(lane.floor, told.floor);
        }
      }
      case Layout.GAP -> {
        Gone gone = OwnRecords.gap(header, payload);
        gap(header.stream, gone, header.time, at, header.size());
      }
      case Layout.MARK, Layout.HOLE -> {
        OwnRecords.Mark mark = OwnRecords.mark(payload);
        mark.nexts()
            .forEach((id, next) -> {
              Lane lane = lanes.get(id);
              if (lane != null) {
                lane.next = Math.max(lane.next, next);
              }
            });
      }
      case Layout.CURSOR ->
          cursor(Bytes.text(payload), new CursorValue(payload.getLong(), Bytes.bytes(payload)));
      case Layout.DROP -> {
        if (payload.get() == 0) {
          Lane lane = lanes.get(header.stream);
          if (lane != null) {
            lane.dropped = true;
          }
        } else {
          cursor(Bytes.text(payload), new CursorValue(payload.getLong(), null));
        }
      }
      case Layout.INDEX -> {
        // the values of cursors outlive the segment that they were written to
        payload.getLong();
        decode(payload).cursors.forEach(this::cursor);
      }
      default -> {}
    }
  }

  /** Takes up what was written by this process. */
  void take(Outgoing record) {
    chain = Layout.chain(chain, record.headerCrc);
    lastOrder = Math.max(lastOrder, record.order);
    records++;
    Gone gone = record.gone;
    if (gone != null) {
      gap(record.stream.id, gone, record.time, record.at, record.size());
      return;
    }
    Lane lane = lanes.get(record.stream.id);
    if (lane != null) {
      lane.epoch = record.epoch;
      lane.count(record.sequence, record.end(), record.time, record.at, record.size());
    }
  }

  void gap(int stream, Gone gone, long time, long at, long size) {
    Lane lane = lanes.get(stream);
    if (lane != null) {
      lane.count(gone.from(), gone.to(), time, at, size);
      lane.gone += gone.to() - gone.from();
      if (gone.cause().equals(Gone.DROP_OLDEST)) {
        lane.floor = Math.max(lane.floor, gone.to());
      }
      gaps.add(new GoneIn(stream, gone));
    }
  }

  void cursor(String name, CursorValue value) {
    CursorValue before = cursors.get(name);
    if (before == null || before.counter() <= value.counter()) {
      cursors.put(name, value);
    }
  }

  byte[] encode(long segment) {
    Bytes to = new Bytes();
    to.int64(segment).int64(lastOrder).int64(records).int32(chain);
    to.int32(lastStream).int32(lastSchema);
    to.int32(lanes.size());
    lanes.values().forEach(lane -> lane.encode(to));
    to.int32(schemas.size());
    schemas
        .values()
        .forEach(s -> to.int32(s.schema()).int32(s.stream()).int64(s.at()).int64(s.copy()));
    to.int32(gaps.size());
    gaps.forEach(gap ->
        to.int32(gap.stream())
            .int64(gap.gone().from())
            .int64(gap.gone().to())
            .int8(Gone.code(gap.gone().cause())));
    to.int32(cursors.size());
    cursors.forEach((name, value) -> {
      byte[] bytes = value.value();
      to.text(name).int64(value.counter()).int8(bytes == null ? 0 : 1);
      to.bytes(bytes == null ? new byte[0] : bytes);
    });
    return to.take();
  }

  /**
   * Reads an index.
   *
   * @param segment whose it has to be
   * @return null if it is not that or cannot be read
   */
  static @Nullable SegmentIndex decode(byte[] bytes, long segment) {
    try {
      ByteBuffer from = Bytes.of(bytes);
      return from.getLong() == segment ? decode(from) : null;
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      return null;
    }
  }

  private static SegmentIndex decode(ByteBuffer from) {
    SegmentIndex index = new SegmentIndex();
    index.lastOrder = from.getLong();
    index.records = from.getLong();
    index.chain = from.getInt();
    index.lastStream = from.getInt();
    index.lastSchema = from.getInt();
    for (int left = Bytes.count(from, Lane.LEAST); left > 0; left--) {
      Lane lane = Lane.decode(from);
      index.lanes.put(lane.id, lane);
    }
    for (int left = Bytes.count(from, 24); left > 0; left--) {
      SchemaAt schema = new SchemaAt(from.getInt(), from.getInt(), from.getLong(), from.getLong());
      index.schemas.put(schema.schema(), schema);
    }
    for (int left = Bytes.count(from, 21); left > 0; left--) {
      int stream = from.getInt();
      index.gaps.add(
          new GoneIn(stream, new Gone(from.getLong(), from.getLong(), Gone.cause(from.get()))));
    }
    for (int left = Bytes.count(from, 17); left > 0; left--) {
      String name = Bytes.text(from);
      long counter = from.getLong();
      boolean there = from.get() != 0;
      byte[] value = Bytes.bytes(from);
      index.cursors.put(name, new CursorValue(counter, there ? value : null));
    }
    return index;
  }
}
