package kr.madang.journal;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record on its way to the disk: its payload is laid out, its numbers are set when it is queued.
 */
final class Outgoing {
  final JournalStream stream;
  final byte type;
  final int rows;
  final @Nullable SchemaOut schema;
  final Slabs.Piece piece;
  final List<ByteBuffer> body;
  final int meta;
  final int length;
  final int bodyCrc;
  final byte flags;
  private final @Nullable AutoCloseable hold;

  long epoch;
  long sequence;
  long order;
  long time;
  boolean more;
  int headerCrc;

  /** Set for a gap marker. */
  @Nullable Gone gone;

  /** Where it was written. */
  long at;

  /**
   * A record without numbers.
   *
   * @param piece room for the header and what follows it directly
   * @param body what follows that
   * @param length of the payload
   * @param hold kept open until the record is safe
   */
  Outgoing(
      JournalStream stream,
      byte type,
      int rows,
      @Nullable SchemaOut schema,
      Slabs.Piece piece,
      List<ByteBuffer> body,
      int meta,
      int length,
      int bodyCrc,
      byte flags,
      @Nullable AutoCloseable hold) {
    this.stream = stream;
    this.type = type;
    this.rows = rows;
    this.schema = schema;
    this.piece = piece;
    this.body = body;
    this.meta = meta;
    this.length = length;
    this.bodyCrc = bodyCrc;
    this.flags = flags;
    this.hold = hold;
  }

  int size() {
    return Layout.HEADER + length;
  }

  /** The number after the last row. */
  long end() {
    Gone gap = gone;
    return gap == null ? sequence + rows : gap.to();
  }

  /** Writes the header, now that the numbers are known. */
  void number(RecordHeader header) {
    header.length = length;
    header.type = type;
    header.flags = (byte) (flags | (more ? Layout.MORE : 0));
    header.stream = stream.id;
    header.rows = rows;
    header.epoch = epoch;
    header.sequence = sequence;
    header.order = order;
    header.time = time;
    header.meta = meta;
    header.schema = schema == null ? 0 : schema.id;
    header.bodyCrc = bodyCrc;
    header.write(piece.slab().buffer, piece.at());
    headerCrc = header.headerCrc;
  }

  /** Frees its memory. */
  void free(Slabs slabs) {
    slabs.give(piece);
    if (hold != null) {
      try {
        hold.close();
      } catch (Exception e) {
        throw new IllegalStateException("a batch could not be closed", e);
      }
    }
  }
}
