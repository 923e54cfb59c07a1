package kr.madang.plugins.kafka;

import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Turns records into rows of a batch. One thread. */
interface Decoder extends AutoCloseable {
  /** Takes the rows of a record; what is not null is the reason why it, or a part, is refused. */
  @Nullable String decode(ConsumerRecord<byte[], byte[]> record);

  /** Sets the time of arrival of the rows that follow; ns since 1970 UTC. */
  void receivedAt(long nanos);

  /** What was taken since the last time, owned by the caller; may have no rows. */
  Batch take();

  @Override
  void close();

  /** The decoder that a config asks for. */
  static Decoder of(SourceConfig config, BufferAllocator allocator) {
    return switch (config.payload()) {
      case JSON ->
          config.frames() ? new JsonFrames(config, allocator) : new JsonSamples(config, allocator);
      case ARROW -> new ArrowDecoder(config, allocator);
    };
  }
}
