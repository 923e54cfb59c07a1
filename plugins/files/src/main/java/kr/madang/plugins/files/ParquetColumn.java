package kr.madang.plugins.files;

import java.nio.ByteOrder;
import java.util.List;
import kr.madang.plugins.files.ColumnInfo.Kind;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;
import org.jspecify.annotations.Nullable;

/** What a Parquet column becomes in Arrow. */
final class ParquetColumn {
  private static final ArrowType DOUBLE =
      new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE);
  private static final long JULIAN_EPOCH = 2_440_588;

  private ParquetColumn() {}

  /**
   * The Arrow field of a column.
   *
   * @param stored the field that the writer kept in the file's metadata, if any
   */
  static ColumnInfo info(Type type, @Nullable Field stored) {
    String name = type.getName();
    if (!type.isPrimitive()) {
      boolean list =
          stored != null && stored.getType() instanceof ArrowType.FixedSizeList && isFloats(stored);
      return new ColumnInfo(
          name,
          list ? Kind.LIST : Kind.OTHER,
          list ? stored : field(name, ArrowType.Null.INSTANCE));
    }
    ArrowType arrow = arrow(type.asPrimitiveType());
    Field field =
        new Field(
            name,
            new FieldType(true, arrow, null, stored == null ? null : stored.getMetadata()),
            null);
    return new ColumnInfo(name, ArrowBlocks.kind(field), field);
  }

  private static boolean isFloats(Field list) {
    List<Field> children = list.getChildren();
    return children.size() == 1
        && (children.get(0).getType() instanceof ArrowType.FloatingPoint type
            ? type.getPrecision() != FloatingPointPrecision.HALF
            : children.get(0).getType() instanceof ArrowType.FixedSizeList
                && isFloats(children.get(0)));
  }

  private static Field field(String name, ArrowType type) {
    return Field.nullable(name, type);
  }

  private static ArrowType arrow(PrimitiveType type) {
    LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
    return switch (type.getPrimitiveTypeName()) {
      case DOUBLE -> DOUBLE;
      case FLOAT -> new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
      case BOOLEAN -> ArrowType.Bool.INSTANCE;
      case INT96 -> new ArrowType.Timestamp(TimeUnit.NANOSECOND, "UTC");
      case INT32, INT64 ->
          integer(
              type.getPrimitiveTypeName() == PrimitiveType.PrimitiveTypeName.INT32 ? 32 : 64,
              logical);
      case BINARY ->
          logical instanceof LogicalTypeAnnotation.StringLogicalTypeAnnotation
                  || logical instanceof LogicalTypeAnnotation.EnumLogicalTypeAnnotation
                  || logical instanceof LogicalTypeAnnotation.JsonLogicalTypeAnnotation
              ? ArrowType.Utf8.INSTANCE
              : ArrowType.Binary.INSTANCE;
      case FIXED_LEN_BYTE_ARRAY -> ArrowType.Null.INSTANCE;
    };
  }

  private static ArrowType integer(int width, @Nullable LogicalTypeAnnotation logical) {
    return switch (logical) {
      case null -> new ArrowType.Int(width, true);
      case LogicalTypeAnnotation.TimestampLogicalTypeAnnotation time ->
          new ArrowType.Timestamp(
              switch (time.getUnit()) {
                case MILLIS -> TimeUnit.MILLISECOND;
                case MICROS -> TimeUnit.MICROSECOND;
                case NANOS -> TimeUnit.NANOSECOND;
              },
              time.isAdjustedToUTC() ? "UTC" : null);
      case LogicalTypeAnnotation.IntLogicalTypeAnnotation integer ->
          new ArrowType.Int(width, integer.isSigned());
      case LogicalTypeAnnotation.DecimalLogicalTypeAnnotation _ -> DOUBLE;
      default -> ArrowType.Null.INSTANCE;
    };
  }

  /** What an integer column is multiplied with, for decimals. */
  static int scale(PrimitiveType type) {
    return type.getLogicalTypeAnnotation()
            instanceof LogicalTypeAnnotation.DecimalLogicalTypeAnnotation decimal
        ? decimal.getScale()
        : 0;
  }

  /** The old 96-bit time as ns since 1970 UTC. */
  static long int96(Binary value) {
    var bytes = value.toByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    long ofDay = bytes.getLong(bytes.position());
    long day = bytes.getInt(bytes.position() + 8) - JULIAN_EPOCH;
    return Math.addExact(Math.multiplyExact(day, 86_400 * TimeParser.SECOND), ofDay);
  }
}
