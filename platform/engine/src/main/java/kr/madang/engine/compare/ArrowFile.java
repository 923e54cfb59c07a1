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
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.message.ArrowDictionaryBatch;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/**
 * An Arrow IPC file, in the file or the stream format, read from front to back, batch by batch. A
 * file that was cut, or of which bits have flipped, ends in an {@link IOException}.
 */
final class ArrowFile implements AutoCloseable {
  private static final ByteBuffer MAGIC =
      ByteBuffer.wrap("ARROW1".getBytes(StandardCharsets.US_ASCII)).asReadOnlyBuffer();

  /** In the file format the stream begins behind the magic and two bytes. */
  private static final int STREAM_START = 8;

  /** Memory that a batch may take beside the bytes it has in the file, many times over. */
  private static final long ROOM = 64L << 20;

  private static final int TIMES = 16;

  private final Path path;
  private final FileChannel channel;
  private final BufferAllocator memory;
  private final CheckedMessages messages;
  private final ArrowStreamReader reader;
  private final VectorSchemaRoot root;
  private int dictionaryAge;
  private long batches;

  ArrowFile(Path path, BufferAllocator allocator) throws IOException {
    this.path = path;
    channel = FileChannel.open(path, StandardOpenOption.READ);
    memory = allocator.newChildAllocator("compare", 0, ROOM + TIMES * channel.size());
    messages = new CheckedMessages(channel, memory);
    reader =
        new ArrowStreamReader(messages, memory) {
          @Override
          protected void loadDictionary(ArrowDictionaryBatch batch) {
            super.loadDictionary(batch);
            dictionaryAge++;
          }
        };
    try {
      skipMagic();
      root = reader.getVectorSchemaRoot();
    } catch (ClosedByInterruptException e) {
      close();
      throw e;
    } catch (IOException | RuntimeException e) {
      close();
      throw damaged("cannot be opened", e);
    }
  }

  private void skipMagic() throws IOException {
    if (!isMagic(0)) {
      return;
    }
    if (!isMagic(channel.size() - MAGIC.capacity())) {
      throw new IOException("the end of the file is missing");
    }
    channel.position(STREAM_START);
  }

  private boolean isMagic(long at) throws IOException {
    ByteBuffer found = ByteBuffer.allocate(MAGIC.capacity());
    channel.read(found, Math.max(0, at));
    return found.flip().equals(MAGIC.duplicate().rewind());
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
    try (channel;
        memory) {
      reader.close();
      messages.release();
    }
  }
}
