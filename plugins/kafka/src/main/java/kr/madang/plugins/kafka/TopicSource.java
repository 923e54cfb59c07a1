package kr.madang.plugins.kafka;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import kr.madang.plugins.kafka.SourceConfig.OnGap;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.SourceContext;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/** Reads the partitions that the group gives it. All on the thread that the host gives. */
final class TopicSource implements LogSource, ConsumerRebalanceListener {
  private static final Duration LAST_WORDS = Duration.ofSeconds(4);
  private static final Poll IDLE = new Poll.Idle();

  /** So many time-outs without a record, and it is looked whether there are some all the same. */
  private static final int BEHIND_AFTER = 12;

  private final SourceConfig config;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Decoder decoder;
  private final SourceContext context;
  private final String target;
  private final Duration timeout;

  /** Next offsets: what was read, and before the first read what the host remembers. */
  private final Map<TopicPartition, Long> next;

  /** Partitions whose entry is the host's word, which counts more than the group's. */
  private final Set<TopicPartition> remembered;

  /** Partitions that others have by now: not ours to speak of in a position. */
  private final Set<TopicPartition> away = new HashSet<>();

  private final Map<TopicPartition, OffsetAndMetadata> acknowledged = new HashMap<>();
  private long heard = System.nanoTime();
  private long lookedBehind = System.nanoTime();
  private boolean joined;

  TopicSource(
      SourceConfig config,
      KafkaConsumer<byte[], byte[]> consumer,
      Decoder decoder,
      SourceContext context) {
    this.config = config;
    this.consumer = consumer;
    this.decoder = decoder;
    this.context = context;
    this.target = config.cluster().target();
    this.timeout = context.timeout();
    this.next = new HashMap<>(context.position().map(Offsets::of).orElse(Map.of()));
    next.keySet().removeIf(partition -> !config.topics().contains(partition.topic()));
    this.remembered = new HashSet<>(next.keySet());
    consumer.subscribe(config.topics(), this);
  }

  @Override
  public Poll poll(Duration atMost) throws InterruptedException {
    ConsumerRecords<byte[], byte[]> records;
    try {
      records = consumer.poll(atMost);
    } catch (OffsetOutOfRangeException e) {
      gaps(e.offsetOutOfRangePartitions());
      return IDLE;
    } catch (WakeupException e) {
      return IDLE;
    } catch (KafkaException e) {
      throw Failures.running(target, e);
    } catch (OutOfMemoryError e) {
      throw Failures.memory(target, e);
    } catch (RuntimeException e) {
      throw Failures.isMemory(e) ? Failures.memory(target, e) : e;
    }
    if (records.isEmpty()) {
      return silent();
    }
    heard = System.nanoTime();
    lookedBehind = heard;
    Instant now = context.clock().instant();
    decoder.receivedAt(now.getEpochSecond() * 1_000_000_000 + now.getNano());
    for (TopicPartition partition : records.partitions()) {
      long last = -1;
      for (ConsumerRecord<byte[], byte[]> each : records.records(partition)) {
        decode(each);
        last = each.offset();
      }
      OffsetAndMetadata after = records.nextOffsets().get(partition);
      next.put(partition, after == null ? last + 1 : after.offset());
      remembered.remove(partition);
    }
    return new Poll.Rows(decoder.take(), position());
  }

  private Position position() {
    if (away.isEmpty()) {
      return Offsets.position(next);
    }
    Map<TopicPartition, Long> ours = new HashMap<>(next);
    ours.keySet().removeAll(away);
    return Offsets.position(ours);
  }

  private void decode(ConsumerRecord<byte[], byte[]> record) {
    String why;
    byte[] value = record.value();
    if (value == null) {
      why = "expected a payload, got none (a tombstone)";
    } else if (value.length > config.maxPayload()) {
      why = "expected at most " + config.maxPayload() + " bytes, got " + value.length;
    } else {
      why = decoder.decode(record);
    }
    if (why != null) {
      context.reject(
          Shown.of(value),
          "topic %s, partition %d, offset %d: %s"
              .formatted(record.topic(), record.partition(), record.offset(), why));
    }
  }

  /** A consumer does not say that its brokers are away: ask, when nothing came for a while. */
  private Poll silent() throws InterruptedException {
    if (System.nanoTime() - heard >= timeout.toNanos()) {
      try {
        Set<TopicPartition> assigned = consumer.assignment();
        if (assigned.isEmpty()) {
          consumer.partitionsFor(config.topics().getFirst(), timeout);
        } else {
          lookBehind(consumer.endOffsets(assigned, timeout));
        }
      } catch (KafkaException e) {
        throw Failures.running(target, e);
      } catch (OutOfMemoryError e) {
        throw Failures.memory(target, e);
      } catch (RuntimeException e) {
        throw Failures.isMemory(e) ? Failures.memory(target, e) : e;
      }
      if (!joined && System.nanoTime() - heard >= 20 * timeout.toNanos()) {
        context.logger().info("{}: the group has given no partition yet", target);
        joined = true;
      }
      heard = System.nanoTime();
    }
    return IDLE;
  }

  /** Records behind a transaction that nobody ends look like none at all: says so. */
  private void lookBehind(Map<TopicPartition, Long> committed) throws InterruptedException {
    long now = System.nanoTime();
    if (now - lookedBehind < BEHIND_AFTER * timeout.toNanos()) {
      return;
    }
    lookedBehind = now;
    Clients.ends(
            Clients.properties(config.cluster(), timeout, context.name() + "-ends"),
            committed.keySet(),
            timeout)
        .forEach((partition, end) -> {
          long held = end - committed.getOrDefault(partition, end);
          if (held > 0) {
            context
                .logger()
                .warn(
                    "{}: {}: {} records wait behind a transaction that has not ended in {} s; if nobody is about to end it, kafka-transactions.sh find-hanging names it",
                    target,
                    partition,
                    held,
                    timeout.multipliedBy(BEHIND_AFTER).toSeconds());
          }
        });
  }

  @Override
  public void acknowledge(Position position) throws InterruptedException {
    Map<TopicPartition, OffsetAndMetadata> done = ours(Offsets.of(position));
    if (done.isEmpty()) {
      return;
    }
    try {
      consumer.commitAsync(
          done,
          (_, e) -> {
            if (e != null) {
              // The host has the position as well; the next commit says it again.
              context.logger().debug("{}: commit: {}", target, Failures.words(e));
            }
          });
    } catch (KafkaException e) {
      throw Failures.running(target, e);
    } catch (OutOfMemoryError e) {
      throw Failures.memory(target, e);
    } catch (RuntimeException e) {
      throw Failures.isMemory(e) ? Failures.memory(target, e) : e;
    }
    acknowledged.putAll(done);
  }

  private Map<TopicPartition, OffsetAndMetadata> ours(Map<TopicPartition, Long> offsets) {
    Set<TopicPartition> assigned = consumer.assignment();
    Map<TopicPartition, OffsetAndMetadata> ours = new HashMap<>();
    offsets.forEach((partition, offset) -> {
      if (assigned.contains(partition) && !remembered.contains(partition)) {
        ours.put(partition, new OffsetAndMetadata(offset));
      }
    });
    return ours;
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    joined = true;
    heard = System.nanoTime();
    away.removeAll(partitions);
    Map<TopicPartition, OffsetAndMetadata> committed =
        consumer.committed(new HashSet<>(partitions), timeout);
    Set<TopicPartition> fresh = new HashSet<>();
    for (TopicPartition partition : partitions) {
      Long mine = next.get(partition);
      OffsetAndMetadata theirs = committed.get(partition);
      if (mine != null && (remembered.contains(partition) || theirs == null)) {
        consumer.seek(partition, mine);
      } else if (theirs != null) {
        // Another member may have read on while the partition was away from here.
        long at = mine == null ? theirs.offset() : Math.max(mine, theirs.offset());
        consumer.seek(partition, at);
      } else {
        fresh.add(partition);
      }
    }
    begin(fresh);
  }

  private void begin(Set<TopicPartition> fresh) {
    if (fresh.isEmpty()) {
      return;
    }
    Map<TopicPartition, Long> start =
        switch (config.from()) {
          case "earliest" -> consumer.beginningOffsets(fresh, timeout);
          case "latest" -> consumer.endOffsets(fresh, timeout);
          default -> since(fresh, config.fromTime().orElse(Instant.EPOCH));
        };
    start.forEach((partition, offset) -> {
      consumer.seek(partition, offset);
      next.put(partition, offset);
    });
  }

  private Map<TopicPartition, Long> since(Set<TopicPartition> fresh, Instant time) {
    Map<TopicPartition, Long> asked = new HashMap<>();
    fresh.forEach(partition -> asked.put(partition, time.toEpochMilli()));
    Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(asked, timeout);
    Map<TopicPartition, Long> start = new HashMap<>(consumer.endOffsets(fresh, timeout));
    found.forEach((partition, at) -> {
      if (at != null) {
        start.put(partition, at.offset());
      }
    });
    return start;
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    Map<TopicPartition, OffsetAndMetadata> last = new HashMap<>(acknowledged);
    last.keySet().retainAll(partitions);
    if (!last.isEmpty()) {
      try {
        consumer.commitSync(last, timeout);
      } catch (KafkaException e) {
        context.logger().debug("{}: last commit: {}", target, Failures.words(e));
      }
    }
    onPartitionsLost(partitions);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    acknowledged.keySet().removeAll(partitions);
    away.addAll(partitions);
  }

  /** The broker does not have what comes next. */
  private void gaps(Map<TopicPartition, Long> wanted) throws InterruptedException {
    try {
      Map<TopicPartition, Long> first = consumer.beginningOffsets(wanted.keySet(), timeout);
      Map<TopicPartition, Long> end = consumer.endOffsets(wanted.keySet(), timeout);
      for (Map.Entry<TopicPartition, Long> entry : wanted.entrySet()) {
        TopicPartition partition = entry.getKey();
        long at = entry.getValue();
        long from = first.getOrDefault(partition, 0L);
        boolean deleted = at < from;
        String what =
            "topic %s, partition %d: expected offset %d, got a log from %d to %d: %s"
                .formatted(
                    partition.topic(),
                    partition.partition(),
                    at,
                    from,
                    end.getOrDefault(partition, 0L),
                    deleted
                        ? (from - at) + " records were deleted before they were read"
                        : "the topic was made anew or cut; it is read from its beginning");
        if (config.onGap() == OnGap.STOP) {
          throw new PluginException(
              Failures.DATA_LOST,
              target + ": " + what + "; set onGap: resume to go on, or restore the topic");
        }
        context.logger().warn("{}: {}", target, what);
        context.reject("offsets " + at + " to " + (deleted ? from - 1 : at), what);
        consumer.seek(partition, from);
        next.put(partition, from);
        remembered.remove(partition);
      }
    } catch (KafkaException e) {
      throw Failures.running(target, e);
    }
  }

  @Override
  public void close() {
    try {
      if (!acknowledged.isEmpty()) {
        Map<TopicPartition, OffsetAndMetadata> last = new HashMap<>(acknowledged);
        last.keySet().retainAll(consumer.assignment());
        consumer.commitSync(last, shortly(timeout));
      }
    } catch (RuntimeException | OutOfMemoryError e) {
      context.logger().debug("{}: last commit: {}", target, Failures.words(e));
    } finally {
      acknowledged.clear(); // Tried; leaving the group would try once more, with all patience.
      decoder.close();
      close(consumer, timeout);
    }
  }

  /** Closing may take 10 s in all, however patient the pipeline is otherwise. */
  static Duration shortly(Duration timeout) {
    return timeout.compareTo(LAST_WORDS) < 0 ? timeout : LAST_WORDS;
  }

  /** Closes within a time, also on a thread that was interrupted. */
  static void close(KafkaConsumer<byte[], byte[]> consumer, Duration timeout) {
    boolean interrupted = Thread.interrupted();
    try {
      consumer.close(CloseOptions.timeout(shortly(timeout)));
    } catch (RuntimeException | OutOfMemoryError e) {
      // Its threads and sockets are gone all the same.
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The topics must be there: a group that waits for nothing looks like one with nothing to do. */
  static void check(KafkaConsumer<byte[], byte[]> consumer, SourceConfig config, Duration timeout) {
    for (String topic : config.topics()) {
      if (consumer.partitionsFor(topic, timeout).isEmpty()) {
        throw new PluginException(
            ErrorCode.NOT_FOUND,
            config.cluster().target() + ": topic " + topic + " does not exist; make it");
      }
    }
  }
}
