package kr.madang.engine.compare;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.message.ArrowDictionaryBatch;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** An Arrow IPC file, in the file or the stream format, read batch by batch. */
final class ArrowFile implements AutoCloseable {
  private static final byte[] MAGIC = "ARROW1".getBytes(StandardCharsets.US_ASCII);

  private final Path path;
  private final FileChannel channel;
  private final ArrowReader reader;
  private final VectorSchemaRoot root;
  private int dictionaryAge;
  private long batches;

  ArrowFile(Path path, BufferAllocator allocator) throws IOException {
    this.path = path;
    channel = FileChannel.open(path, StandardOpenOption.READ);
    ArrowReader opened = null;
    try {
      opened = isStream(channel) ? stream(channel, allocator) : file(channel, allocator);
      root = opened.getVectorSchemaRoot();
      reader = opened;
    } catch (IOException | RuntimeException e) {
      if (opened != null) {
        try {
          opened.close();
        } catch (IOException | RuntimeException alsoBroken) {
          e.addSuppressed(alsoBroken);
        }
      }
      channel.close();
      throw damaged("cannot be opened", e);
    }
  }

  /** What to tell when the content cannot be read. */
  IOException damaged(String where, Exception cause) {
    return new IOException(
        path
            + " "
            + where
            + ": expected rows as Arrow IPC, got "
            + cause
            + "; replay again to make the file anew",
        cause);
  }

  private static boolean isStream(FileChannel channel) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(MAGIC.length);
    channel.read(head, 0);
    return !head.flip().equals(ByteBuffer.wrap(MAGIC));
  }

  private ArrowReader stream(FileChannel channel, BufferAllocator allocator) {
    return new ArrowStreamReader(channel, allocator) {
      @Override
      protected void loadDictionary(ArrowDictionaryBatch batch) {
        super.loadDictionary(batch);
        dictionaryAge++;
      }
    };
  }

  private ArrowReader file(FileChannel channel, BufferAllocator allocator) {
    return new ArrowFileReader(channel, allocator) {
      @Override
      protected void loadDictionary(ArrowDictionaryBatch batch) {
        super.loadDictionary(batch);
        dictionaryAge++;
      }
    };
  }

  /** The current batch; its vectors stay the same objects from batch to batch. */
  VectorSchemaRoot root() {
    return root;
  }

  /** Loads the next batch; false at the end. */
  boolean next() throws IOException {
    try {
      boolean more = reader.loadNextBatch();
      batches++;
      return more;
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw damaged("is damaged in batch " + batches, e);
    }
  }

  /** What an encoded field refers to, or null if it is not encoded. */
  @Nullable FieldVector dictionary(Field field) {
    if (field.getDictionary() == null) {
      return null;
    }
    Dictionary dictionary = reader.lookup(field.getDictionary().getId());
    return dictionary == null ? null : dictionary.getVector();
  }

  /** Rises when the content of a dictionary has changed. */
  int dictionaryAge() {
    return dictionaryAge;
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      reader.close();
    }
  }
}
