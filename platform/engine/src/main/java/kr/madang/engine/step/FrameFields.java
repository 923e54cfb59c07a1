package kr.madang.engine.step;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kr.madang.sdk.batch.Frames;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** The fields of frames by name, with the places of their columns. */
final class FrameFields {
  private final String step;
  private final Map<String, FrameField> byName = new LinkedHashMap<>();

  /**
   * One field.
   *
   * @param field the value column
   * @param value its index
   * @param status the index of the status column
   */
  record FrameField(Field field, int value, int status) {
    String name() {
      return field.getName();
    }

    boolean isNumber() {
      return numeric(field.getType());
    }

    /** The length of its lists of float64 or float32, 0 where it has none. */
    int window() {
      return field.getType() instanceof ArrowType.FixedSizeList list
              && field.getChildren().get(0).getType() instanceof ArrowType.FloatingPoint
          ? list.getListSize()
          : 0;
    }
  }

  FrameFields(String step, Schema schema) {
    this.step = step;
    if (!Frames.matches(schema)) {
      throw Misfit.notFrames(step, schema);
    }
    Map<String, Integer> columns = new LinkedHashMap<>();
    List<Field> fields = schema.getFields();
    for (int i = 0; i < fields.size(); i++) {
      columns.put(fields.get(i).getName(), i);
    }
    for (Field field : Frames.fields(schema)) {
      Integer value = columns.get(field.getName());
      Integer status = columns.get(Frames.status(field.getName()));
      if (value == null || status == null) {
        throw Misfit.of(
            step,
            "field '%s' has no status column '%s'; the step or source before must add it"
                .formatted(field.getName(), Frames.status(field.getName())));
      }
      byName.put(field.getName(), new FrameField(field, value, status));
    }
  }

  List<FrameField> all() {
    return List.copyOf(byName.values());
  }

  List<String> names() {
    return List.copyOf(byName.keySet());
  }

  boolean has(String name) {
    return byName.containsKey(name);
  }

  FrameField get(String name) {
    FrameField found = byName.get(name);
    if (found == null) {
      throw Misfit.unknown(step, name, byName.keySet());
    }
    return found;
  }

  /** The fields of these names in this order, each named once. */
  List<FrameField> get(List<String> names) {
    List<FrameField> found = new ArrayList<>();
    for (String name : names) {
      FrameField field = get(name);
      if (found.contains(field)) {
        throw Misfit.config(step, "field '" + name + "' is named twice; name it once");
      }
      found.add(field);
    }
    return found;
  }

  static boolean numeric(ArrowType type) {
    return switch (type) {
      case ArrowType.FloatingPoint f ->
          f.getPrecision() != org.apache.arrow.vector.types.FloatingPointPrecision.HALF;
      case ArrowType.Int _ -> true;
      default -> false;
    };
  }

  /** Refuses names that a field of frames cannot have. */
  static void checkName(String step, String name) {
    if (name.isBlank() || name.equals(Frames.TIME) || name.endsWith(Frames.STATUS_SUFFIX)) {
      throw Misfit.config(
          step,
          "a field cannot be named '%s'; expected a name that is not blank, not '%s' and does not end in '%s'"
              .formatted(name, Frames.TIME, Frames.STATUS_SUFFIX));
    }
  }
}
