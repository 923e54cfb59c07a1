package kr.madang.plugins.kafka;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.config.Unit;
import kr.madang.sdk.source.Tag;
import org.jspecify.annotations.Nullable;

/** The config of the source; {@code README.md} explains it with examples. */
record SourceConfig(
    @Doc("The cluster") Cluster cluster,
    @Doc("Topics to read") List<String> topics,
    @Doc("Consumer group; madang- and the name of the source if left out") Optional<String> group,
    @Doc("Where to begin a partition that has no position: earliest, latest or a time (RFC 3339)")
        @Default("earliest")
        String from,
    @Doc("When records were deleted before they were read: resume (report and go on) or stop")
        @Default("resume")
        OnGap onGap,
    @Doc("json or arrow (an IPC stream in each record)") @Default("json") Payload payload,
    @Doc("Fields of frames; without it rows are samples") @Default("{}")
        Map<String, FieldShape> fields,
    @Doc("Where a sample stands in a JSON payload") @Default("{}") SampleShape samples,
    @Doc(
            "JSON pointer of the time, or record for that of the record; /time of frames and"
                + " /sourceTime of samples if left out")
        Optional<String> time,
    @Doc("auto, iso, s, ms, us or ns") @Default("auto") TimeFormat timeFormat,
    @Doc("How statuses are written: opcua or opcda") @Default("opcua") Statuses statuses,
    @Doc("The greatest number of records in a batch")
        @Default("2000")
        @Range(min = 1, max = 100_000)
        int batch,
    @Doc("Longest payload that is read")
        @Default("4194304")
        @Range(min = 100, max = 67_108_864)
        @Unit("By")
        int maxPayload) {

  /** Checks each component. */
  SourceConfig {
    topics = List.copyOf(topics);
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
    Checks.that(!topics.isEmpty(), "topics", "at least one", "none");
    topics.forEach(topic -> Checks.topic("topics", topic));
    group.ifPresent(name ->
        Checks.that(
            name.matches("[A-Za-z0-9._-]{1,200}"),
            "group",
            "letters, digits, dots, dashes or underscores",
            "'" + name + "'"));
    Checks.that(
        from.equals("earliest") || from.equals("latest") || instant(from) != null,
        "from",
        "earliest, latest or a time such as 2026-01-01T00:00:00Z",
        "'" + from + "'");
    for (String name : fields.keySet()) {
      new Tag(name);
      Checks.that(
          !name.equals(Frames.TIME) && !name.endsWith(Frames.STATUS_SUFFIX),
          "fields",
          "names other than time and NAME#status",
          "'" + name + "'");
    }
    time.filter(text -> !text.equals("record"))
        .ifPresent(pointer -> Checks.pointer("time", pointer));
    Checks.that(batch >= 1 && batch <= 100_000, "batch", "1 to 100000", batch);
    Checks.that(
        maxPayload >= 100 && maxPayload <= 1 << 26, "maxPayload", "100 to 67108864", maxPayload);
  }

  /** What to do about records that are gone. */
  enum OnGap {
    /** Report how many, and go on with the first that is there. */
    RESUME,
    /** End with an error. */
    STOP
  }

  /** What a record holds. */
  enum Payload {
    /** One JSON value. */
    JSON,
    /** An Arrow IPC stream. */
    ARROW
  }

  /** How a time is written. */
  enum TimeFormat {
    /** A text as RFC 3339, a number by its size. */
    AUTO,
    /** RFC 3339. */
    ISO,
    /** Seconds since 1970. */
    S,
    /** Milliseconds since 1970. */
    MS,
    /** Microseconds since 1970. */
    US,
    /** Nanoseconds since 1970. */
    NS
  }

  /** How a status is written. */
  enum Statuses {
    /** OPC UA: a uint32. */
    OPCUA,
    /** OPC DA: 0–63 bad, 64–127 uncertain, 192–255 good. */
    OPCDA
  }

  /** The type of a field. */
  enum Type {
    /** A 64-bit floating point number. */
    DOUBLE,
    /** A 64-bit integer. */
    LONG,
    /** A text. */
    TEXT
  }

  /** A field of frames. */
  record FieldShape(
      @Doc("JSON pointer of the value; / and the name if left out") Optional<String> path,
      @Doc("Engineering unit as a UCUM code") @Default("''") String unit,
      @Doc("double, long or text") @Default("double") Type type,
      @Doc("JSON pointer of the status; that of the value and #status if left out")
          Optional<String> status) {
    /** Checks the pointers. */
    FieldShape {
      path.ifPresent(pointer -> Checks.pointer("fields.path", pointer));
      status.ifPresent(pointer -> Checks.pointer("fields.status", pointer));
    }
  }

  /** Where a sample stands. */
  record SampleShape(
      @Doc("JSON pointer of the tag, or {key}, {topic}, or the tag itself") @Default("/tag")
          String tag,
      @Doc("JSON pointer of the value") @Default("/value") String value,
      @Doc("Several values in one record instead: TAG: POINTER") @Default("{}")
          Map<String, String> values,
      @Doc("JSON pointer of the status") @Default("/status") String status,
      @Doc("JSON pointer of a list whose elements are read one by one; / is the payload itself")
          Optional<String> each) {
    /** Checks the pointers. */
    SampleShape {
      values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
      Checks.that(!tag.isEmpty(), "samples.tag", "a pointer or a tag", "nothing");
      Checks.pointer("samples.value", value);
      Checks.pointer("samples.status", status);
      values.forEach((name, pointer) -> {
        new Tag(name);
        Checks.pointer("samples.values", pointer);
      });
      each.ifPresent(pointer -> Checks.pointer("samples.each", pointer));
    }
  }

  private static @Nullable Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      return null;
    }
  }

  /** The time to begin at, if it is one. */
  Optional<Instant> fromTime() {
    return Optional.ofNullable(instant(from));
  }

  boolean frames() {
    return !fields.isEmpty();
  }
}
