package kr.madang.plugins.opcua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.config.Secret;
import kr.madang.sdk.source.Tag;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigTest {
  private static Configs some() {
    return new Configs("opc.tcp://10.0.0.7:4840").tag("flow");
  }

  @Test
  void whatIsWrongIsNamedByField() {
    refused(() -> new Configs("http://x").tag("a").build(), "endpoint: expected an address");
    refused(() -> new Configs("opc.tcp://x").build(), "tags: expected at least one tag");
    refused(() -> some().tag("flow").build(), "tags: expected each tag once, got flow twice");
    Configs halfLogin = some();
    halfLogin.user = Optional.of("operator");
    refused(halfLogin::build, "password: expected user and password");
    Configs secret = some();
    secret.password = Optional.of(new Secret("gawi"));
    refused(secret::build, "user: expected user and password");
    Configs mode = some();
    mode.mode = Optional.of(Mode.SIGN);
    refused(mode::build, "mode: expected none with policy none");
    Configs slow = some();
    slow.keepAlive = Duration.ofDays(2);
    refused(slow::build, "keepAlive: expected a time");
    refused(() -> new Configs.Tagged("a").range("9:3").build(), "tag 'a': range: expected");
    refused(() -> new Configs.Tagged("a").range("0:9").field("x").build(), "field: expected no");
    refused(() -> new Configs.Tagged("a").field("x..y").build(), "field: expected a path");
    refused(() -> new Configs.Tagged("a").node("pump").build(), "node: expected a node id");
    refused(() -> new Configs.Tagged("").build(), "tag name");
    refused(
        () -> new Configs.Tagged("a").deadband(101, Deadband.PERCENT).build(),
        "at most 100 percent");
  }

  private static void refused(ThrowingCallable made, String message) {
    assertThatThrownBy(made)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void aWindowDeclaresATagForEachElement() {
    OpcUaConfig config = some().tag(new Configs.Tagged("axes").range("2:4")).build();
    assertThat(new OpcUaSource().tags(config).stream().map(Tag::name))
        .containsExactly("flow", "axes[2]", "axes[3]", "axes[4]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1:", ":1", "a", "1:1", "0:4096", "+1", "1,", "2147483648"})
  void aRangeThatIsNoneIsRefused(String text) {
    assertThatThrownBy(() -> IndexRange.parse(text)).hasMessageContaining("range: expected");
  }

  @Test
  void aNodeIsFoundByItsNamespaceWhereverThatStands() {
    String[] before = {"http://opcfoundation.org/UA/", "urn:server", "urn:plant"};
    String[] after = {"http://opcfoundation.org/UA/", "urn:server", "urn:new", "urn:plant"};
    NodeName byUri = NodeName.parse("nsu=urn:plant;s=Pump;1;x");
    assertThat(byUri.in(before)).contains(new NodeId(2, "Pump;1;x"));
    assertThat(byUri.in(after)).contains(new NodeId(3, "Pump;1;x"));
    assertThat(byUri.in(new String[] {"urn:other"})).isEmpty();
    assertThat(NodeName.of(new NodeId(3, "a"), after)).isEqualTo("nsu=urn:plant;s=a");
    assertThat(NodeName.of(new NodeId(0, 85), after)).isEqualTo("i=85");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, 0",
    "5, 6, 0",
    "5, 8, 2",
    "5, 5, -1",
    "4294967295, 1, 0",
    "4294967294, 1, 1",
    "2, 4294967295, -3"
  })
  void messageNumbersGoInACircle(long last, long got, long ahead) {
    Subscription subscription =
        new Subscription(
            org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint(1), 1, 0);
    subscription.read(last);
    assertThat(subscription.ahead(got)).isEqualTo(ahead);
  }

  @Test
  void ticksBecomeNanosecondsWhereTheyFit() {
    assertThat(Ticks.nanos(116_444_736_000_000_000L, 0)).isZero();
    assertThat(Ticks.nanos(116_444_736_000_000_001L, 9_999)).isEqualTo(199);
    assertThat(Ticks.nanos(116_444_735_999_999_999L, 0)).isEqualTo(-100);
    for (long outside : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      assertThat(Ticks.nanos(outside, 0)).isEqualTo(SampleWriter.NO_TIME);
    }
    Instant instant = Instant.parse("2026-11-23T10:00:00.000000150Z");
    assertThat(Ticks.nanos(Ticks.of(instant), 0))
        .isEqualTo(instant.getEpochSecond() * 1_000_000_000L + 200);
    assertThat(Ticks.of(Instant.MIN)).isZero();
    assertThat(Ticks.of(Instant.MAX)).isEqualTo(2_650_467_743_990_000_000L);
  }
}
