package kr.madang.plugins.jdbc;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kr.madang.plugins.jdbc.Target.Type;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The columns of the table that rows of a schema need: stream, epoch and sequence, then what the
 * batch has. A time stands twice: as a timestamp for people and as ns for machines.
 *
 * @param columns in the order in which they are written
 * @param partition the column of the time by which TimescaleDB cuts the table
 */
record Shape(List<Target> columns, String partition) {
  static final String STREAM = "stream";
  static final String EPOCH = "epoch";
  static final String SEQUENCE = "sequence";

  /** What names a row. */
  static final Set<String> KEY = Set.of(STREAM, EPOCH, SEQUENCE);

  private static final Map<String, String> SAMPLE_NAMES =
      Map.of("sourceTime", "source_time", "receiveTime", "receive_time");

  static Shape of(SinkConfig config, Schema schema) {
    boolean samples = Samples.matches(schema);
    Kind kind = config.server().kind();
    Map<String, String> renamed = new HashMap<>(config.columns());
    List<Target> columns = new ArrayList<>();
    columns.add(new Target.Stream(STREAM));
    columns.add(new Target.Count(EPOCH, false));
    columns.add(new Target.Count(SEQUENCE, true));
    String partition = "";
    for (Field field : schema.getFields()) {
      String name = field.getName();
      String known = renamed.remove(name);
      String column =
          known != null
              ? known
              : samples ? SAMPLE_NAMES.getOrDefault(name, name) : status(name, config);
      ArrowType arrow = field.getDictionary() == null ? field.getType() : ArrowType.Utf8.INSTANCE;
      Type type = type(field, arrow);
      // The others may be null: fields come and go over the life of a table.
      boolean instant = name.equals(samples ? "receiveTime" : Frames.TIME);
      columns.add(new VectorTarget(column, type, instant, name, arrow, kind));
      if (instant) {
        partition = column;
      }
      if (instant || type == Type.TIME) {
        columns.add(new VectorTarget(column + "_ns", Type.LONG, instant, name, arrow, kind));
      }
    }
    if (!renamed.isEmpty()) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "columns: expected fields of this stream, got " + String.join(", ", renamed.keySet()));
    }
    names(columns, kind);
    return new Shape(List.copyOf(columns), partition);
  }

  /** The status of a renamed field follows its field. */
  private static String status(String name, SinkConfig config) {
    if (name.endsWith(Frames.STATUS_SUFFIX)) {
      String of = name.substring(0, name.length() - Frames.STATUS_SUFFIX.length());
      return Frames.status(config.columns().getOrDefault(of, of));
    }
    return name;
  }

  private static Type type(Field field, ArrowType arrow) {
    // Names of tags are short: an index can be put on them.
    @Nullable Type type =
        field.getDictionary() != null && field.getType() instanceof ArrowType.Int
            ? Type.NAME
            : VectorTarget.typeOf(arrow);
    if (type == null
        || (arrow instanceof ArrowType.Timestamp timestamp
            && timestamp.getUnit() != org.apache.arrow.vector.types.TimeUnit.NANOSECOND)) {
      throw new PluginException(
          ErrorCode.SCHEMA_MISFIT,
          "field '"
              + field.getName()
              + "': expected numbers, flags, texts, bytes or times in ns for a table, got "
              + arrow
              + "; leave it out by a select step");
    }
    return type;
  }

  private static void names(List<Target> columns, Kind kind) {
    Set<String> names = new HashSet<>();
    for (Target column : columns) {
      try {
        Checks.identifier("field", column.name, kind);
      } catch (IllegalArgumentException e) {
        throw new PluginException(
            ErrorCode.SCHEMA_MISFIT, e.getMessage() + "; give it a shorter column by columns", e);
      }
      String folded =
          kind == Kind.POSTGRESQL ? column.name : column.name.toLowerCase(java.util.Locale.ROOT);
      if (!names.add(folded)) {
        throw new PluginException(
            ErrorCode.SCHEMA_MISFIT,
            "field '"
                + column.name
                + "': expected a name that no other column has (stream, epoch, sequence and names"
                + " ending in _ns are the sink's); give it another by columns");
      }
    }
  }
}
