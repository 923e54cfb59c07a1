package kr.madang.plugins.files;

import java.nio.file.Files;
import java.nio.file.Path;
import kr.madang.plugins.files.SinkConfig.Compression;
import kr.madang.plugins.files.SinkConfig.Format;
import kr.madang.sdk.Verification;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import kr.madang.sdk.sink.SinkFactory;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** Writes CSV, Parquet and Arrow files. */
final class FilesSink implements SinkFactory<SinkConfig> {
  @Override
  public String name() {
    return "files";
  }

  @Override
  public String title() {
    return "CSV, Parquet and Arrow files";
  }

  @Override
  public Class<SinkConfig> config() {
    return SinkConfig.class;
  }

  @Override
  public void check(SinkConfig config, Schema in) {
    config.path();
    ByteSize.parse("rotateBytes", config.rotateBytes());
    if (!config.name().matches("[A-Za-z0-9_][A-Za-z0-9._-]{0,62}")) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "name: expected 1 to 63 letters, digits, dots, dashes or underscores, got '"
              + config.name()
              + "'");
    }
    if (config.rotate().isNegative() || config.rotate().isZero()) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "rotate: expected a time above 0 such as 10m, got " + config.rotate());
    }
    Compression compression = config.compression().orElse(Compression.NONE);
    boolean fits =
        switch (config.format()) {
          case CSV -> compression == Compression.NONE;
          case ARROW -> compression != Compression.SNAPPY;
          case PARQUET -> true;
        };
    if (!fits) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "compression: expected none"
              + (config.format() == Format.ARROW ? ", lz4 or zstd for arrow" : " for csv")
              + ", got "
              + compression.name().toLowerCase(java.util.Locale.ROOT));
    }
    if (config.format() == Format.CSV) {
      CsvRowWriter.check(config);
    }
    for (Field field : in.getFields()) {
      boolean known =
          switch (config.format()) {
            case PARQUET -> ParquetTypes.knows(field);
            case ARROW -> ArrowRowWriter.knows(field);
            case CSV -> CsvCells.knows(field);
          };
      if (!known) {
        throw new PluginException(
            ErrorCode.SCHEMA_MISFIT,
            "field '"
                + field.getName()
                + "': expected numbers, texts, bytes, times or fixed-size lists of numbers for "
                + config.format().extension
                + ", got "
                + field.getType()
                + "; leave it out by a select step");
      }
    }
  }

  @Override
  public void verify(SinkConfig config, Verification verification) {
    verification.step(
        "write to " + config.path(),
        () -> {
          Path folder = config.path();
          Path existing = folder;
          while (existing != null && !Files.exists(existing)) {
            existing = existing.toAbsolutePath().getParent();
          }
          if (existing == null || !Files.isDirectory(existing) || !Files.isWritable(existing)) {
            throw new PluginException(
                ErrorCode.UNREACHABLE,
                folder + ": expected a folder that can be written; grant access or change path");
          }
        });
  }

  @Override
  public Sink open(SinkConfig config, Schema in, SinkContext context) {
    check(config, in);
    return RollingSink.open(config, in, context);
  }
}
