package kr.madang.plugins.files;

import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/** What Arrow fields become in Parquet. */
final class ParquetTypes {
  private ParquetTypes() {}

  static boolean knows(Field field) {
    return field.getDictionary() != null || type(field, field.getName()) != null;
  }

  static MessageType schema(Schema schema) {
    List<Type> types = new ArrayList<>();
    for (Field field : schema.getFields()) {
      Type type = type(plain(field), field.getName());
      if (type == null) {
        throw new IllegalArgumentException(field.toString());
      }
      types.add(type);
    }
    return new MessageType("madang", types);
  }

  /** The schema without dictionaries, as its readers shall see it. */
  static Schema plain(Schema schema) {
    return new Schema(schema.getFields().stream().map(ParquetTypes::plain).toList());
  }

  private static Field plain(Field field) {
    return field.getDictionary() == null
        ? field
        : new Field(
            field.getName(),
            new FieldType(field.isNullable(), ArrowType.Utf8.INSTANCE, null, field.getMetadata()),
            null);
  }

  private static @Nullable Type type(Field field, String name) {
    Repetition repetition = field.isNullable() ? Repetition.OPTIONAL : Repetition.REQUIRED;
    return switch (field.getType()) {
      case ArrowType.FloatingPoint type when type.getPrecision() == FloatingPointPrecision.DOUBLE ->
          Types.primitive(PrimitiveTypeName.DOUBLE, repetition).named(name);
      case ArrowType.FloatingPoint type when type.getPrecision() == FloatingPointPrecision.SINGLE ->
          Types.primitive(PrimitiveTypeName.FLOAT, repetition).named(name);
      case ArrowType.Bool _ -> Types.primitive(PrimitiveTypeName.BOOLEAN, repetition).named(name);
      case ArrowType.Int type ->
          Types.primitive(
                  type.getBitWidth() == 64 ? PrimitiveTypeName.INT64 : PrimitiveTypeName.INT32,
                  repetition)
              .as(LogicalTypeAnnotation.intType(type.getBitWidth(), type.getIsSigned()))
              .named(name);
      case ArrowType.Timestamp type -> {
        TimeUnit unit =
            switch (type.getUnit()) {
              case SECOND -> null;
              case MILLISECOND -> TimeUnit.MILLIS;
              case MICROSECOND -> TimeUnit.MICROS;
              case NANOSECOND -> TimeUnit.NANOS;
            };
        yield unit == null
            ? null
            : Types.primitive(PrimitiveTypeName.INT64, repetition)
                .as(LogicalTypeAnnotation.timestampType(type.getTimezone() != null, unit))
                .named(name);
      }
      case ArrowType.Utf8 _ ->
          Types.primitive(PrimitiveTypeName.BINARY, repetition)
              .as(LogicalTypeAnnotation.stringType())
              .named(name);
      case ArrowType.Binary _ -> Types.primitive(PrimitiveTypeName.BINARY, repetition).named(name);
      case ArrowType.FixedSizeList _ -> {
        Type element = type(field.getChildren().get(0), "element");
        yield element == null ? null : Types.list(repetition).element(element).named(name);
      }
      default -> null;
    };
  }
}
