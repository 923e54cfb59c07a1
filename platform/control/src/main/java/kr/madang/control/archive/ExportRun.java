package kr.madang.control.archive;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.BitSet;
import java.util.List;
import kr.madang.journal.Logged;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import kr.madang.sdk.sink.SinkFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a part of a stream and gives it to a sink, on a thread of the sink's plugin. */
final class ExportRun<C> {
  private static final Logger LOG = LoggerFactory.getLogger(ExportRun.class);

  private final Archive archive;
  private final String stream;
  private final Span span;
  private final SinkFactory<C> factory;
  private final C config;
  private final boolean plain;
  private final BufferAllocator allocator;

  private @Nullable Sink sink;
  private @Nullable Schema schema;
  private long rows;
  private long gone;

  /**
   * A run.
   *
   * @param plain whether texts of dictionaries are written into the rows
   */
  ExportRun(
      Archive archive,
      String stream,
      Span span,
      SinkFactory<C> factory,
      C config,
      boolean plain,
      BufferAllocator allocator) {
    this.archive = archive;
    this.stream = stream;
    this.span = span;
    this.factory = factory;
    this.config = config;
    this.plain = plain;
    this.allocator = allocator;
  }

  Export.Written write() throws Exception {
    try (Tail tail = Tail.of(archive, stream, span, allocator)) {
      for (Logged next = tail.next(); next != null; next = tail.next()) {
        take(next);
      }
      finish();
    } finally {
      close();
    }
    if (rows == 0) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "stream '"
              + stream
              + "' has no rows in this part; 'madang journal ls' shows what there is");
    }
    return new Export.Written(rows, gone, List.of());
  }

  private void take(Logged next) throws Exception {
    switch (next) {
      case Logged.Gap gap ->
          gone +=
              Math.max(
                  0,
                  Math.min(gap.to(), span.untilRow()) - Math.max(gap.sequence(), span.fromRow()));
      case Logged.Note _ -> {}
      case Logged.Rows got -> {
        try (Batch batch = got.batch()) {
          cut(batch, (int) Math.min(batch.rows(), span.untilRow() - got.sequence()));
        }
      }
    }
  }

  private void cut(Batch batch, int count) throws Exception {
    if (count == batch.rows()) {
      decode(batch);
      return;
    }
    VectorSchemaRoot slice = batch.root().slice(0, count);
    try (Batch unkeyed = Batch.of(slice, batch.dictionaries(), () -> {});
        Batch part = unkeyed.retainAs(batch.stream(), batch.epoch(), batch.sequence())) {
      decode(part);
    }
  }

  private void decode(Batch batch) throws Exception {
    if (plain) {
      try (Batch decoded = Plain.of(batch, allocator)) {
        give(decoded);
      }
    } else {
      give(batch);
    }
  }

  private void give(Batch batch) throws Exception {
    Sink open = sink;
    if (open == null || !batch.schema().equals(schema)) {
      finish();
      close();
      open = factory.open(config, batch.schema(), new Context());
      sink = open;
      schema = batch.schema();
    }
    open.write(batch);
    rows += batch.rows();
  }

  private void finish() throws Exception {
    if (sink != null) {
      sink.finish();
    }
  }

  private void close() throws Exception {
    if (sink != null) {
      sink.close();
      sink = null;
    }
  }

  /** The clock stands still: files are finished by their size. */
  private final class Context implements SinkContext {
    @Override
    public String name() {
      return archive.workspace() + "/" + stream + "/export";
    }

    @Override
    public Duration timeout() {
      return Duration.ofSeconds(30);
    }

    @Override
    public BufferAllocator allocator() {
      return allocator;
    }

    @Override
    public InstantSource clock() {
      return InstantSource.fixed(Instant.EPOCH);
    }

    @Override
    public Logger logger() {
      return LOG;
    }

    @Override
    public void reject(Batch batch, BitSet rejected, String why) {
      throw new PluginException(
          ErrorCode.BAD_DATA,
          "rows from %d on cannot be written to files: %s".formatted(batch.sequence(), why));
    }
  }
}
