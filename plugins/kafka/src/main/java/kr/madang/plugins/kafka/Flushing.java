package kr.madang.plugins.kafka;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.KafkaException;

/**
 * Flushes a producer on a thread of its own. The library waits without a limit, and for ever once
 * its sender has died: of an answer, say, that announces more bytes than there is memory.
 */
final class Flushing implements AutoCloseable {
  private final KafkaProducer<byte[], byte[]> producer;
  private final Duration limit;
  private final ExecutorService thread;

  /**
   * Flushing of a producer.
   *
   * @param limit longer than the producer takes to give up a record
   */
  Flushing(KafkaProducer<byte[], byte[]> producer, Duration limit, String name) {
    this.producer = producer;
    this.limit = limit;
    this.thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("kafka-flush-" + name).factory());
  }

  /** Returns when every record has been answered or given up; fails if one is neither in time. */
  void flush() throws InterruptedException {
    Future<?> flushed = thread.submit(producer::flush);
    try {
      flushed.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException known ? known : new KafkaException(e.getCause());
    } catch (TimeoutException e) {
      throw new org.apache.kafka.common.errors.TimeoutException(
          "records were neither answered nor given up within %d ms; the producer is made anew"
              .formatted(limit.toMillis()));
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
