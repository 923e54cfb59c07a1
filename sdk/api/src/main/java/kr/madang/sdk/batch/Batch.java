package kr.madang.sdk.batch;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * One owned block of rows: an Arrow {@link VectorSchemaRoot} with its dictionaries, and the key of
 * its first row. Whoever holds a batch closes it once; {@link #retain} gives a second holder a
 * batch of its own over the same memory. The content is never written after the batch was made.
 *
 * <p>There are two canonical shapes, see {@link Samples} and {@link Frames}. A batch may pass from
 * thread to thread, but its vectors are read by one thread at a time.
 */
public final class Batch implements AutoCloseable {
  private static final DictionaryProvider NO_DICTIONARIES =
      new DictionaryProvider.MapDictionaryProvider();
  private static final Runnable NOTHING = () -> {};

  private final Content content;
  private final String stream;
  private final long epoch;
  private final long sequence;
  private boolean closed;

  private Batch(Content content, String stream, long epoch, long sequence) {
    this.content = content;
    this.stream = stream;
    this.epoch = epoch;
    this.sequence = sequence;
  }

  /** Takes ownership of a root without dictionaries. */
  public static Batch of(VectorSchemaRoot root) {
    return of(root, NO_DICTIONARIES, NOTHING);
  }

  /**
   * Takes ownership of a root whose dictionaries are held elsewhere.
   *
   * @param dictionaries what the root's encoded fields refer to
   * @param release called once, after the root has been closed
   */
  public static Batch of(VectorSchemaRoot root, DictionaryProvider dictionaries, Runnable release) {
    return new Batch(new Content(root, dictionaries, release, null), "", 0, 0);
  }

  static Batch of(VectorSchemaRoot root, TagNames tags) {
    return new Batch(new Content(root, tags.provider(), tags::release, tags), "", 0, 0);
  }

  /** The rows; not to be written, not to be closed. */
  public VectorSchemaRoot root() {
    if (closed) {
      throw new IllegalStateException("batch is closed");
    }
    return content.root;
  }

  /** The dictionaries of encoded fields. */
  public DictionaryProvider dictionaries() {
    return content.dictionaries;
  }

  /** The names and types of the columns. */
  public Schema schema() {
    return root().getSchema();
  }

  /** The number of rows. */
  public int rows() {
    return root().getRowCount();
  }

  /** The stream that the rows belong to: one source or one sink link of a pipeline. */
  public String stream() {
    return stream;
  }

  /** Rises only when sequence numbers of the stream could repeat. */
  public long epoch() {
    return epoch;
  }

  /** The number of the first row in its stream; row {@code i} has {@code sequence() + i}. */
  public long sequence() {
    return sequence;
  }

  /** The same rows under another key, for another holder. */
  public Batch retainAs(String stream, long epoch, long sequence) {
    if (closed) {
      throw new IllegalStateException("batch is closed");
    }
    content.holders.incrementAndGet();
    return new Batch(content, stream, epoch, sequence);
  }

  /** The same rows for another holder. */
  public Batch retain() {
    return retainAs(stream, epoch, sequence);
  }

  @Nullable TagNames tags() {
    return content.tags;
  }

  /** Gives up this hold; the memory goes when the last holder has closed. Closing twice is fine. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      if (content.holders.decrementAndGet() == 0) {
        content.root.close();
        content.release.run();
      }
    }
  }

  private static final class Content {
    final AtomicInteger holders = new AtomicInteger(1);
    final VectorSchemaRoot root;
    final DictionaryProvider dictionaries;
    final Runnable release;
    final @Nullable TagNames tags;

    Content(
        VectorSchemaRoot root,
        DictionaryProvider dictionaries,
        Runnable release,
        @Nullable TagNames tags) {
      this.root = root;
      this.dictionaries = dictionaries;
      this.release = release;
      this.tags = tags;
    }
  }
}
