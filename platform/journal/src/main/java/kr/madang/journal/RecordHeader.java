package kr.madang.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** The 64 bytes in front of each record; read again and again into the same object. */
final class RecordHeader {
  private final int seed;
  private final byte[] bytes = new byte[Layout.HEADER];
  private final CRC32C crc = new CRC32C();

  int length;
  byte type;
  byte flags;
  int stream;
  int rows;
  long epoch;
  long sequence;
  long order;
  long time;
  int meta;
  int schema;
  int bodyCrc;
  int headerCrc;

  /**
   * A header of one journal.
   *
   * @param seed made of the journal's id: records of another journal do not pass as ours
   */
  RecordHeader(int seed) {
    this.seed = seed;
  }

  /** Header and payload. */
  int size() {
    return Layout.HEADER + length;
  }

  boolean more() {
    return (flags & Layout.MORE) != 0;
  }

  /** Reads; false if what stands there is no header. */
  boolean read(ByteBuffer from, int at) {
    if (from.getInt(at) != Layout.MARKER) {
      return false;
    }
    headerCrc = from.getInt(at + 60);
    from.get(at, bytes);
    if (crcOf() != headerCrc) {
      return false;
    }
    length = from.getInt(at + 4);
    type = from.get(at + 8);
    flags = from.get(at + 9);
    stream = from.getShort(at + 10) & 0xFFFF;
    rows = from.getInt(at + 12);
    epoch = from.getLong(at + 16);
    sequence = from.getLong(at + 24);
    order = from.getLong(at + 32);
    time = from.getLong(at + 40);
    meta = from.getInt(at + 48);
    schema = from.getInt(at + 52);
    bodyCrc = from.getInt(at + 56);
    return length >= 0
        && (length & 7) == 0
        && length <= Integer.MAX_VALUE - Layout.HEADER
        && rows >= 0
        && meta >= 0
        && meta <= length
        && sequence >= 0
        && sequence + rows >= 0;
  }

  /** Writes, with the checksum, which it also keeps. */
  void write(ByteBuffer to, int at) {
    to.putInt(at, Layout.MARKER);
    to.putInt(at + 4, length);
    to.put(at + 8, type);
    to.put(at + 9, flags);
    to.putShort(at + 10, (short) stream);
    to.putInt(at + 12, rows);
    to.putLong(at + 16, epoch);
    to.putLong(at + 24, sequence);
    to.putLong(at + 32, order);
    to.putLong(at + 40, time);
    to.putInt(at + 48, meta);
    to.putInt(at + 52, schema);
    to.putInt(at + 56, bodyCrc);
    to.get(at, bytes);
    headerCrc = crcOf();
    to.putInt(at + 60, headerCrc);
  }

  private int crcOf() {
    crc.reset();
    crc.update(bytes, 0, Layout.HEADER - 4);
    return (int) crc.getValue() ^ seed;
  }
}
