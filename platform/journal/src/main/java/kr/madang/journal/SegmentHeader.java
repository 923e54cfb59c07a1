package kr.madang.journal;

import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a segment says of itself and of the one before it.
 *
 * @param format of the segment; of a newer one nothing else is read but the id
 * @param journal it belongs to
 * @param number of the segment
 * @param baseOrder of its first record
 * @param previous number of the segment before it, -1 if there was none
 * @param previousEnd bytes of that one that count
 * @param previousOrder the last record in it
 * @param previousChain of its records
 * @param created nanoseconds since 1970
 * @param oldest the oldest segment that was still needed
 * @param maxEpoch the highest epoch ever given
 * @param life random, the same for all segments written by one opening of the journal
 * @param hollow whether records that nobody needed have been taken out of it
 * @param hollowIndex the hole that has the index of what stayed, 0 if none has
 * @param keyCheck tells whether the right key is at hand; 0 if nothing is secret
 * @param damagedCopies how many of the two copies cannot be read
 */
record SegmentHeader(
    int format,
    UUID journal,
    long number,
    long baseOrder,
    long previous,
    long previousEnd,
    long previousOrder,
    int previousChain,
    long created,
    long oldest,
    long maxEpoch,
    UUID life,
    boolean hollow,
    long hollowIndex,
    long keyCheck,
    int damagedCopies) {
  private static final long MAGIC = 0x31_4C4E_524A_474D_44L; // "DMGJRNL1"
  private static final int COPY = Layout.FIRST / 2;
  private static final int CRC = COPY - 4;

  /** Records begin at multiples of it. */
  private static final int UNIT = 8;

  ByteBuffer encode() {
    ByteBuffer block = Layout.direct(Layout.FIRST);
    for (int at = 0; at < Layout.FIRST; at += COPY) {
      block.position(at);
      block.putLong(MAGIC).putInt(format).putInt(hollow ? 1 : 0);
      Bytes.put(block, journal);
      block.putLong(number).putLong(baseOrder);
      block.putLong(previous).putLong(previousEnd).putLong(previousOrder).putInt(previousChain);
      block.putInt((int) (hollowIndex / UNIT)).putLong(created).putLong(oldest).putLong(maxEpoch);
      Bytes.put(block, life);
      block.putLong(keyCheck);
      block.putInt(at + CRC, Layout.crc(block, at, CRC));
    }
    return block.clear();
  }

  /** Reads the block at the start of a segment; null if neither copy is whole. */
  static @Nullable SegmentHeader decode(ByteBuffer block) {
    SegmentHeader found = null;
    int damaged = 0;
    for (int at = 0; at < Layout.FIRST; at += COPY) {
      if (block.limit() < at + COPY
          || block.getLong(at) != MAGIC
          || block.getInt(at + CRC) != Layout.crc(block, at, CRC)) {
        damaged++;
      } else if (found == null) {
        found = decode(block, at);
      }
    }
    return found == null || damaged == 0 ? found : found.withDamaged(damaged);
  }

  private static SegmentHeader decode(ByteBuffer block, int at) {
    ByteBuffer from = block.slice(at, COPY).order(block.order());
    from.position(8);
    int format = from.getInt();
    boolean hollow = from.getInt() == 1;
    UUID journal = Bytes.uuid(from);
    long number = from.getLong();
    long baseOrder = from.getLong();
    long previous = from.getLong();
    long previousEnd = from.getLong();
    long previousOrder = from.getLong();
    int previousChain = from.getInt();
    long hollowIndex = UNIT * Integer.toUnsignedLong(from.getInt());
    return new SegmentHeader(
        format,
        journal,
        number,
        baseOrder,
        previous,
        previousEnd,
        previousOrder,
        previousChain,
        from.getLong(),
        from.getLong(),
        from.getLong(),
        Bytes.uuid(from),
        hollow,
        hollowIndex,
        from.getLong(),
        0);
  }

  /** The same of a segment that records were taken out of. */
  SegmentHeader hollowed(long index) {
    return with(true, index, 0);
  }

  private SegmentHeader withDamaged(int copies) {
    return with(hollow, hollowIndex, copies);
  }

  private SegmentHeader with(boolean holes, long index, int copies) {
    return new SegmentHeader(
        format,
        journal,
        number,
        baseOrder,
        previous,
        previousEnd,
        previousOrder,
        previousChain,
        created,
        oldest,
        maxEpoch,
        life,
        holes,
        index,
        keyCheck,
        copies);
  }
}
