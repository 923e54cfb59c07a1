package kr.madang.sdk.batch;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/**
 * The dictionary of a samples batch, shared by all batches that were written with the same tags.
 */
final class TagNames {
  private final AtomicInteger holders = new AtomicInteger(1);
  private final VarCharVector vector;
  private final DictionaryProvider provider;
  private final String[] names;

  TagNames(BufferAllocator allocator, String[] names) {
    this.names = names;
    vector = new VarCharVector(Samples.TAG, allocator);
    try {
      vector.allocateNew(names.length);
      for (int i = 0; i < names.length; i++) {
        vector.setSafe(i, names[i].getBytes(StandardCharsets.UTF_8));
      }
      vector.setValueCount(names.length);
    } catch (RuntimeException e) {
      vector.close();
      throw e;
    }
    provider =
        new DictionaryProvider.MapDictionaryProvider(new Dictionary(vector, Samples.TAG_ENCODING));
  }

  DictionaryProvider provider() {
    return provider;
  }

  String[] names() {
    return names;
  }

  TagNames retain() {
    holders.incrementAndGet();
    return this;
  }

  void release() {
    if (holders.decrementAndGet() == 0) {
      vector.close();
    }
  }
}
