package kr.madang.plugins.jdbc;

import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.plugins.jdbc.SourceConfig.Layout;
import kr.madang.plugins.jdbc.SourceConfig.SampleColumns;
import kr.madang.plugins.jdbc.SourceConfig.Statuses;
import kr.madang.plugins.jdbc.SourceConfig.TimeUnit;
import kr.madang.plugins.jdbc.SourceConfig.Watermark;

/** Configs with the defaults of the annotations. */
final class Configs {
  private Configs() {}

  static Server sqlite(Path file) {
    return new Server(
        Kind.SQLITE,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        new Server.Tls(Server.Mode.AUTO, Optional.empty()),
        Optional.of(file));
  }

  static SinkConfig sink(Server server, String table) {
    return new SinkConfig(server, Optional.empty(), table, true, Map.of());
  }

  static Source source(Server server, String table, String watermark) {
    return new Source(server, table, watermark);
  }

  static final class Source {
    private final Server server;
    private final String table;
    private final String watermark;
    private Optional<String> unique = Optional.empty();
    private String from = "earliest";
    private Duration lag = Duration.ZERO;
    private Layout layout = Layout.WIDE;
    private Optional<String> time = Optional.empty();
    private TimeUnit unit = TimeUnit.NS;
    private Map<String, SourceConfig.Column> columns = Map.of();
    private SampleColumns samples = new SampleColumns("tag", List.of("value"), Optional.empty());
    private boolean follow;
    private int batch = 1024;
    private java.time.ZoneId zone = ZoneOffset.UTC;
    private List<String> exclude = List.of();

    private Source(Server server, String table, String watermark) {
      this.server = server;
      this.table = table;
      this.watermark = watermark;
    }

    Source unique(String column) {
      unique = Optional.of(column);
      return this;
    }

    Source from(String start) {
      from = start;
      return this;
    }

    Source lag(Duration by) {
      lag = by;
      return this;
    }

    Source time(String column) {
      time = Optional.of(column);
      return this;
    }

    Source unit(TimeUnit of) {
      unit = of;
      return this;
    }

    Source zone(String id) {
      zone = java.time.ZoneId.of(id);
      return this;
    }

    Source exclude(String... names) {
      exclude = List.of(names);
      return this;
    }

    Source columns(Map<String, SourceConfig.Column> of) {
      columns = of;
      return this;
    }

    Source samples(String tag, List<String> value, Optional<String> status) {
      layout = Layout.LONG;
      samples = new SampleColumns(tag, value, status);
      return this;
    }

    Source follow() {
      follow = true;
      return this;
    }

    Source batch(int rows) {
      batch = rows;
      return this;
    }

    SourceConfig build() {
      return new SourceConfig(
          server,
          Optional.empty(),
          table,
          new Watermark(watermark, unique, from, lag),
          layout,
          new SourceConfig.Time(time, unit, zone),
          columns,
          exclude,
          samples,
          Statuses.OPCUA,
          Duration.ofMillis(5),
          follow,
          batch,
          65_536);
    }
  }
}
