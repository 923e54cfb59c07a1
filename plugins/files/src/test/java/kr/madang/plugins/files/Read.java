package kr.madang.plugins.files;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.Rows;

/** Drives a source as the host does. */
final class Read {
  final List<Map<String, Object>> rows = new ArrayList<>();
  final List<Position> positions = new ArrayList<>();
  final List<Integer> sizes = new ArrayList<>();
  private final Duration patience;

  Read() {
    this(Duration.ofMillis(20));
  }

  Read(Duration patience) {
    this.patience = patience;
  }

  static LogSource open(SourceConfig config, FakeSourceContext context) throws Exception {
    return (LogSource) new FilesSource().open(config, context);
  }

  /** Everything until the source is done, or idle. */
  static Read all(SourceConfig config, FakeSourceContext context) throws Exception {
    try (LogSource source = open(config, context)) {
      Read read = new Read();
      read.some(source, Integer.MAX_VALUE);
      return read;
    }
  }

  /** At most some batches, until the source is done or idle; true if it is done. */
  boolean some(LogSource source, int batches) throws Exception {
    for (int i = 0; i < batches; i++) {
      switch (source.poll(patience)) {
        case Poll.Rows got -> {
          try (var batch = got.batch()) {
            rows.addAll(Rows.of(batch));
            sizes.add(batch.rows());
          }
          positions.add(got.position());
        }
        case Poll.Idle _ -> {
          return false;
        }
        case Poll.Done _ -> {
          return true;
        }
      }
    }
    return false;
  }

  List<Object> column(String name) {
    List<Object> values = new ArrayList<>();
    rows.forEach(row -> values.add(row.get(name)));
    return values;
  }
}
