package kr.madang.control;

import java.util.List;
import java.util.Map;

/**
 * A version of a model, for people and programs outside.
 *
 * @param name of the model; for one that cannot be read, the name of its folder
 * @param version exact; empty for one of a plugin that cannot be read
 * @param origin {@code plugin} or {@code upload}
 * @param plugin {@code id@version} of the plugin that brings it; empty for an upload
 * @param digest of the plugin, or of the files that were uploaded
 * @param state {@code declared}, {@code loaded} or {@code refused}
 * @param reason why it was refused; else empty
 * @param pinned whether it stays in memory, whoever asks for it
 * @param bytes of memory that it takes, as measured when it came; else about
 * @param description one line for people; may be empty
 * @param inputs tensors it takes
 * @param outputs tensors it gives; empty means all of its file, once it is loaded
 * @param nameplate organization, intended use, training data, licence and so on, by name
 */
public record ModelView(
    String name,
    String version,
    String origin,
    String plugin,
    String digest,
    String state,
    String reason,
    boolean pinned,
    long bytes,
    String description,
    List<Port> inputs,
    List<Port> outputs,
    Map<String, String> nameplate) {

  /** Makes the collections unmodifiable. */
  public ModelView {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    nameplate = Map.copyOf(nameplate);
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
