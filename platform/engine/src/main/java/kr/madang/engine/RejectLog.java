package kr.madang.engine;

import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.ErrorCode;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TimeStampNanoTZVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps rejected rows in Arrow IPC stream files, one for each start of the pipeline and 16 MiB, the
 * oldest deleted beyond 64 MiB. Its memory is not the pipeline's, which may be used up. A record
 * holds the rows themselves as an IPC stream of their own, so that they can be corrected and
 * replayed. Safe for any thread.
 */
final class RejectLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RejectLog.class);
  private static final long FILE_BYTES = 16L << 20;
  private static final long KEPT_BYTES = 48L << 20;
  private static final int FILES = 1_000;
  private static final long RECORD_BYTES = 4L << 20;
  private static final long AGAIN = Duration.ofSeconds(10).toNanos();
  private static final int ROWS = 4096;
  private static final int TEXT = 4096;
  private static final Schema SCHEMA =
      new Schema(
          List.of(
              Field.notNullable("time", new ArrowType.Timestamp(TimeUnit.NANOSECOND, "UTC")),
              Field.notNullable("stage", ArrowType.Utf8.INSTANCE),
              Field.notNullable("code", ArrowType.Utf8.INSTANCE),
              Field.notNullable("why", ArrowType.Utf8.INSTANCE),
              Field.notNullable("rows", new ArrowType.Int(32, true)),
              Field.notNullable("content", ArrowType.Utf8.INSTANCE),
              Field.nullable("data", ArrowType.Binary.INSTANCE)));

  private final Path folder;
  private final long epoch;
  private final BufferAllocator allocator;
  private final InstantSource clock;
  private int number;
  private @Nullable VectorSchemaRoot root;
  private @Nullable ArrowStreamWriter writer;
  private @Nullable FileOutputStream out;
  private boolean closed;
  private long unkept;
  private long tryAgain;

  RejectLog(Path folder, long epoch, BufferAllocator allocator, InstantSource clock) {
    this.folder = folder;
    this.epoch = epoch;
    this.allocator = allocator;
    this.clock = clock;
  }

  /** Keeps rows of a batch and counts them as rejected. */
  void keep(Account account, String stage, Batch batch, BitSet rows, ErrorCode code, String why) {
    int[] chosen = rows.get(0, batch.rows()).stream().toArray();
    account.rejected(chosen.length);
    long rowBytes = Math.max(1, Footprint.of(batch) / Math.max(1, batch.rows()));
    int most = Math.clamp(RECORD_BYTES / rowBytes, 1, ROWS);
    for (int from = 0; from < chosen.length; from += most) {
      keep(
          stage,
          batch,
          Arrays.copyOfRange(chosen, from, Math.min(chosen.length, from + most)),
          code,
          why);
    }
  }

  private void keep(String stage, Batch batch, int[] rows, ErrorCode code, String why) {
    String text = "";
    byte @Nullable [] data = null;
    try {
      text = RowText.of(batch, rows, TEXT);
      data = encode(batch, rows);
      if (data.length > FILE_BYTES) {
        throw new IOException("a row of " + data.length + " bytes is too big");
      }
    } catch (IOException | RuntimeException e) {
      data = null;
      LOG.warn("rejected rows of {} are kept as text only: {}", stage, e.toString());
    }
    write(stage, code, why, rows.length, text, data);
  }

  /** Keeps one row that never became part of a batch and counts it as read and rejected. */
  void keepText(Account account, String stage, String row, String why) {
    account.begin(1);
    account.rejected(1);
    String text = row.length() > TEXT ? row.substring(0, TEXT) : row;
    write(stage, ErrorCode.BAD_DATA, why, 1, text, null);
  }

  /** The latest records, newest last. */
  synchronized List<Reject> latest(int atMost) {
    ArrayDeque<Reject> latest = new ArrayDeque<>();
    for (Path file : files()) {
      try (InputStream in = Files.newInputStream(file);
          ArrowStreamReader reader = new ArrowStreamReader(in, allocator)) {
        while (reader.loadNextBatch()) {
          read(reader.getVectorSchemaRoot(), latest, atMost);
        }
      } catch (IOException | RuntimeException e) {
        LOG.debug("{} ends early: {}", file, e.toString());
      }
    }
    return List.copyOf(latest);
  }

  private static void read(VectorSchemaRoot records, ArrayDeque<Reject> into, int atMost) {
    for (int i = 0; i < records.getRowCount(); i++) {
      if (into.size() == atMost) {
        into.removeFirst();
      }
      long nanos = ((TimeStampNanoTZVector) records.getVector("time")).get(i);
      into.add(
          new Reject(
              Instant.ofEpochSecond(0, nanos),
              text(records, "stage", i),
              text(records, "why", i),
              ((IntVector) records.getVector("rows")).get(i),
              text(records, "content", i)));
    }
  }

  private static String text(VectorSchemaRoot records, String column, int row) {
    return new String(((VarCharVector) records.getVector(column)).get(row), StandardCharsets.UTF_8);
  }

  private synchronized void write(
      String stage, ErrorCode code, String why, int rows, String text, byte @Nullable [] data) {
    if (closed || (unkept > 0 && System.nanoTime() - tryAgain < 0)) {
      unkept += rows;
      return;
    }
    try {
      if (writer != null && writer.bytesWritten() > FILE_BYTES) {
        closeFile();
      }
      ArrowStreamWriter out = open();
      VectorSchemaRoot record = Objects.requireNonNull(root);
      Instant now = clock.instant();
      ((TimeStampNanoTZVector) record.getVector(0))
          .setSafe(0, now.getEpochSecond() * 1_000_000_000L + now.getNano());
      set(record, 1, stage);
      set(record, 2, code.name());
      set(record, 3, why);
      ((IntVector) record.getVector(4)).setSafe(0, rows);
      set(record, 5, text);
      if (data == null) {
        ((VarBinaryVector) record.getVector(6)).setNull(0);
      } else {
        ((VarBinaryVector) record.getVector(6)).setSafe(0, data);
      }
      record.setRowCount(1);
      out.writeBatch();
      record.clear();
      if (unkept > 0) {
        LOG.warn("rejected rows are kept again under {}; {} were not", folder, unkept);
        unkept = 0;
      }
    } catch (IOException | RuntimeException e) {
      // A store that cannot be written must not stop the stream; the count stays right.
      if (unkept == 0) {
        LOG.error("rejected rows cannot be kept under {}: {}", folder, e.toString());
      }
      unkept += rows;
      tryAgain = System.nanoTime() + AGAIN;
      closeFile();
    }
  }

  private static void set(VectorSchemaRoot record, int column, String text) {
    ((VarCharVector) record.getVector(column)).setSafe(0, text.getBytes(StandardCharsets.UTF_8));
  }

  private ArrowStreamWriter open() throws IOException {
    ArrowStreamWriter current = writer;
    if (current == null) {
      Files.createDirectories(folder);
      deleteOldest();
      Path file = folder.resolve("%020d-%04d.arrows".formatted(epoch, number++));
      VectorSchemaRoot record = VectorSchemaRoot.create(SCHEMA, allocator);
      root = record;
      // No channel of Files: an interrupt would close it.
      FileOutputStream stream = new FileOutputStream(file.toFile());
      out = stream;
      current = new ArrowStreamWriter(record, null, stream);
      writer = current;
      current.start();
    }
    return current;
  }

  private void deleteOldest() throws IOException {
    List<Path> old = files();
    long bytes = 0;
    for (Path file : old) {
      bytes += Files.size(file);
    }
    for (int i = 0; i < old.size() && (bytes > KEPT_BYTES || old.size() - i >= FILES); i++) {
      bytes -= Files.size(old.get(i));
      Files.delete(old.get(i));
    }
  }

  private List<Path> files() {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".arrows")).sorted().toList();
    } catch (IOException e) {
      LOG.warn("cannot list {}: {}", folder, e.toString());
      return List.of();
    }
  }

  private byte[] encode(Batch batch, int[] rows) throws IOException {
    List<FieldVector> vectors = new ArrayList<>();
    try {
      for (FieldVector vector : batch.root().getFieldVectors()) {
        FieldVector copy = vector.getField().createVector(allocator);
        vectors.add(copy);
        copy.setInitialCapacity(rows.length);
        copy.allocateNew();
        for (int i = 0; i < rows.length; i++) {
          copy.copyFromSafe(rows[i], i, vector);
        }
        copy.setValueCount(rows.length);
      }
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      VectorSchemaRoot picked =
          new VectorSchemaRoot(batch.schema().getFields(), vectors, rows.length);
      ArrowStreamWriter stream = new ArrowStreamWriter(picked, batch.dictionaries(), bytes);
      stream.start();
      stream.writeBatch();
      stream.end();
      return bytes.toByteArray();
    } finally {
      vectors.forEach(FieldVector::close);
    }
  }

  /** What is rejected from now on is counted, but not kept. */
  @Override
  public synchronized void close() {
    closed = true;
    closeFile();
  }

  private void closeFile() {
    try {
      if (writer != null) {
        writer.close(); // Writes the end of the stream; may not get as far as closing the file.
      }
    } catch (RuntimeException e) {
      LOG.warn("closing rejected rows under {}: {}", folder, e.toString());
    }
    try {
      if (out != null) {
        out.close();
      }
    } catch (IOException e) {
      LOG.warn("closing rejected rows under {}: {}", folder, e.toString());
    }
    if (root != null) {
      root.close();
    }
    writer = null;
    root = null;
    out = null;
  }
}
