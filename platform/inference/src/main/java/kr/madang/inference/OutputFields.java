package kr.madang.inference;

import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;

/**
 * The columns that one output becomes: a scalar, a list of a row's elements, or a scalar for each
 * element where the declaration names as many fields.
 */
record OutputFields(List<Field> fields, boolean split) {

  static OutputFields of(OutputTensor output, String model) {
    OutputSpec spec = output.spec();
    int elements = output.elements();
    int names = spec.fields().size();
    if (names != 1 && names != elements) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "model %s, output '%s': model.yaml names %d fields; a row has %d elements, so name 1 or %d"
              .formatted(model, spec.tensor(), names, elements, elements));
    }
    List<Field> fields = new ArrayList<>();
    for (String name : spec.fields()) {
      if (name.equals(Frames.TIME) || name.endsWith(Frames.STATUS_SUFFIX) || name.isEmpty()) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            "model %s, output '%s': '%s' cannot be the name of a field; name another in model.yaml"
                .formatted(model, spec.tensor(), name));
      }
      Field scalar = Frames.field(name, spec.type().column, spec.unit(), "");
      fields.add(
          names == elements
              ? scalar
              : new Field(
                  name,
                  new FieldType(
                      true, new ArrowType.FixedSizeList(elements), null, scalar.getMetadata()),
                  List.of(Field.nullable("item", spec.type().column))));
    }
    return new OutputFields(List.copyOf(fields), names > 1);
  }

  /** Whether ONNX Runtime can write the column's own memory. */
  boolean direct(OutputTensor output) {
    return output.pinned() && output.spec().type().sameInColumn() && !split;
  }
}
