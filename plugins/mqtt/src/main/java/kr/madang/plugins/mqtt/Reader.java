package kr.madang.plugins.mqtt;

import java.util.List;

/** What a source makes of its messages. One thread, that of the source, but for {@link #leave}. */
sealed interface Reader permits TopicReader, SparkplugReader {
  /** What to subscribe to. */
  List<Wanted> wanted();

  /** The subscriptions stand. */
  default void subscribed(Transport transport) throws InterruptedException {}

  /** Adds the rows of a message; what was added before a misfit is thrown away. */
  void read(Message message, Readings out) throws Misfit;

  /** Called several times a second; true if it added rows. */
  default boolean tick(long nanos, Readings out) {
    return false;
  }

  /** The source closes; the connection may be lost already. */
  default void leave(Transport transport) {}
}
