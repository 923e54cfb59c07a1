package kr.madang.plugins.kafka;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import kr.madang.sdk.batch.Batch;

/**
 * How far a sink has written each stream: kept at the broker as the metadata of an offset, which is
 * committed within the transaction of the rows themselves.
 */
final class Progress {
  private static final String VERSION = "1";
  private static final int LONGEST = 4000;

  private record Reached(long epoch, long next) {}

  private final Map<String, Reached> streams = new LinkedHashMap<>(16, 0.75f, true);

  /** Reads what {@link #text} wrote; anything else is no progress. */
  static Progress of(String text) {
    Progress progress = new Progress();
    String[] parts = text.split("\\|");
    if (parts.length > 1 && parts[0].equals(VERSION)) {
      for (int i = 1; i < parts.length; i++) {
        String[] entry = parts[i].split(",");
        if (entry.length == 3) {
          progress.streams.put(
              URLDecoder.decode(entry[0], StandardCharsets.UTF_8),
              new Reached(Long.parseLong(entry[1]), Long.parseLong(entry[2])));
        }
      }
    }
    return progress;
  }

  /** The number of rows at the beginning of a batch that were written before. */
  int known(Batch batch) {
    Reached reached = streams.get(batch.stream());
    if (reached == null || reached.epoch < batch.epoch()) {
      return 0;
    }
    return reached.epoch > batch.epoch()
        ? batch.rows()
        : Math.clamp(reached.next - batch.sequence(), 0, batch.rows());
  }

  /** The rows of a batch are written. */
  void reached(Batch batch) {
    streams.put(batch.stream(), new Reached(batch.epoch(), batch.sequence() + batch.rows()));
    while (text().length() > LONGEST) {
      streams.remove(streams.keySet().iterator().next()); // The one that was quiet the longest.
    }
  }

  String text() {
    StringBuilder text = new StringBuilder(VERSION);
    streams.forEach((stream, reached) ->
        text.append('|')
            .append(URLEncoder.encode(stream, StandardCharsets.UTF_8))
            .append(',')
            .append(reached.epoch)
            .append(',')
            .append(reached.next));
    return text.toString();
  }
}
