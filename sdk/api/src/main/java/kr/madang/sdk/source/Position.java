package kr.madang.sdk.source;

/**
 * A resume point that only the source understands, carried with each batch and given back after a
 * restart.
 *
 * @param value at most 4,096 characters
 */
public record Position(String value) {
  /** Checks the length. */
  public Position {
    if (value.length() > 4096) {
      throw new IllegalArgumentException(
          "position must have at most 4096 characters, got " + value.length());
    }
  }
}
