package kr.madang.plugins.files;

import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;

/** Reads the time column of an Arrow or Parquet file. */
final class TimeCells {
  private final TimeParser parser;
  private final @Nullable ZoneOffsets zone;
  private String problem = "";

  TimeCells(SourceConfig config) {
    parser = TimeParser.of(config.time().format(), config.time().zone());
    zone = config.time().zone().map(ZoneOffsets::new).orElse(null);
  }

  /** Throws if the times of such a column cannot be understood. */
  static void check(SourceConfig config, String where, ColumnInfo column) {
    String name = where + ": column '" + column.name() + "': ";
    switch (column.kind()) {
      case TIME -> {
        if (column.field() != null
            && column.field().getType() instanceof ArrowType.Timestamp type
            && type.getTimezone() == null
            && config.time().zone().isEmpty()) {
          throw new PluginException(
              ErrorCode.CONFIG_INVALID,
              name
                  + "expected times with a zone, got local times; say time: { zone: Asia/Seoul },"
                  + " or where they were recorded");
        }
      }
      case NUMBER -> {
        if (!config.time().format().startsWith("epoch-")) {
          throw new PluginException(
              ErrorCode.CONFIG_INVALID,
              name
                  + "expected times, got numbers; say time: { format: epoch-s }, epoch-ms, epoch-us"
                  + " or epoch-ns");
        }
      }
      case TEXT -> {}
      default ->
          throw new PluginException(
              ErrorCode.CONFIG_INVALID,
              name + "expected times, got " + (column.field() == null ? "" : column.field()));
    }
  }

  /** Why the last time was {@link TimeParser#BAD}. */
  String problem() {
    return problem;
  }

  /** The time of a row that is not null, or {@link TimeParser#BAD}. */
  long at(FieldVector vector, Cells cells, int row) {
    long time = read(vector, cells, row);
    if (time == TimeParser.BAD) {
      problem = "expected " + parser.problem() + ", got '" + cells.text(row) + "'";
    }
    return time;
  }

  private long read(FieldVector vector, Cells cells, int row) {
    if (vector.getField().getType() instanceof ArrowType.Timestamp type) {
      long raw = cells.integer(row);
      long perSecond = perSecond(type.getUnit());
      long second = Math.floorDiv(raw, perSecond);
      long nanos = Math.floorMod(raw, perSecond) * (TimeParser.SECOND / perSecond);
      if (type.getTimezone() == null) {
        ZoneOffsets known = zone;
        if (known == null) {
          return parser.bad(TimeParser.NO_ZONE);
        }
        second -= known.at(second);
      }
      return parser.join(second, nanos);
    }
    if (parser instanceof EpochTime epoch && ArrowBlocks.kind(vector.getField()) == NUMBER) {
      return cells.isWhole() ? epoch.of(cells.integer(row), 0) : epoch.of(cells.number(row));
    }
    char[] text = cells.text(row).toCharArray();
    return parser.parse(text, 0, text.length);
  }

  private static final ColumnInfo.Kind NUMBER = ColumnInfo.Kind.NUMBER;

  private static long perSecond(TimeUnit unit) {
    return switch (unit) {
      case SECOND -> 1;
      case MILLISECOND -> 1_000;
      case MICROSECOND -> 1_000_000;
      case NANOSECOND -> TimeParser.SECOND;
    };
  }
}
