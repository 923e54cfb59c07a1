package kr.madang.plugins.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** The format of files that are read. */
enum FileFormat {
  /** By the extension of each file. */
  AUTO,
  /** Text in columns. */
  CSV,
  /** Apache Parquet. */
  PARQUET,
  /** Arrow IPC, the file (Feather V2) or the stream format. */
  ARROW;

  /** The format of one file; never {@link #AUTO}. */
  FileFormat of(Path file) throws IOException {
    if (this != AUTO) {
      return this;
    }
    Path last = file.getFileName();
    String name = last == null ? "" : last.toString().toLowerCase(Locale.ROOT);
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "csv", "txt", "tsv", "log" -> CSV;
      case "parquet", "pq" -> PARQUET;
      case "arrow", "arrows", "feather", "ipc" -> ARROW;
      default ->
          throw new PluginException(
              ErrorCode.CONFIG_INVALID,
              file
                  + ": format: expected an extension csv, txt, tsv, log, parquet, pq, arrow,"
                  + " arrows, feather or ipc, got '"
                  + name
                  + "'; say format: csv, parquet or arrow");
    };
  }
}
