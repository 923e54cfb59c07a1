package kr.madang.sdk.model;

import java.util.List;

/**
 * How one tensor of a model meets the columns of a pipeline.
 *
 * @param tensor the name in the ONNX file
 * @param fields for an input: the fields it is made from; one field whose cells already have the
 *     tensor's row shape is taken without a copy, several are gathered in this order along the
 *     first dimension after the batch. For an output: the field it becomes, or one for each column;
 *     empty means the tensor's own name
 * @param shape with -1 for the batch; empty means as the ONNX file says
 * @param type the ONNX element type in lower case: {@code float32}; empty means as the file says
 * @param onBad what happens to a row with a Bad or missing input
 * @param unit of an output, as a UCUM code; may be empty
 * @param description one line for people; may be empty
 */
public record TensorBinding(
    String tensor,
    List<String> fields,
    List<Long> shape,
    String type,
    OnBad onBad,
    String unit,
    String description) {

  /** Makes the lists unmodifiable. */
  public TensorBinding {
    fields = List.copyOf(fields);
    shape = List.copyOf(shape);
  }

  /** What happens to a row with a Bad or missing input. */
  public enum OnBad {
    /** The row is rejected and kept. */
    REJECT,
    /** The row is not run; its outputs are missing, with the status of the worst input. */
    SKIP,
    /** The row is run with NaN where a value is missing; its outputs are Uncertain. */
    MARK_UNCERTAIN
  }
}
