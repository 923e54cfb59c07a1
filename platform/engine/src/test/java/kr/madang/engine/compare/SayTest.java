package kr.madang.engine.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SayTest {
  @Test
  void numbersHaveFourDigitsOrAllBeforeThePoint() {
    assertThat(Say.number(0.0)).isEqualTo("0");
    assertThat(Say.number(-0.0)).isEqualTo("0");
    assertThat(Say.number(3.14159)).isEqualTo("3.142");
    assertThat(Say.number(-0.00123456)).isEqualTo("−0.001235");
    assertThat(Say.number(123456.7)).isEqualTo("123,457");
    assertThat(Say.number(1234.0)).isEqualTo("1,234");
    assertThat(Say.number(12.0)).isEqualTo("12");
    assertThat(Say.number(9.9999)).isEqualTo("10");
    assertThat(Say.number(1e-9)).isEqualTo("1e−9");
    assertThat(Say.number(-1.2345e300)).isEqualTo("−1.23e300");
    assertThat(Say.number(null)).isEqualTo("–");
    assertThat(Say.signed(1.0)).isEqualTo("+1");
    assertThat(Say.signed(-1.0)).isEqualTo("−1");
  }

  @Test
  void onlyAllIsAHundredPercentAndOnlyNothingIsZero() {
    assertThat(Say.percent(1.0)).isEqualTo("100 %");
    assertThat(Say.percent(0.0)).isEqualTo("0 %");
    assertThat(Say.percent(0.99961)).isEqualTo("99.96 %");
    assertThat(Say.percent(0.999996)).isEqualTo("> 99.999 %");
    assertThat(Say.percent(0.9999)).isEqualTo("99.99 %");
    assertThat(Say.percent(0.000001)).isEqualTo("< 0.001 %");
    assertThat(Say.percent(0.0004)).isEqualTo("0.04 %");
    assertThat(Say.percent(0.992)).isEqualTo("99.2 %");
    assertThat(Say.percent(0.75)).isEqualTo("75 %");
    assertThat(Say.percent(2.0)).isEqualTo("200 %");
    assertThat(Say.percent(null)).isEqualTo("–");
  }

  @Test
  void durationsHaveAFittingUnit() {
    assertThat(Say.nanos(15.0)).isEqualTo("15 ns");
    assertThat(Say.nanos(15_340.0)).isEqualTo("15.3 µs");
    assertThat(Say.nanos(15_340_000.0)).isEqualTo("15.3 ms");
    assertThat(Say.nanos(2.5e9)).isEqualTo("2.5 s");
    assertThat(Say.ratio(1.5928)).isEqualTo("1.59 ×");
  }

  @Test
  void timesAreUtcWithAsMuchBehindTheSecondAsThereIs() {
    assertThat(Say.moment(Instant.parse("2026-11-03T10:00:00Z"))).isEqualTo("2026-11-03 10:00:00");
    assertThat(Say.moment(Instant.parse("2026-11-03T10:00:00.250Z")))
        .isEqualTo("2026-11-03 10:00:00.25");
    assertThat(Say.moment(null)).isEqualTo("no time");
  }

  @Test
  void axesHaveRoundTicks() {
    assertThat(Axis.exactly(0.3, 8.9, 4).ticks()).containsExactly(2.5, 5.0, 7.5);
    assertThat(Axis.exactly(0.3, 8.9, 4).label(2.5)).isEqualTo("2.5");
    assertThat(Axis.exactly(-30, 30, 4).label(-20)).isEqualTo("−20");
    TimeAxis hour =
        new TimeAxis(Instant.parse("2026-11-03T10:00:02Z"), Instant.parse("2026-11-03T11:00:00Z"));
    assertThat(hour.ticks()).extracting(hour::label).startsWith("10:10", "10:20").hasSize(6);
    TimeAxis week =
        new TimeAxis(Instant.parse("2026-11-03T10:00:02Z"), Instant.parse("2026-11-09T11:00:00Z"));
    assertThat(week.ticks()).extracting(week::label).startsWith("2026-11-04").hasSize(6);
    assertThat(Duration.between(week.ticks().get(0), week.ticks().get(1)))
        .isEqualTo(Duration.ofDays(1));
  }
}
