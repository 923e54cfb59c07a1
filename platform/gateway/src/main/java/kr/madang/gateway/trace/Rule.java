package kr.madang.gateway.trace;

import java.util.Objects;

/** What counts for a call: each part as its model has it, else as all models have it. */
record Rule(boolean on, Pace pace, Quota quota) {
  /** With the parts that were set in the place of those that were not. */
  Rule under(Own own) {
    return new Rule(
        Objects.requireNonNullElse(own.on(), on),
        Objects.requireNonNullElse(own.pace(), pace),
        Objects.requireNonNullElse(own.quota(), quota));
  }
}
