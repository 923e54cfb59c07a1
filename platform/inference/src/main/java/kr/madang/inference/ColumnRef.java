package kr.madang.inference;

import java.util.List;
import java.util.Optional;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Where a field stands in a schema and what its cells hold.
 *
 * @param field its name
 * @param column its place
 * @param statusColumn the place of its status; -1 without one
 * @param type of an element
 * @param length elements of a cell
 * @param list whether a cell is a list
 */
record ColumnRef(
    String field, int column, int statusColumn, ElementType type, int length, boolean list) {

  /** Finds a field that a tensor is made from. */
  static ColumnRef find(Schema in, String field, String where) {
    int column = index(in, field);
    if (column < 0) {
      throw new PluginException(
          ErrorCode.SCHEMA_MISFIT,
          "%s: needs field '%s'; the step before gives %s"
              .formatted(where, field, Frames.fields(in).stream().map(Field::getName).toList()));
    }
    Field found = in.getFields().get(column);
    if (found.getDictionary() != null) {
      throw unusable(where, found);
    }
    int status = index(in, Frames.status(field));
    if (found.getType() instanceof ArrowType.FixedSizeList lists) {
      Optional<ElementType> type = ElementType.of(found.getChildren().getFirst().getType());
      if (type.isEmpty()) {
        throw unusable(where, found);
      }
      return new ColumnRef(field, column, status, type.get(), lists.getListSize(), true);
    }
    Optional<ElementType> type = ElementType.of(found.getType());
    if (type.isEmpty()) {
      throw unusable(where, found);
    }
    return new ColumnRef(field, column, status, type.get(), 1, false);
  }

  static int index(Schema schema, String name) {
    List<Field> fields = schema.getFields();
    for (int i = 0; i < fields.size(); i++) {
      if (fields.get(i).getName().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  private static PluginException unusable(String where, Field field) {
    return new PluginException(
        ErrorCode.SCHEMA_MISFIT,
        "%s: field '%s' is %s; expected numbers, bool, utf8, or a FixedSizeList of one of these"
            .formatted(where, field.getName(), field.getType()));
  }
}
