package kr.madang.plugins.modbus;

import java.util.Locale;

/** What the registers of a tag hold. */
enum Type {
  /** A coil, a discrete input, or one bit of a register; 0 or 1. */
  BOOL(1),
  /** A signed integer in one register. */
  INT16(1),
  /** An unsigned integer in one register. */
  UINT16(1),
  /** A signed integer in two registers. */
  INT32(2),
  /** An unsigned integer in two registers. */
  UINT32(2),
  /** A signed integer in four registers. */
  INT64(4),
  /** An unsigned integer in four registers. */
  UINT64(4),
  /** An IEEE 754 number in two registers. */
  FLOAT32(2),
  /** An IEEE 754 number in four registers. */
  FLOAT64(4),
  /** UTF-8 text, two bytes a register, up to the first zero byte. */
  STRING(0);

  private final int registers;

  Type(int registers) {
    this.registers = registers;
  }

  /** The number of registers; zero where the length of the text decides. */
  int registers() {
    return registers;
  }

  /** Whether scale and offset make sense. */
  boolean numeric() {
    return this != BOOL && this != STRING;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
