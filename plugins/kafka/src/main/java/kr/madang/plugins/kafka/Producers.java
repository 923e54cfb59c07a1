package kr.madang.plugins.kafka;

import java.lang.reflect.Field;
import java.time.Duration;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.internals.Sender;
import org.apache.kafka.common.KafkaException;

/** Closes producers, also those whose sender has died. */
final class Producers {
  private Producers() {}

  /** Closes within a time, also on a thread that was interrupted. */
  static void close(KafkaProducer<byte[], byte[]> producer, Duration timeout) {
    boolean interrupted = Thread.interrupted();
    boolean died = !(part(producer, "ioThread") instanceof Thread thread && thread.isAlive());
    try {
      producer.close(TopicSource.shortly(timeout));
    } catch (KafkaException e) {
      // Its threads and sockets are gone all the same.
    } finally {
      if (died && part(producer, "sender") instanceof Sender sender) {
        // Its thread would have closed the sockets at its end, and the library does not see that
        // there is none any more: the end is gone through here.
        sender.forceClose();
        sender.run();
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static Object part(KafkaProducer<byte[], byte[]> producer, String name) {
    try {
      Field field = KafkaProducer.class.getDeclaredField(name);
      field.setAccessible(true);
      return field.get(producer);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("kafka-clients has no KafkaProducer." + name, e);
    }
  }
}
