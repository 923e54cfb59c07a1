package kr.madang.journal;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** Payloads of the records that the journal writes for itself. */
final class OwnRecords {
  /**
   * What a commit states about the ones before it.
   *
   * @param number of the mark in its segment, from 1
   * @param end everything in the segment below this offset is safe
   * @param nexts the next number of streams that went on since the last mark
   */
  record Mark(long number, long end, Map<Integer, Long> nexts) {}

  /** Bytes of a mark that names no stream. */
  static final int MARK_LEAST = 20;

  private OwnRecords() {}

  static byte[] stream(Lane lane) {
    Bytes to = new Bytes().text(lane.name).int64(lane.born);
    Lane.options(to, lane.options);
    return to.int64(lane.gone).int64(lane.floor).take();
  }

  static Lane stream(RecordHeader header, ByteBuffer from) {
    String name = Bytes.text(from);
    Lane lane = new Lane(header.stream, name, from.getLong(), Lane.options(from));
    lane.epoch = header.epoch;
    lane.next = header.sequence;
    lane.gone = from.getLong();
    lane.floor = from.getLong();
    return lane;
  }

  static byte[] gap(Gone gone) {
    return new Bytes().int64(gone.to()).int8(Gone.code(gone.cause())).take();
  }

  static Gone gap(RecordHeader header, ByteBuffer from) {
    long to = from.getLong();
    if (to < header.sequence) {
      throw new BufferUnderflowException();
    }
    return new Gone(header.sequence, to, Gone.cause(from.get()));
  }

  static byte[] mark(Mark mark) {
    Bytes to = new Bytes().int64(mark.number()).int64(mark.end()).int32(mark.nexts().size());
    mark.nexts().forEach((id, next) -> to.int32(id).int64(next));
    return to.take();
  }

  static Mark mark(ByteBuffer from) {
    long number = from.getLong();
    long end = from.getLong();
    Map<Integer, Long> nexts = new HashMap<>();
    for (int left = Bytes.count(from, 12); left > 0; left--) {
      nexts.put(from.getInt(), from.getLong());
    }
    return new Mark(number, end, nexts);
  }

  static byte[] cursor(String name, long counter, byte[] value) {
    return new Bytes().text(name).int64(counter).bytes(value).take();
  }

  static byte[] dropStream() {
    return new Bytes().int8(0).take();
  }

  static byte[] dropCursor(String name, long counter) {
    return new Bytes().int8(1).text(name).int64(counter).take();
  }
}
