package kr.madang.plugins.mqtt;

/** A message that does not fit: says what was expected and what came. Without a stack. */
final class Misfit extends Exception {
  private static final long serialVersionUID = 1;

  Misfit(String message) {
    super(message, null, false, false);
  }

  Misfit(String where, String expected, String got) {
    this((where.isEmpty() ? "" : where + ": ") + "expected " + expected + ", got " + got);
  }

  /** The reason as a person reads it. */
  String why() {
    return String.valueOf(getMessage());
  }
}
