package kr.madang.sdk.batch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The names and types of a frames batch: one row an instant. The first column is {@code time},
 * timestamp[ns, UTC]; every field is a nullable column and has a sibling {@code field#status},
 * uint32 (see {@link Quality}). A field's metadata carries {@code unit} (UCUM) and {@code tag}.
 * Windows and tensors are FixedSizeList columns.
 */
public final class Frames {
  /** The name of the first column. */
  public static final String TIME = "time";

  /** What follows a field's name in the name of its status column. */
  public static final String STATUS_SUFFIX = "#status";

  /** The metadata key of a field's unit. */
  public static final String UNIT = "unit";

  /** The metadata key of the tag that a field was made from. */
  public static final String TAG = "tag";

  /** A 64-bit floating point number. */
  public static final ArrowType DOUBLE = new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);

  private static final ArrowType UINT32 = new ArrowType.Int(32, false);
  private static final Field TIME_FIELD =
      Field.notNullable(TIME, new ArrowType.Timestamp(TimeUnit.NANOSECOND, "UTC"));

  private Frames() {}

  /** A field of a simple type; an empty unit or tag is left out. */
  public static Field field(String name, ArrowType type, String unit, String tag) {
    Map<String, String> metadata = new HashMap<>();
    if (!unit.isEmpty()) {
      metadata.put(UNIT, unit);
    }
    if (!tag.isEmpty()) {
      metadata.put(TAG, tag);
    }
    return new Field(name, new FieldType(true, type, null, metadata), null);
  }

  /** The schema of frames with these fields: time first, each field followed by its status. */
  public static Schema schema(List<Field> fields) {
    List<Field> all = new ArrayList<>();
    all.add(TIME_FIELD);
    for (Field field : fields) {
      all.add(field);
      all.add(Field.notNullable(field.getName() + STATUS_SUFFIX, UINT32));
    }
    return new Schema(all);
  }

  /** Whether batches of this schema are frames. */
  public static boolean matches(Schema schema) {
    return !schema.getFields().isEmpty() && schema.getFields().get(0).equals(TIME_FIELD);
  }

  /** The fields of frames, without time and status columns. */
  public static List<Field> fields(Schema schema) {
    List<Field> fields = new ArrayList<>();
    for (Field field : schema.getFields()) {
      if (!field.getName().equals(TIME) && !field.getName().endsWith(STATUS_SUFFIX)) {
        fields.add(field);
      }
    }
    return fields;
  }

  /** The name of a field's status column. */
  public static String status(String field) {
    return field + STATUS_SUFFIX;
  }
}
