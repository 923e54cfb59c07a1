package kr.madang.plugins.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.Rows;
import org.jspecify.annotations.Nullable;

/** A source under test, and what it gave. */
final class Reading implements AutoCloseable {
  final List<Map<String, @Nullable Object>> rows = new ArrayList<>();
  private final LogSource source;
  @Nullable Position position;

  Reading(SourceConfig config, SourceContext context) throws Exception {
    source = (LogSource) new KafkaSource().open(config, context);
  }

  /** One poll; false at the end. */
  boolean poll() throws Exception {
    switch (source.poll(Duration.ofMillis(20))) {
      case Poll.Rows(Batch batch, Position at) -> {
        try (batch) {
          rows.addAll(Rows.of(batch));
        }
        position = at;
      }
      case Poll.Idle _ -> {}
      case Poll.Done _ -> {
        return false;
      }
    }
    return true;
  }

  /** Reads until there are so many rows. */
  Reading until(int count) throws Exception {
    Await.until(
        count + " rows are read",
        () -> {
          poll();
          return rows.size() >= count;
        });
    return this;
  }

  /** Says that everything so far was accepted. */
  void acknowledge() throws Exception {
    if (position != null) {
      source.acknowledge(position);
    }
  }

  /** One column of all rows. */
  List<@Nullable Object> column(String name) {
    List<@Nullable Object> values = new ArrayList<>();
    rows.forEach(row -> values.add(row.get(name)));
    return values;
  }

  @Override
  public void close() throws Exception {
    source.close();
  }
}
