package kr.madang.plugins.kafka;

import java.time.Duration;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.config.Unit;

/** The config of the sink; {@code README.md} explains it with examples. */
record SinkConfig(
    @Doc("The cluster") Cluster cluster,
    @Doc("Topic to write; it must exist") String topic,
    @Doc("json: a record for each row; arrow: an IPC stream for each batch") @Default("json")
        SourceConfig.Payload payload,
    @Doc("Field whose value is the key of a record (tag of samples); none: any partition")
        @Default("auto")
        String key,
    @Doc(
            "Write each batch in a transaction that also says how far the sink came: no row is there"
                + " twice")
        @Default("false")
        boolean transactional,
    @Doc("none, gzip, snappy, lz4 or zstd") @Default("none") Compression compression,
    @Doc("The longest record; a row that makes a longer one is rejected")
        @Default("1000000")
        @Range(min = 1000, max = 100_000_000)
        @Unit("By")
        int maxRecord,
    @Doc("How long records wait for others to be sent with") @Default("5ms") Duration linger) {

  /** Checks each component. */
  SinkConfig {
    Checks.topic("topic", topic);
    Checks.that(
        maxRecord >= 1000 && maxRecord <= 100_000_000, "maxRecord", "1000 to 100000000", maxRecord);
    Checks.that(!linger.isNegative() && linger.toMillis() <= 1000, "linger", "0 to 1s", linger);
    Checks.that(!key.isEmpty(), "key", "auto, none or a field", "nothing");
  }

  /** How records are made smaller. */
  enum Compression {
    /** Not at all. */
    NONE,
    /** As the JDK does it. */
    GZIP,
    /** Snappy; unpacks a native library. */
    SNAPPY,
    /** LZ4; unpacks a native library. */
    LZ4,
    /** Zstandard; unpacks a native library. */
    ZSTD
  }
}
