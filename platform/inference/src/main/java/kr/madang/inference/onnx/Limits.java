package kr.madang.inference.onnx;

/**
 * The bounds of a file.
 *
 * @param fileBytes of the file itself, without external data; the format ends at 2 GiB
 * @param depth graphs within graphs
 * @param nodes in all graphs together
 * @param tensors initialisers and constants in all graphs together
 * @param nameBytes of one name
 * @param attributeBytes of one attribute that is no tensor and no graph
 * @param dimensions of one tensor
 */
public record Limits(
    long fileBytes,
    int depth,
    int nodes,
    int tensors,
    int nameBytes,
    long attributeBytes,
    int dimensions) {

  /** What no model of the field comes near. */
  public static Limits usual() {
    return new Limits(Integer.MAX_VALUE, 12, 200_000, 200_000, 4096, 256L << 20, 64);
  }
}
