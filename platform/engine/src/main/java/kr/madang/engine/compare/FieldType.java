package kr.madang.engine.compare;

import java.util.Locale;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/**
 * How a field is compared.
 *
 * @param number as numbers, else as text
 * @param width how many numbers a row has: more than 1 for a list of fixed size
 * @param text the type, for people
 */
record FieldType(boolean number, int width, String text) {
  /** A row of more numbers than this is no window but an image; it is compared as bytes. */
  private static final int WIDEST = 1 << 16;

  static FieldType of(Field field) {
    if (field.getDictionary() != null) {
      return new FieldType(false, 1, "text");
    }
    return switch (field.getType()) {
      case ArrowType.FloatingPoint type ->
          switch (type.getPrecision()) {
            case HALF -> new FieldType(true, 1, "float16");
            case SINGLE -> new FieldType(true, 1, "float32");
            case DOUBLE -> new FieldType(true, 1, "float64");
          };
      case ArrowType.Int type ->
          new FieldType(
              type.getIsSigned() || type.getBitWidth() < 64,
              1,
              (type.getIsSigned() ? "int" : "uint") + type.getBitWidth());
      case ArrowType.Decimal _ -> new FieldType(true, 1, "decimal");
      case ArrowType.Bool _ -> new FieldType(false, 1, "bool");
      case ArrowType.Utf8 _, ArrowType.LargeUtf8 _, ArrowType.Utf8View _ ->
          new FieldType(false, 1, "text");
      case ArrowType.Binary _, ArrowType.LargeBinary _, ArrowType.FixedSizeBinary _ ->
          new FieldType(false, 1, "bytes");
      case ArrowType.FixedSizeList list when field.getChildren().size() == 1 -> {
        FieldType element = of(field.getChildren().getFirst());
        long width = (long) element.width * list.getListSize();
        String text = element.text + "[" + list.getListSize() + "]";
        yield element.number && width > 0 && width <= WIDEST
            ? new FieldType(true, (int) width, text)
            : new FieldType(false, 1, text);
      }
      default ->
          new FieldType(false, 1, field.getType().getTypeID().name().toLowerCase(Locale.ROOT));
    };
  }
}
