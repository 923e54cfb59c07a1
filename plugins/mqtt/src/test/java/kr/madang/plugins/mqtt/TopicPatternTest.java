package kr.madang.plugins.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicPatternTest {
  @ParameterizedTest
  @CsvSource({
    "a/b,a/b,true",
    "a/b,a/b/c,false",
    "a/+,a/b,true",
    "a/+,a/,true",
    "a/+,a,false",
    "a/#,a,true",
    "a/#,a/b/c,true",
    "#,a/b,true",
    "#,$SYS/x,false",
    "+/x,$SYS/x,false",
    "+/+,/a,true",
    "$share/g/a/+,a/b,true",
    "a/{x}/c,a/b/c,true",
    "a/{x}/c,a/b/d,false"
  })
  void topicsMatchAsTheStandardSays(String pattern, String topic, boolean matches) {
    assertThat(TopicPattern.of(pattern).match(topic) != null).isEqualTo(matches);
  }

  @Test
  void wildcardsHaveNamesAndNumbers() {
    TopicPattern pattern = TopicPattern.of("$share/g/p/{line}/+/#");
    assertThat(pattern.filter()).isEqualTo("$share/g/p/+/+/#");
    assertThat(pattern.match("p/l1/x/y/z")).containsExactly("p/l1/x/y/z", "l1", "x", "y/z");
    assertThat(pattern.wildcard("line")).isEqualTo(1);
    assertThat(pattern.wildcard("2")).isEqualTo(2);
    assertThat(pattern.wildcard("3")).isEqualTo(3);
    assertThat(pattern.wildcard("topic")).isZero();
    assertThat(pattern.wildcard("site")).isNegative();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a/#/b", "a+/b", "$share/g", "$share/g/", "$share/+/a", "a/{x}/{x}"})
  void aFilterThatNoBrokerTakesIsRefused(String pattern) {
    assertThatThrownBy(() -> TopicPattern.of(pattern))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("topic: expected");
  }

  @Test
  void anUnknownPlaceholderIsNamed() {
    assertThatThrownBy(() ->
            Configs.subscription(
                "a/+",
                1,
                PayloadKind.RAW,
                "{site}/x",
                java.util.List.of(),
                null,
                null,
                ValueType.AUTO))
        .hasMessage("tag: expected the number or name of a wildcard of a/+, got {site}");
  }
}
