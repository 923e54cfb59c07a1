package kr.madang.control.config;

/**
 * Where something stands in a document.
 *
 * @param line from 1; 0 for what stands in no document
 * @param column from 1
 */
public record Place(int line, int column) {
  /** Of what stands in no document. */
  public static final Place NONE = new Place(0, 0);

  @Override
  public String toString() {
    return line == 0 ? "" : "line " + line + ", column " + column;
  }
}
