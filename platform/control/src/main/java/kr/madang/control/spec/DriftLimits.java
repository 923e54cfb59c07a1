package kr.madang.control.spec;

import java.time.Duration;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;

/**
 * When inputs and outputs of a model have moved so far from its baseline that people should know.
 */
public record DriftLimits(
    @Doc("Population stability index of a column") @Default("0.25") @Range(min = 0) double psi,
    @Doc("Share of missing values beyond that of the baseline")
        @Default("0.1")
        @Range(min = 0, max = 1)
        double missing,
    @Doc("Share of values outside the range of the baseline")
        @Default("0.1")
        @Range(min = 0, max = 1)
        double outOfRange,
    @Doc("Time that is looked at together") @Default("1h") @Range(min = 1, max = 604800)
        Duration window) {
  /** Where {@code model.yaml} says nothing. */
  public static final DriftLimits USUAL = new DriftLimits(0.25, 0.1, 0.1, Duration.ofHours(1));
}
