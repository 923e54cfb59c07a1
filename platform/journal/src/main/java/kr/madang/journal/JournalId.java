package kr.madang.journal;

import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who a journal is: the file {@code journal.id}.
 *
 * @param format of the journal
 * @param id random
 * @param epoch streams begin with at least this epoch: seconds since 1970 when it was made
 */
record JournalId(int format, UUID id, long epoch) {
  static final String FILE = "journal.id";
  static final int BYTES = 1024;
  private static final long MAGIC = 0x31_4449_4A_474D_44L;
  private static final int COPY = BYTES / 2;
  private static final int CRC = COPY - 4;

  /** Goes into the checksum of each record's header. */
  int seed() {
    ByteBuffer bytes = Layout.buffer(16);
    Bytes.put(bytes, id);
    return Layout.crc(bytes.array());
  }

  ByteBuffer encode() {
    ByteBuffer block = Layout.direct(BYTES);
    for (int at = 0; at < BYTES; at += COPY) {
      block.position(at).putLong(MAGIC).putInt(format).putInt(0);
      Bytes.put(block, id);
      block.putLong(epoch);
      block.putInt(at + CRC, Layout.crc(block, at, CRC));
    }
    return block.clear();
  }

  /** How many of the two copies are whole. */
  static int whole(ByteBuffer block) {
    int whole = 0;
    for (int at = 0; at < BYTES; at += COPY) {
      whole += whole(block, at) ? 1 : 0;
    }
    return whole;
  }

  /** Reads the file's content; null if neither copy is whole. */
  static @Nullable JournalId decode(ByteBuffer block) {
    for (int at = 0; at < BYTES; at += COPY) {
      if (whole(block, at)) {
        ByteBuffer from = block.slice(at, COPY).order(block.order()).position(8);
        int format = from.getInt();
        from.getInt();
        return new JournalId(format, Bytes.uuid(from), from.getLong());
      }
    }
    return null;
  }

  private static boolean whole(ByteBuffer block, int at) {
    return block.limit() >= at + COPY
        && block.getLong(at) == MAGIC
        && block.getInt(at + CRC) == Layout.crc(block, at, CRC);
  }
}
