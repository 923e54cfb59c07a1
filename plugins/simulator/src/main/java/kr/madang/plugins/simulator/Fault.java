package kr.madang.plugins.simulator;

import java.util.Arrays;
import java.util.stream.Collectors;

/** What can go wrong in the plant; the ordinal is the number of its coil. */
public enum Fault {
  /** The bearing at the drive end rubs: it shakes, brakes and warms up a little. */
  WORN_BEARING("worn-bearing"),
  /** The inlet lost its margin: vapour bubbles cost head and hammer the pump. */
  CAVITATION("cavitation"),
  /** The discharge valve is partly blocked: less flow against more pressure. */
  BLOCKED_VALVE("blocked-valve");

  private final String label;

  Fault(String label) {
    this.label = label;
  }

  /** The name on command lines and in configs. */
  public String label() {
    return label;
  }

  static Fault of(String label) {
    for (Fault fault : values()) {
      if (fault.label.equals(label)) {
        return fault;
      }
    }
    throw new IllegalArgumentException(
        "fault: expected one of "
            + Arrays.stream(values()).map(Fault::label).collect(Collectors.joining(", "))
            + ", got '"
            + label
            + "'");
  }
}
