package kr.madang.plugins.kafka;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Position;
import org.apache.kafka.common.TopicPartition;

/**
 * Next offsets by partition, and their compact form: {@code 1|topic:0=5f,1=60|other:0=1}, offsets
 * in base 36.
 */
final class Offsets {
  private static final String VERSION = "1";
  private static final int LONGEST = 4096;

  private Offsets() {}

  static Position position(Map<TopicPartition, Long> next) {
    TreeMap<String, TreeMap<Integer, Long>> topics = new TreeMap<>();
    next.forEach((at, offset) ->
        topics.computeIfAbsent(at.topic(), _ -> new TreeMap<>()).put(at.partition(), offset));
    StringBuilder text = new StringBuilder(VERSION);
    topics.forEach((topic, partitions) -> {
      text.append('|').append(topic).append(':');
      partitions.forEach((partition, offset) ->
          text.append(partition)
              .append('=')
              .append(Long.toString(offset, Character.MAX_RADIX))
              .append(','));
      text.setLength(text.length() - 1);
    });
    if (text.length() > LONGEST) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "topics: expected so few partitions that their offsets take at most %d characters, got %d"
                  .formatted(LONGEST, next.size())
              + " partitions; share them between several sources of one group");
    }
    return new Position(text.toString());
  }

  static Map<TopicPartition, Long> of(Position position) {
    Map<TopicPartition, Long> next = new HashMap<>();
    try {
      String[] parts = position.value().split("\\|");
      if (!parts[0].equals(VERSION)) {
        throw new IllegalArgumentException(parts[0]);
      }
      for (int i = 1; i < parts.length; i++) {
        int colon = parts[i].lastIndexOf(':');
        String topic = parts[i].substring(0, colon);
        for (String entry : parts[i].substring(colon + 1).split(",")) {
          int equals = entry.indexOf('=');
          next.put(
              new TopicPartition(topic, Integer.parseInt(entry.substring(0, equals))),
              Long.parseLong(entry.substring(equals + 1), Character.MAX_RADIX));
        }
      }
      return next;
    } catch (RuntimeException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "position: expected one of this source, got '"
              + position.value()
              + "'; start the pipeline without it",
          e);
    }
  }
}
