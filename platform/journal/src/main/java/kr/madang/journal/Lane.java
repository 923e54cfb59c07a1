package kr.madang.journal;

import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * What one segment has of one stream. Written by the journal's thread under the log's lock.
 *
 * <p>A record is needed while the number below which the stream was released is not above {@link
 * #last}: that is the end of its rows, or one more than its number if it has no row.
 */
final class Lane {
  /** Least bytes of an encoded lane. */
  static final int LEAST = 142;

  final int id;
  final String name;
  final long born;
  long epoch;
  long next;
  StreamOptions options;
  long gone;
  long floor;
  boolean dropped;

  long first = -1;
  long last;
  long records;
  long bytes;
  long minTime;
  long maxTime;
  long firstAt = -1;
  long lastAt = -1;
  long beforeLastAt = -1;

  Lane(int id, String name, long born, StreamOptions options) {
    this.id = id;
    this.name = name;
    this.born = born;
    this.epoch = born;
    this.options = options;
  }

  /** The same stream, as a later segment of the same life begins with it. */
  Lane inherited() {
    Lane lane = new Lane(id, name, born, options);
    lane.epoch = epoch;
    lane.next = next;
    lane.gone = gone;
    lane.floor = floor;
    lane.dropped = dropped;
    return lane;
  }

  /** Whether there is any record. */
  boolean any() {
    return records > 0;
  }

  /** Counts a record. */
  void count(long sequence, long to, long time, long at, long size) {
    long end = to == sequence ? sequence + 1 : to;
    if (records == 0) {
      first = sequence;
      minTime = time;
      firstAt = at;
      maxTime = time;
      last = end;
    }
    records++;
    last = Math.max(last, end);
    bytes += size;
    minTime = Math.min(minTime, time);
    maxTime = Math.max(maxTime, time);
    beforeLastAt = lastAt;
    lastAt = at;
    next = Math.max(next, to);
  }

  /** Takes over what is left of its records. */
  void shrink(Lane left) {
    first = left.first;
    records = left.records;
    bytes = left.bytes;
    minTime = left.minTime;
    maxTime = left.maxTime;
    firstAt = left.firstAt;
    lastAt = left.lastAt;
    beforeLastAt = left.beforeLastAt;
  }

  void encode(Bytes to) {
    to.int32(id).text(name).int64(born).int64(epoch).int64(next);
    options(to, options);
    to.int64(gone).int64(floor).int8(dropped ? 1 : 0);
    to.int64(first).int64(last).int64(records).int64(bytes).int64(minTime).int64(maxTime);
    to.int64(firstAt).int64(lastAt).int64(beforeLastAt);
  }

  static Lane decode(ByteBuffer from) {
    int id = from.getInt();
    String name = Bytes.text(from);
    long born = from.getLong();
    long epoch = from.getLong();
    long next = from.getLong();
    Lane lane = new Lane(id, name, born, options(from));
    lane.epoch = epoch;
    lane.next = next;
    lane.gone = from.getLong();
    lane.floor = from.getLong();
    lane.dropped = from.get() != 0;
    lane.first = from.getLong();
    lane.last = from.getLong();
    lane.records = from.getLong();
    lane.bytes = from.getLong();
    lane.minTime = from.getLong();
    lane.maxTime = from.getLong();
    lane.firstAt = from.getLong();
    lane.lastAt = from.getLong();
    lane.beforeLastAt = from.getLong();
    return lane;
  }

  static void options(Bytes to, StreamOptions options) {
    Duration keep = options.keep();
    to.int8(options.full().ordinal()).int64(options.bytes());
    to.int64(keep.getSeconds()).int32(keep.getNano());
  }

  static StreamOptions options(ByteBuffer from) {
    Full[] all = Full.values();
    int full = from.get();
    long bytes = from.getLong();
    long seconds = from.getLong();
    int nanos = from.getInt();
    return new StreamOptions(
        full < 0 || full >= all.length ? Full.BLOCK : all[full],
        Math.max(0, bytes),
        Duration.ofSeconds(
            Math.clamp(seconds, 0, Long.MAX_VALUE / 2), Math.clamp(nanos, 0, 999_999_999)));
  }
}
