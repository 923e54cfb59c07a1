package kr.madang.engine;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.ArrowWriter;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Rows for one sink as Arrow IPC: a file, or a stream where dictionaries may grow on the way, as
 * that of tags does.
 */
final class ResultFile implements Downstream, AutoCloseable {
  private final OutputStream out;
  private final VectorSchemaRoot root;
  private final boolean encoded;
  private @Nullable ArrowWriter writer;
  private @Nullable DictionaryProvider dictionaries;
  private long rows;

  ResultFile(Path file, Schema schema, BufferAllocator allocator) throws IOException {
    out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
    root = VectorSchemaRoot.create(schema, allocator);
    encoded = schema.getFields().stream().anyMatch(field -> field.getDictionary() != null);
  }

  long rows() {
    return rows;
  }

  @Override
  public void data(Batch batch) {
    try (batch;
        ArrowRecordBatch record = new VectorUnloader(batch.root()).getRecordBatch()) {
      new VectorLoader(root).load(record);
      dictionaries = batch.dictionaries();
      begin().writeBatch();
      rows += batch.rows();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      root.clear();
      dictionaries = null;
    }
  }

  /** The writer; one of dictionaries must have seen them when it is made. */
  private ArrowWriter begin() throws IOException {
    ArrowWriter known = writer;
    if (known == null) {
      WritableByteChannel channel = Channels.newChannel(out);
      known =
          encoded
              ? new ArrowStreamWriter(root, new Latest(), channel)
              : new ArrowFileWriter(root, new DictionaryProvider.MapDictionaryProvider(), channel);
      writer = known;
      known.start();
    }
    return known;
  }

  @Override
  public void mark(int source, long number) {}

  @Override
  public void settle() {}

  @Override
  public void end(boolean finished) {}

  /** Ends the file; one of frames without rows says what columns there would have been. */
  @Override
  public void close() throws IOException {
    try (out;
        root) {
      if (writer != null || !encoded) {
        begin().close(); // Ends it, and frees the dictionaries that it keeps to compare with.
      }
    }
  }

  /** The dictionaries of the batch that is being written. */
  private final class Latest implements DictionaryProvider {
    private DictionaryProvider now() {
      DictionaryProvider known = dictionaries;
      return known == null ? new MapDictionaryProvider() : known;
    }

    @Override
    public @Nullable Dictionary lookup(long id) {
      return now().lookup(id);
    }

    @Override
    public Set<Long> getDictionaryIds() {
      return now().getDictionaryIds();
    }
  }
}
