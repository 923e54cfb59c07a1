package kr.madang.sdk.config;

/**
 * A password, key or token in a config. In a file it is written as {@code ${secret:name}}; it never
 * appears in an answer, a log or an error.
 *
 * @param value the secret itself
 */
public record Secret(String value) {
  @Override
  public String toString() {
    return "***";
  }
}
