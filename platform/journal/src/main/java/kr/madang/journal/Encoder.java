package kr.madang.journal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.message.ArrowBuffer;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Lays payloads out: the writer's bytes, then the batch as an Arrow message. Small ones are copied
 * into a slab, so that a commit is one write of few pieces; of big ones the batch's own memory is
 * written.
 */
final class Encoder {
  private static final int PREFIX = 8;
  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(8).asReadOnlyBuffer();

  private final Slabs slabs;
  private final AtomicInteger schemas;
  private final Seal seal;

  Encoder(Slabs slabs, AtomicInteger schemas, Seal seal) {
    this.seal = seal;
    this.slabs = slabs;
    this.schemas = schemas;
  }

  Outgoing encode(Entry entry) {
    Batch batch = entry.batch();
    if (batch == null) {
      return note(entry);
    }
    SchemaOut schema = SchemaOut.of(batch, entry.stream().schema, schemas);
    entry.stream().schema = schema;
    ArrowRecordBatch rows = new VectorUnloader(batch.root()).getRecordBatch();
    boolean held = false;
    try {
      ByteBuffer metadata = MessageSerializer.serializeMetadata(rows, IpcOption.DEFAULT);
      int prefix = Layout.padded(PREFIX + metadata.remaining());
      int meta = Layout.padded(entry.meta().length);
      long length = (long) meta + prefix + rows.computeBodyLength();
      if (length > Integer.MAX_VALUE - Layout.HEADER) {
        throw new IllegalArgumentException(
            "a batch of " + length + " bytes is too big for the journal; expected less than 2 GiB");
      }
      if (seal.active()) {
        return sealed(entry, schema, raw(entry, rows, metadata, prefix, (int) length));
      }
      if (length + Layout.HEADER <= Slabs.MOST) {
        return small(entry, schema, rows, metadata, prefix, (int) length);
      }
      Outgoing out = big(entry, schema, rows, metadata, prefix, (int) length);
      held = true;
      return out;
    } finally {
      if (!held) {
        rows.close();
      }
    }
  }

  private Outgoing small(
      Entry entry,
      SchemaOut schema,
      ArrowRecordBatch rows,
      ByteBuffer metadata,
      int prefix,
      int length) {
    Slabs.Piece piece = slabs.take(Layout.HEADER + length);
    ByteBuffer to = piece.slab().buffer;
    int start = piece.at() + Layout.HEADER;
    fill(to, start, entry, rows, metadata, prefix, length);
    return new Outgoing(
        entry.stream(),
        Layout.ROWS,
        entry.rows(),
        schema,
        piece,
        List.of(),
        entry.meta().length,
        length,
        Layout.crc(to, start, length),
        (byte) 0,
        null);
  }

  private static void fill(
      ByteBuffer to,
      int start,
      Entry entry,
      ArrowRecordBatch rows,
      ByteBuffer metadata,
      int prefix,
      int length) {
    int at = meta(to, start, entry.meta());
    at = prefix(to, at, metadata, prefix);
    List<ArrowBuf> buffers = rows.getBuffers();
    List<ArrowBuffer> layout = rows.getBuffersLayout();
    int done = 0;
    for (int i = 0; i < buffers.size(); i++) {
      ArrowBuf buffer = buffers.get(i);
      int offset = (int) layout.get(i).getOffset();
      zero(to, at + done, offset - done);
      int bytes = (int) buffer.readableBytes();
      if (bytes > 0) {
        to.put(at + offset, buffer.nioBuffer(buffer.readerIndex(), bytes), 0, bytes);
      }
      done = offset + bytes;
    }
    zero(to, at + done, start + length - at - done);
  }

  private static byte[] raw(
      Entry entry, ArrowRecordBatch rows, ByteBuffer metadata, int prefix, int length) {
    ByteBuffer raw = Layout.buffer(length);
    fill(raw, 0, entry, rows, metadata, prefix, length);
    return raw.array();
  }

  private Outgoing sealed(Entry entry, @Nullable SchemaOut schema, byte[] raw) {
    byte type = schema == null ? Layout.NOTE : Layout.ROWS;
    int meta = entry.meta().length;
    Seal.Sealed sealed = seal.seal(raw, type, entry.rows(), meta, schema == null ? 0 : schema.id);
    int length = Layout.padded(sealed.payload().length);
    boolean small = length + Layout.HEADER <= Slabs.MOST;
    Slabs.Piece piece = slabs.take(small ? Layout.HEADER + length : Layout.HEADER);
    ByteBuffer to = small ? piece.slab().buffer : Layout.direct(length);
    int start = small ? piece.at() + Layout.HEADER : 0;
    meta(to, start, sealed.payload());
    return new Outgoing(
        entry.stream(),
        type,
        entry.rows(),
        schema,
        piece,
        small ? List.of() : List.of(to),
        meta,
        length,
        Layout.crc(to, start, length),
        sealed.flags(),
        null);
  }

  private Outgoing big(
      Entry entry,
      SchemaOut schema,
      ArrowRecordBatch rows,
      ByteBuffer metadata,
      int prefix,
      int length) {
    CRC32C crc = new CRC32C();
    List<ByteBuffer> body = new ArrayList<>();
    ByteBuffer head = Layout.direct(Layout.padded(entry.meta().length) + prefix);
    prefix(head, meta(head, 0, entry.meta()), metadata, prefix);
    add(body, crc, head);
    List<ArrowBuf> buffers = rows.getBuffers();
    List<ArrowBuffer> layout = rows.getBuffersLayout();
    long done = 0;
    for (int i = 0; i < buffers.size(); i++) {
      ArrowBuf buffer = buffers.get(i);
      add(body, crc, ZEROS.slice(0, (int) (layout.get(i).getOffset() - done)));
      int bytes = (int) buffer.readableBytes();
      add(body, crc, buffer.nioBuffer(buffer.readerIndex(), bytes));
      done = layout.get(i).getOffset() + bytes;
    }
    add(body, crc, ZEROS.slice(0, (int) (rows.computeBodyLength() - done)));
    return new Outgoing(
        entry.stream(),
        Layout.ROWS,
        entry.rows(),
        schema,
        slabs.take(Layout.HEADER),
        body,
        entry.meta().length,
        length,
        (int) crc.getValue(),
        (byte) 0,
        rows);
  }

  private static void add(List<ByteBuffer> body, CRC32C crc, ByteBuffer part) {
    if (part.hasRemaining()) {
      crc.update(part.duplicate());
      body.add(part);
    }
  }

  private Outgoing note(Entry entry) {
    byte[] meta = entry.meta();
    if (seal.active()) {
      return sealed(entry, null, meta);
    }
    int length = Layout.padded(meta.length);
    if (length + Layout.HEADER <= Slabs.MOST) {
      Slabs.Piece piece = slabs.take(Layout.HEADER + length);
      meta(piece.slab().buffer, piece.at() + Layout.HEADER, meta);
      int crc = Layout.crc(piece.slab().buffer, piece.at() + Layout.HEADER, length);
      return note(entry.stream(), entry.rows(), piece, List.of(), meta.length, length, crc);
    }
    ByteBuffer copy = Layout.direct(length);
    meta(copy, 0, meta);
    return note(
        entry.stream(),
        entry.rows(),
        slabs.take(Layout.HEADER),
        List.of(copy),
        meta.length,
        length,
        Layout.crc(copy, 0, length));
  }

  private static Outgoing note(
      JournalStream stream,
      int rows,
      Slabs.Piece piece,
      List<ByteBuffer> body,
      int meta,
      int length,
      int crc) {
    return new Outgoing(
        stream, Layout.NOTE, rows, null, piece, body, meta, length, crc, (byte) 0, null);
  }

  /** A gap marker; its numbers are those of the gap. */
  Outgoing gap(JournalStream stream, Gone gone) {
    byte[] payload = OwnRecords.gap(gone);
    int length = Layout.padded(payload.length);
    Slabs.Piece piece = slabs.take(Layout.HEADER + length);
    meta(piece.slab().buffer, piece.at() + Layout.HEADER, payload);
    int crc = Layout.crc(piece.slab().buffer, piece.at() + Layout.HEADER, length);
    @Nullable AutoCloseable nothing = null;
    Outgoing out =
        new Outgoing(
            stream,
            Layout.GAP,
            0,
            null,
            piece,
            List.of(),
            payload.length,
            length,
            crc,
            (byte) 0,
            nothing);
    out.gone = gone;
    return out;
  }

  private static int meta(ByteBuffer to, int at, byte[] meta) {
    to.put(at, meta);
    int padded = Layout.padded(meta.length);
    zero(to, at + meta.length, padded - meta.length);
    return at + padded;
  }

  private static int prefix(ByteBuffer to, int at, ByteBuffer metadata, int prefix) {
    int bytes = metadata.remaining();
    to.putInt(at, MessageSerializer.IPC_CONTINUATION_TOKEN);
    to.putInt(at + 4, prefix - PREFIX);
    to.put(at + PREFIX, metadata, metadata.position(), bytes);
    zero(to, at + PREFIX + bytes, prefix - PREFIX - bytes);
    return at + prefix;
  }

  private static void zero(ByteBuffer to, int at, int bytes) {
    for (int i = at; i < at + bytes; i++) {
      to.put(i, (byte) 0);
    }
  }
}
