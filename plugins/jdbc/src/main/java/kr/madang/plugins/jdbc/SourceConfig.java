package kr.madang.plugins.jdbc;

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
    @Doc("The database") Server server,
    @Doc("Schema of the table (a database for mariadb); not for sqlite") Optional<String> schema,
    @Doc("Table or view") String table,
    @Doc("The column by which rows are read in order, and what is read") Watermark watermark,
    @Doc("wide: a row is an instant, a column a field; long: a row is one sample of a tag")
        @Default("wide")
        Layout layout,
    @Doc("Where the time of a row stands") @Default("{}") Time time,
    @Doc("Columns to read, by name; without it all columns that can be a field") @Default("{}")
        Map<String, Column> columns,
    @Doc("Columns to leave out") @Default("[]") List<String> exclude,
    @Doc("Columns of the long layout") @Default("{}") SampleColumns samples,
    @Doc("How status columns are written") @Default("opcua") Statuses statuses,
    @Doc("Time between two looks at a table that gave all it has") @Default("1s") Duration every,
    @Doc("Go on after the last row; else the source ends there") @Default("true") boolean follow,
    @Doc("The greatest number of rows that are fetched at once")
        @Default("1024")
        @Range(min = 1, max = 65_536)
        @Unit("{row}")
        int batch,
    @Doc("The greatest length of a text or of bytes; a longer one is Bad_OutOfRange")
        @Default("65536")
        @Range(min = 16, max = 16_777_216)
        @Unit("By")
        int longest) {

  /** Checks each component. */
  SourceConfig {
    exclude = List.copyOf(exclude);
    Kind kind = server.kind();
    Checks.identifier("schema", schema, kind);
    Checks.that(
        schema.isEmpty() || kind != Kind.SQLITE, "schema", "nothing for sqlite", schema.orElse(""));
    Checks.identifier("table", table, kind);
    Checks.identifier("watermark.column", watermark.column(), kind);
    Checks.identifier("watermark.unique", watermark.unique(), kind);
    Checks.identifier("time.column", time.column(), kind);
    columns.keySet().forEach(name -> Checks.identifier("columns", name, kind));
    Checks.that(!every.isNegative(), "every", "a time of 0 or more", every);
    Checks.that(batch >= 1 && batch <= 65_536, "batch", "a number from 1 to 65536", batch);
    Checks.that(longest >= 16 && longest <= 1 << 24, "longest", "16 to 16777216", longest);
  }

  /**
   * The order in which rows are read.
   *
   * @param unique breaks ties, so that rows of one watermark are neither lost nor read twice
   */
  record Watermark(
      @Doc("A column that grows: a number, a time or a text") String column,
      @Doc("A column that tells rows of one watermark apart; needed unless the first is unique")
          Optional<String> unique,
      @Doc("Where to begin: earliest, latest, or the first watermark to read") @Default("earliest")
          String from,
      @Doc(
              "How long a row rests before it is read: transactions that commit late may still slip in"
                  + " before it")
          @Default("2s")
          Duration lag) {
    /** Checks the lag. */
    Watermark {
      Checks.that(!lag.isNegative(), "watermark.lag", "a time of 0 or more", lag);
    }
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
    /** OPC UA: a uint32. */
    OPCUA,
    /** OPC DA: 0–63 bad, 64–127 uncertain, 192–255 good. */
    OPCDA
  }

  /** Where the time of a row stands. */
  record Time(
      @Doc("Name of the column; the watermark's if left out") Optional<String> column,
      @Doc("What a whole number counts since 1970: s, ms, us or ns") @Default("ns") TimeUnit unit,
      @Doc("Zone of times that carry none: Asia/Seoul, +09:00") @Default("UTC") ZoneId zone) {}

  /** What a whole number counts. */
  enum TimeUnit {
    /** Seconds. */
    S(1_000_000_000),
    /** Milliseconds. */
    MS(1_000_000),
    /** Microseconds. */
    US(1_000),
    /** Nanoseconds. */
    NS(1);

    final long nanos;

    TimeUnit(long nanos) {
      this.nanos = nanos;
    }
  }

  /** A column that becomes a field. */
  record Column(
      @Doc("Name of the field; without it that of the column") Optional<String> field,
      @Doc("Engineering unit as a UCUM code") @Default("''") String unit,
      @Doc("double, long or text; without it the table tells") Optional<Type> type,
      @Doc("Name of the column that holds the status of this one; NAME#status if it exists")
          Optional<String> status) {}

  /** The type of a field. */
  enum Type {
    /** A 64-bit floating point number. */
    DOUBLE,
    /** A 64-bit integer. */
    LONG,
    /** A text. */
    TEXT
  }

  /** The columns of the long layout; the first that is not null is the value. */
  record SampleColumns(
      @Doc("Column of the tag") @Default("tag") String tag,
      @Doc("Columns of the value; the first that is not null counts") @Default("[value]")
          List<String> value,
      @Doc("Column of the status") Optional<String> status) {
    /** Copies. */
    SampleColumns {
      value = List.copyOf(value);
      Checks.that(!value.isEmpty(), "samples.value", "at least one column", "none");
    }
  }

  /** The column of the time. */
  String timeColumn() {
    return time.column().orElse(watermark.column());
  }

  /** The table as SQL. */
  String from() {
    Kind kind = server.kind();
    return schema.map(name -> kind.quote(name) + ".").orElse("") + kind.quote(table);
  }

  /** The table as people call it. */
  String what() {
    return "table " + schema.map(name -> name + ".").orElse("") + table;
  }
}
