package kr.madang.engine.compare;

/** How well two things agree, from best to worst. */
public enum Agreement {
  /** Equal bit for bit. */
  IDENTICAL,
  /** Not equal, but every number is within its tolerance. */
  WITHIN_TOLERANCE,
  /** Something differs beyond tolerance, or is there on one side only. */
  DIFFERENT;

  Agreement worse(Agreement other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
