package kr.madang.plugins.files;

import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.plugins.files.SourceConfig.Column;
import kr.madang.plugins.files.SourceConfig.Layout;
import kr.madang.plugins.files.SourceConfig.SampleColumns;
import kr.madang.plugins.files.SourceConfig.Statuses;
import kr.madang.plugins.files.SourceConfig.Type;
import kr.madang.plugins.files.SourceConfig.ValueType;

/** Configs with the defaults of the annotations, changed by chained calls. */
final class Configs {
  String path;
  FileFormat format = FileFormat.AUTO;
  boolean follow;
  Duration settle = Duration.ofSeconds(10);
  Layout layout = Layout.WIDE;
  Optional<String> timeColumn = Optional.empty();
  String timeFormat = "iso";
  Optional<ZoneId> zone = Optional.of(ZoneId.of("UTC"));
  Map<String, Column> columns = new LinkedHashMap<>();
  List<String> exclude = List.of();
  SampleColumns samples =
      new SampleColumns("tag", "value", Optional.empty(), Optional.empty(), ValueType.DOUBLE);
  Statuses statuses = Statuses.OPCUA;
  Optional<String> separator = Optional.empty();
  String decimal = ".";
  String charset = "UTF-8";
  boolean header = true;
  int skip;
  int batch = 1024;

  private Configs(Path path) {
    this.path = path.toString();
  }

  static Configs at(Path path) {
    return new Configs(path);
  }

  Configs follow() {
    follow = true;
    return this;
  }

  Configs noZone() {
    zone = Optional.empty();
    return this;
  }

  Configs longLayout() {
    layout = Layout.LONG;
    return this;
  }

  Configs batch(int rows) {
    batch = rows;
    return this;
  }

  Configs column(String name, String field, Type type, String status) {
    columns.put(
        name,
        new Column(Optional.of(field), "bar", Optional.of(type), Optional.ofNullable(status)));
    return this;
  }

  SourceConfig build() {
    return new SourceConfig(
        Path.of(path),
        format,
        follow,
        Duration.ofMillis(1),
        settle,
        layout,
        new SourceConfig.Time(timeColumn, timeFormat, zone),
        columns,
        exclude,
        samples,
        statuses,
        separator,
        decimal,
        charset,
        header,
        skip,
        List.of("", "NaN", "nan", "null", "NULL", "NA", "N/A"),
        batch);
  }
}
