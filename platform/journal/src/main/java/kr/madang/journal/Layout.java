package kr.madang.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** Sizes and numbers of the format. Everything is little endian. */
final class Layout {
  static final int FORMAT = 1;

  /** Bytes before the first record of a segment: its header, twice. */
  static final int FIRST = 4096;

  /** Bytes of a record's header. */
  static final int HEADER = 64;

  static final int MARKER = 0x9D6A_4D7E;

  // types of records
  static final byte STREAM = 1;
  static final byte SCHEMA = 2;
  static final byte ROWS = 3;
  static final byte NOTE = 4;
  static final byte GAP = 5;
  static final byte MARK = 6;
  static final byte INDEX = 7;
  static final byte CURSOR = 8;
  static final byte DROP = 9;

  /** In the place of records that nobody needed any more; says which streams went on in it. */
  static final byte HOLE = 10;

  // flags of records
  /** The next record of rows, notes or gaps belongs to the same unit. */
  static final byte MORE = 1;

  /** The payload is compressed. */
  static final byte PACKED = 2;

  /** The payload is encrypted. */
  static final byte SECRET = 4;

  static final int MOST_STREAMS = 1 << 16;

  private Layout() {}

  static int padded(int length) {
    return length + 7 & ~7;
  }

  static long padded(long length) {
    return length + 7 & ~7L;
  }

  /** Whether a record counts in the order of the journal. */
  static boolean counted(byte type) {
    return type == ROWS || type == NOTE || type == GAP;
  }

  /** How many bytes of a record's payload its checksum is over. */
  static int checked(RecordHeader header) {
    return header.type == HOLE ? Math.clamp(header.meta, 0, header.length) : header.length;
  }

  static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static int crc(ByteBuffer buffer, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(buffer.slice(from, length));
    return (int) crc.getValue();
  }

  static int crc(byte[] bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length);
    return (int) crc.getValue();
  }

  /** What stands for all records so far, so that none can be left out unseen. */
  static int chain(int chain, int headerCrc) {
    return Integer.rotateLeft(chain, 7) * 0x9E37_79B1 ^ headerCrc;
  }
}
