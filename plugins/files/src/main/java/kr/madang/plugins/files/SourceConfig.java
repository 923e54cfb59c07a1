package kr.madang.plugins.files;

import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.config.Unit;

/** The config of the source; {@code README.md} explains it with examples. */
record SourceConfig(
    @Doc("A file, a folder or a glob such as /data/*.csv; names that begin with a dot are skipped")
        Path path,
    @Doc("csv, parquet or arrow; auto goes by the extension") @Default("auto") FileFormat format,
    @Doc("Go on after the end: growing CSV files and files that appear later") @Default("false")
        boolean follow,
    @Doc("Time between two looks at a followed path") @Default("500ms") Duration every,
    @Doc("How long a followed file rests before it counts as whole") @Default("10s")
        Duration settle,
    @Doc("wide: a row is an instant, a column a field; long: a row is one sample of a tag")
        @Default("wide")
        Layout layout,
    @Doc("Where the time of a row stands and how it is written") @Default("{}") Time time,
    @Doc("Columns to read, by name; without it all columns but the time are read") @Default("{}")
        Map<String, Column> columns,
    @Doc("Columns to leave out") @Default("[]") List<String> exclude,
    @Doc("Columns of the long layout") @Default("{}") SampleColumns samples,
    @Doc("How status columns are written") @Default("opcua") Statuses statuses,
    @Doc("One character between two cells of a CSV file; without it the header tells")
        Optional<String> separator,
    @Doc("Decimal sign of a CSV file") @Default("'.'") String decimal,
    @Doc("Character set of a CSV file") @Default("UTF-8") String charset,
    @Doc("Whether a CSV file begins with the names; else columns are called 1, 2, 3")
        @Default("true")
        boolean header,
    @Doc("Lines before the header of a CSV file") @Default("0") @Range(min = 0, max = 10_000)
        int skip,
    @Doc("Texts that stand for a missing value") @Default("['', NaN, nan, 'null', 'NULL', NA, N/A]")
        List<String> missing,
    @Doc("The greatest number of rows in a batch")
        @Default("1024")
        @Range(min = 1, max = 65_536)
        @Unit("{row}")
        int batch) {

  /** Makes the collections unmodifiable. */
  SourceConfig {
    exclude = List.copyOf(exclude);
    missing = List.copyOf(missing);
  }

  /** What a row is. */
  enum Layout {
    /** A row is an instant: frames. */
    WIDE,
    /** A row is a sample of a tag. */
    LONG
  }

  /** How a status column is written. */
  enum Statuses {
    /** OPC UA: a number, 0x… or a name such as Good. */
    OPCUA,
    /** OPC DA: 0–63 bad, 64–127 uncertain, 192–255 good. */
    OPCDA
  }

  /**
   * Where the time of a row stands.
   *
   * @param column without it the first of time, timestamp, datetime, date, sourceTime
   */
  record Time(
      @Doc("Name of the column") Optional<String> column,
      @Doc("iso, epoch-s, epoch-ms, epoch-us, epoch-ns or a Java pattern such as dd.MM.yyyy HH:mm")
          @Default("iso")
          String format,
      @Doc("Zone of times that carry none: Asia/Seoul, +09:00, UTC") Optional<ZoneId> zone) {}

  /** A column that becomes a field. */
  record Column(
      @Doc("Name of the field; without it that of the column") Optional<String> field,
      @Doc("Engineering unit as a UCUM code") @Default("''") String unit,
      @Doc("double, long or text; without it the file tells") Optional<Type> type,
      @Doc("Name of the column that holds the status of this one") Optional<String> status) {}

  /** The type of a field. */
  enum Type {
    /** A 64-bit floating point number. */
    DOUBLE,
    /** A 64-bit integer. */
    LONG,
    /** A text. */
    TEXT
  }

  /** The columns of the long layout. */
  record SampleColumns(
      @Doc("Column of the tag") @Default("tag") String tag,
      @Doc("Column of the value") @Default("value") String value,
      @Doc("Column of the status") Optional<String> status,
      @Doc("Column of the unit; it must stay the same for a tag") Optional<String> unit,
      @Doc("double, long or text; auto: a number where it reads as one, else a text")
          @Default("double")
          ValueType type) {}

  /** The type of the values of samples. */
  enum ValueType {
    /** A 64-bit floating point number. */
    DOUBLE,
    /** A 64-bit integer. */
    LONG,
    /** A text. */
    TEXT,
    /** A number or a text, as each row has it. */
    AUTO
  }
}
