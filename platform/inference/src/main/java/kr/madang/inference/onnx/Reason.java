package kr.madang.inference.onnx;

/**
 * Why a file is refused.
 *
 * @param where the tensor, operator or file
 * @param expected what would have been right
 * @param got what is there
 */
public record Reason(String where, String expected, String got) {

  /** In one line. */
  public String text() {
    return "%s: expected %s, got %s".formatted(where, expected, got);
  }
}
