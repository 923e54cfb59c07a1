package kr.madang.plugins.opcua;

import java.util.Locale;

/** In which form an enumeration is delivered. */
enum Form {
  /** The number. */
  NUMBER,
  /** The name that the server gives the number, or its digits where it gives none. */
  TEXT;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
