package kr.madang.control;

import java.util.List;

/**
 * A version of a model, for people and programs outside.
 *
 * @param name of the model; for one that cannot be read, the name of its folder
 * @param version exact; empty for one that cannot be read
 * @param plugin {@code id@version} of the plugin that brings it
 * @param state {@code declared}, {@code loaded} or {@code refused}
 * @param reason why it was refused; else empty
 * @param description one line for people; may be empty
 * @param inputs tensors it takes
 * @param outputs tensors it gives; empty means all of its file, once it is loaded
 */
public record ModelView(
    String name,
    String version,
    String plugin,
    String state,
    String reason,
    String description,
    List<Port> inputs,
    List<Port> outputs) {

  /** Makes the lists unmodifiable. */
  public ModelView {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /**
   * One tensor.
   *
   * @param tensor its name in the ONNX file
   * @param fields of a pipeline that it is made from, or that it becomes
   * @param shape with -1 where a dimension varies; may be empty before the model is loaded
   * @param type element type; may be empty before the model is loaded
   * @param unit UCUM code; may be empty
   */
  public record Port(
      String tensor, List<String> fields, List<Long> shape, String type, String unit) {

    /** Makes the lists unmodifiable. */
    public Port {
      fields = List.copyOf(fields);
      shape = List.copyOf(shape);
    }
  }
}
