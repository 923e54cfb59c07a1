package kr.madang.inference;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CurveTest {
  private static final long LIMIT = Hold.BRIEF.nanos;

  private static Curve known(long wall, long busy) {
    Curve curve = new Curve();
    for (int i = 0; i < 16; i++) {
      curve.saw(1, wall);
      curve.looked(1, busy);
    }
    return curve;
  }

  @Test
  void nothingIsShortBeforeItWasSeenOften() {
    Curve curve = new Curve();
    assertThat(curve.looks(1)).isTrue();
    for (int i = 0; i < 15; i++) {
      curve.looked(1, 10_000);
    }
    assertThat(curve.below(1, LIMIT)).isFalse();
    assertThat(curve.estimate(1)).isEqualTo(100_000);
    curve.looked(1, 10_000);
    assertThat(curve.below(1, LIMIT)).isTrue();
    assertThat(curve.below(2, LIMIT)).isFalse();
  }

  @Test
  void runsThatLoseTheirCoreSayNothingOfTheModel() {
    Curve curve = known(25_000, 20_000);
    for (int i = 0; i < 1_000; i++) {
      curve.saw(1, 4_000_000);
      curve.looked(1, 20_000);
    }
    assertThat(curve.below(1, LIMIT)).isTrue();
    assertThat(curve.estimate(1)).isGreaterThan(3_900_000);
  }

  @Test
  void aModelThatNeedsMoreOfACoreIsNoLongerShort() {
    Curve curve = known(25_000, 20_000);
    for (int i = 0; i < 50; i++) {
      curve.looked(1, i % 4 == 0 ? 2_000_000 : 20_000);
    }
    assertThat(curve.below(1, LIMIT)).as("one run of four is long").isFalse();
  }

  @Test
  void theTimeOnTheCoreIsLookedAtSeldomOnceItIsKnown() {
    Curve curve = known(25_000, 20_000);
    int looked = 0;
    for (int i = 0; i < 800; i++) {
      looked += curve.looks(1) ? 1 : 0;
      curve.saw(1, 25_000);
    }
    assertThat(looked).isEqualTo(100);
  }
}
