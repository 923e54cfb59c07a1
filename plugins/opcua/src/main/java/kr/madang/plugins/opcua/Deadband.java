package kr.madang.plugins.opcua;

import java.util.Locale;

/** How a dead-band is meant. */
enum Deadband {
  /** In the unit of the value. */
  ABSOLUTE,
  /** In percent of the node's EURange. */
  PERCENT;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
