package kr.madang.plugins.modbus;

import java.util.Locale;

/** Which half of something comes first: of a register its bytes, of a value its registers. */
enum Order {
  /** The most significant first, as the protocol says. */
  BIG,
  /** The least significant first. */
  LITTLE;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
