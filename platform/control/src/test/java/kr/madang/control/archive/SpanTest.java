package kr.madang.control.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SpanTest {
  @Test
  void anEndIsARowOrATime() {
    Span rows = Span.of(Optional.of("5"), Optional.of("9"));
    assertThat(rows.fromRow()).isEqualTo(5);
    assertThat(rows.untilRow()).isEqualTo(9);
    assertThat(rows.holds(0)).isTrue();
    String time = "2026-01-01T00:00:00.000000007Z";
    Span times = Span.of(Optional.of(time), Optional.empty());
    long at = Instant.parse(time).getEpochSecond() * 1_000_000_000L + 7;
    assertThat(times.fromRow()).isZero();
    assertThat(times.holds(at)).isTrue();
    assertThat(times.holds(at - 1)).isFalse();
    assertThat(Span.of(Optional.of("1"), Optional.of(time)).holds(at)).isFalse();
    assertThat(Span.of(Optional.empty(), Optional.empty())).isEqualTo(Span.ALL);
  }

  @Test
  void whatIsNeitherIsNamed() {
    for (String wrong : new String[] {"yesterday", "-1", "99999999999999999999", ""}) {
      assertThatThrownBy(() -> Span.of(Optional.of(wrong), Optional.empty()))
          .hasMessageContaining("'" + wrong + "'");
    }
  }
}
