package kr.madang.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;
import kr.madang.journal.disk.DiskFile;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.util.TransferPair;
import org.jspecify.annotations.Nullable;

/** Reads payloads of records and makes of them what a reader is given. One thread. */
final class RecordReader implements AutoCloseable {
  private static final int WINDOW = 256 << 10;

  /** A record that cannot be used, and why. */
  static final class Damaged extends Exception {
    private static final long serialVersionUID = 1;

    Damaged(String message) {
      super(message, null, false, false);
    }
  }

  private final Log log;
  private final BufferAllocator allocator;
  private final ArrowBuf ahead;
  private final Window window;
  private final CRC32C crc = new CRC32C();
  private @Nullable Segment over;
  private @Nullable Segment sealed;
  private @Nullable Seal sealing;

  RecordReader(Log log, BufferAllocator allocator) {
    this.log = log;
    this.allocator = allocator;
    this.ahead = allocator.buffer(WINDOW);
    ByteBuffer buffer = ahead.nioBuffer(0, WINDOW).order(ByteOrder.LITTLE_ENDIAN);
    this.window = new Window(buffer, Nothing.FILE);
  }

  Window window() {
    return window;
  }

  /** Goes over to a segment, if it is not there already. */
  DiskFile over(Segment segment) throws IOException {
    if (over != segment) {
      leave();
      DiskFile file = segment.acquire(log.disk);
      over = segment;
      window.over(file);
    }
    return window.file();
  }

  private void leave() {
    if (over != null) {
      over.release();
      over = null;
      window.over(Nothing.FILE);
    }
  }

  boolean whole(RecordHeader header, long at, long end) throws IOException {
    return at + header.size() <= end
        && (int) window.crc(crc, at + Layout.HEADER, Layout.checked(header), end) == header.bodyCrc;
  }

  /** The payload of one of the journal's own records; null if it is not whole. */
  byte @Nullable [] payload(RecordHeader header, long at, long end) throws IOException {
    return whole(header, at, end)
        ? window.bytes(at + Layout.HEADER, Layout.checked(header), end)
        : null;
  }

  /** What a reader is given of a record of rows or a note. */
  Logged logged(Segment segment, RecordHeader header, long at, long end, Following each)
      throws IOException, Damaged {
    if (header.type == Layout.NOTE) {
      byte[] payload = payload(header, at, end);
      if (payload == null) {
        throw new Damaged("the payload of note " + header.order + " is damaged");
      }
      payload = unsealed(segment, header, payload);
      if (payload.length < header.meta) {
        throw new Damaged("note " + header.order + " is shorter than it says");
      }
      return new Logged.Note(
          each.name,
          header.epoch,
          header.sequence,
          header.order,
          header.time,
          header.rows,
          Arrays.copyOf(payload, header.meta));
    }
    return rows(segment, header, at, end, each);
  }

  private Logged rows(Segment segment, RecordHeader header, long at, long end, Following each)
      throws IOException, Damaged {
    int length = header.length;
    SchemaIn schema = schema(segment, header.schema, end, each);
    if (header.flags != 0 && (header.flags & (Layout.PACKED | Layout.SECRET)) != 0) {
      return sealedRows(segment, header, at, end, each, schema);
    }
    ArrowBuf payload = allocator.buffer(Math.max(length, 8));
    try {
      load(payload, at + Layout.HEADER, length, end);
      ByteBuffer bytes = payload.nioBuffer(0, length);
      crc.reset();
      crc.update(bytes);
      if ((int) crc.getValue() != header.bodyCrc) {
        throw new Damaged(
            "the payload of record " + header.order + " of " + header.rows + " rows is damaged");
      }
    } catch (IOException | RuntimeException | Damaged e) {
      payload.close();
      throw e;
    }
    return given(payload, length, header, each, schema);
  }

  private Logged sealedRows(
      Segment segment, RecordHeader header, long at, long end, Following each, SchemaIn schema)
      throws IOException, Damaged {
    byte[] sealed = payload(header, at, end);
    if (sealed == null) {
      throw new Damaged(
          "the payload of record " + header.order + " of " + header.rows + " rows is damaged");
    }
    byte[] raw = unsealed(segment, header, sealed);
    if (raw.length < header.meta) {
      throw new Damaged("record " + header.order + " is shorter than it says");
    }
    ArrowBuf payload = allocator.buffer(Math.max(raw.length, 8));
    payload.setBytes(0, raw);
    return given(payload, raw.length, header, each, schema);
  }

  private byte[] unsealed(Segment segment, RecordHeader header, byte[] payload) throws Damaged {
    if ((header.flags & (Layout.PACKED | Layout.SECRET)) == 0) {
      return payload;
    }
    Seal seal = sealing;
    if (seal == null || sealed != segment) {
      SegmentHeader own = segment.header;
      seal = new Seal(false, log.key, own == null ? new UUID(0, 0) : own.life());
      sealing = seal;
      sealed = segment;
    }
    try {
      return seal.open(payload, header);
    } catch (IOException e) {
      throw new Damaged("record " + header.order + ": " + e.getMessage());
    }
  }

  /** Makes what a reader is given; takes the payload over. */
  private Logged given(
      ArrowBuf payload, int length, RecordHeader header, Following each, SchemaIn schema)
      throws Damaged {
    byte[] meta = new byte[header.meta];
    payload.getBytes(0, meta);
    Batch batch;
    try {
      batch =
          Rows.read(payload, length, Layout.padded(header.meta), header.rows, schema, allocator);
    } catch (IOException e) {
      throw new Damaged("record " + header.order + ": " + e.getMessage());
    }
    long sequence = header.sequence;
    long from = Math.max(sequence, each.expected);
    try (Batch whole = batch;
        Batch part = from == sequence ? whole.retain() : behind(whole, schema, from - sequence)) {
      return new Logged.Rows(
          each.name,
          header.epoch,
          from,
          header.order,
          header.time,
          meta,
          part.retainAs(each.name, header.epoch, from));
    }
  }

  /** The rows from one on, without a copy. */
  private static Batch behind(Batch batch, SchemaIn schema, long skip) {
    int first = (int) skip;
    int rows = batch.rows() - first;
    List<FieldVector> vectors = new ArrayList<>();
    for (FieldVector vector : batch.root().getFieldVectors()) {
      TransferPair pair = vector.getTransferPair(vector.getField(), vector.getAllocator());
      pair.splitAndTransfer(first, rows);
      vectors.add((FieldVector) pair.getTo());
    }
    return schema.batch(new VectorSchemaRoot(schema.schema, vectors, rows));
  }

  private void load(ArrowBuf into, long at, int length, long end) throws IOException {
    if (length <= WINDOW / 4 || window.holds(at, length)) {
      int in = window.at(at, length, end);
      if (in < 0) {
        throw new IOException("expected " + length + " bytes at " + at + ", the file has fewer");
      }
      into.setBytes(0, ahead, in, length);
    } else if (window.file().read(into.nioBuffer(0, length), at) < length) {
      throw new IOException("expected " + length + " bytes at " + at + ", the file has fewer");
    }
  }

  private SchemaIn schema(Segment segment, int number, long end, Following each)
      throws IOException, Damaged {
    SchemaIn known = each.schema;
    if (known != null && each.schemaNumber == number && each.schemaSegment == segment.number) {
      return known;
    }
    byte[] bytes = schemaBytes(segment, number, end);
    if (bytes == null) {
      throw new Damaged("both copies of the schema of its rows are damaged");
    }
    if (known == null || !Arrays.equals(known.bytes, bytes)) {
      SchemaIn read;
      try {
        read = SchemaIn.read(bytes, allocator);
      } catch (IOException e) {
        throw new Damaged(String.valueOf(e.getMessage()));
      }
      if (known != null) {
        known.close();
      }
      known = read;
      each.schema = read;
    }
    each.schemaNumber = number;
    each.schemaSegment = segment.number;
    return known;
  }

  private byte @Nullable [] schemaBytes(Segment segment, int number, long end)
      throws IOException, Damaged {
    SegmentIndex.SchemaAt where = segment.index.schemas.get(number);
    if (where == null) {
      return null;
    }
    RecordHeader found = new RecordHeader(log.id.seed());
    for (long at : List.of(where.at(), where.copy())) {
      int in = at < 0 ? -1 : window.at(at, Layout.HEADER, end);
      if (in >= 0
          && found.read(window.buffer, in)
          && found.type == Layout.SCHEMA
          && found.schema == number
          && at + found.size() <= end) {
        byte[] bytes = payload(found, at, end);
        if (bytes != null) {
          return found.flags == 0
              ? Arrays.copyOf(bytes, found.meta)
              : unsealed(segment, found, bytes);
        }
      }
    }
    return null;
  }

  @Override
  public void close() {
    leave();
    ahead.close();
  }
}
