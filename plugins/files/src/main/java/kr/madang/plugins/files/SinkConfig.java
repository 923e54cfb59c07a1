package kr.madang.plugins.files;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;

/** The config of the sink; {@code README.md} explains it with examples. */
record SinkConfig(
    @Doc("Folder of the files; it is made if it does not exist") Path path,
    @Doc("csv, parquet or arrow") @Default("parquet") Format format,
    @Doc("What the names of the files begin with") @Default("part") String name,
    @Doc("A file is finished when its first row is this old") @Default("10m") Duration rotate,
    @Doc("A file is finished when it has about this size: 64MiB, 500kB, 1000000") @Default("128MiB")
        String rotateBytes,
    @Doc("none, lz4, zstd or snappy; without it zstd for parquet, none for arrow and csv")
        Optional<Compression> compression,
    @Doc("One character between two cells of a CSV file") @Default("','") String separator,
    @Doc("Decimal sign of a CSV file") @Default("'.'") String decimal) {

  /** What is written. */
  enum Format {
    /** Text in columns. */
    CSV("csv"),
    /** Apache Parquet. */
    PARQUET("parquet"),
    /** Arrow IPC, the file format (Feather V2). */
    ARROW("arrow");

    /** The end of the names of finished files. */
    final String extension;

    Format(String extension) {
      this.extension = extension;
    }
  }

  /** How the content is made smaller. */
  enum Compression {
    /** Not at all. */
    NONE,
    /** LZ4; the raw form in Parquet, the frame form in Arrow. */
    LZ4,
    /** Zstandard. */
    ZSTD,
    /** Snappy; Parquet only. */
    SNAPPY
  }
}
