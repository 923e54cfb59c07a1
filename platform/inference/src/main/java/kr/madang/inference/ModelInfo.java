package kr.madang.inference;

import java.util.List;

/**
 * What the ONNX file says of itself.
 *
 * @param inputs in the order of the graph
 * @param outputs in the order of the graph
 * @param producer the tool that wrote the file; may be empty
 * @param irVersion of the file format
 * @param opset of the standard operators; 0 where the file names none
 */
public record ModelInfo(
    List<Signature> inputs, List<Signature> outputs, String producer, long irVersion, long opset) {

  /** Makes the lists unmodifiable. */
  public ModelInfo {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /**
   * One tensor of the graph.
   *
   * @param name in the graph
   * @param type the ONNX element type in lower case: {@code float32}
   * @param shape -1 where a dimension varies
   * @param symbols the name of each dimension that varies, else empty
   */
  public record Signature(String name, String type, List<Long> shape, List<String> symbols) {

    /** Makes the lists unmodifiable. */
    public Signature {
      shape = List.copyOf(shape);
      symbols = List.copyOf(symbols);
    }
  }
}
