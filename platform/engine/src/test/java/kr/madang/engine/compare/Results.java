package kr.madang.engine.compare;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.ArrowWriter;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** Writes the result of a replay as a replayer does: an Arrow file for each sink. */
final class Results {
  static final Instant START = Instant.parse("2026-11-03T10:00:00Z");
  static final long START_NANOS = START.getEpochSecond() * 1_000_000_000L;
  static final ResultSummary NO_SUMMARY =
      new ResultSummary(
          "pump", "", "", 0, null, null, ResultSummary.NOT_MEASURED, List.of(), Map.of(), Map.of());

  private static final int BATCH = 64;

  private final Path path;
  private final BufferAllocator allocator;
  private boolean stream;

  Results(Path path, BufferAllocator allocator) {
    try {
      this.path = Files.createDirectories(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.allocator = allocator;
  }

  ResultFolder folder() {
    return new ResultFolder(path, NO_SUMMARY);
  }

  ResultFolder folder(ResultSummary summary) {
    return new ResultFolder(path, summary);
  }

  /** From now on in the stream format. */
  Results asStream() {
    stream = true;
    return this;
  }

  /** One field of doubles, a row each millisecond; null is missing. */
  Results numbers(String sink, @Nullable Double... values) {
    return frames(
        sink,
        List.of(Frames.field("score", Frames.DOUBLE, "mm/s", "")),
        rows -> {
          for (int i = 0; i < values.length; i++) {
            number(rows.at(i), values[i]);
          }
        });
  }

  static void number(FrameWriter row, @Nullable Double value) {
    if (value != null) {
      row.set(0, value, Quality.GOOD);
    } else {
      row.missing(0, Quality.GOOD);
    }
  }

  /** Frames, in small batches. */
  Results frames(String sink, List<Field> fields, Consumer<Rows> rows) {
    try (FrameWriter writer = new FrameWriter(allocator, Frames.schema(fields));
        FileOutputStream out = open(sink);
        VectorSchemaRoot root = VectorSchemaRoot.create(writer.schema(), allocator);
        ArrowWriter file =
            stream
                ? new ArrowStreamWriter(root, null, out.getChannel())
                : new ArrowFileWriter(root, null, out.getChannel())) {
      file.start();
      Rows all = new Rows(writer, root, file);
      rows.accept(all);
      all.flush();
      file.end();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** Samples in one batch. */
  Results samples(String sink, Consumer<SampleWriter> rows) {
    try (SampleWriter writer = new SampleWriter(allocator)) {
      rows.accept(writer);
      try (Batch batch = writer.take()) {
        write(sink, batch);
      }
    }
    return this;
  }

  /** One batch of anything. */
  void write(String sink, Batch batch) {
    try (FileOutputStream out = open(sink);
        ArrowFileWriter file =
            new ArrowFileWriter(batch.root(), batch.dictionaries(), out.getChannel())) {
      file.start();
      file.writeBatch();
      file.end();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private FileOutputStream open(String sink) throws IOException {
    return new FileOutputStream(path.resolve(sink + ".arrow").toFile());
  }

  /** Takes frames row by row. */
  static final class Rows {
    private final FrameWriter writer;
    private final VectorSchemaRoot root;
    private final ArrowWriter file;

    private Rows(FrameWriter writer, VectorSchemaRoot root, ArrowWriter file) {
      this.writer = writer;
      this.root = root;
      this.file = file;
    }

    /** Begins a row so many milliseconds after the start. */
    FrameWriter at(long millis) {
      return atNanos(START_NANOS + millis * 1_000_000);
    }

    FrameWriter atNanos(long nanos) {
      if (writer.rows() == BATCH) {
        flush();
      }
      writer.begin(nanos);
      return writer;
    }

    private void flush() {
      try (Batch batch = writer.take();
          var record = new VectorUnloader(batch.root()).getRecordBatch()) {
        new VectorLoader(root).load(record);
        file.writeBatch();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
