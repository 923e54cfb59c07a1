package kr.madang.plugins.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.security.auth.login.AppConfigurationEntry;
import kr.madang.plugins.kafka.Cluster.Login;
import kr.madang.plugins.kafka.Cluster.Mechanism;
import kr.madang.sdk.config.Secret;
import kr.madang.sdk.source.Position;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.JaasContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\"; com.sun.security.auth.module.JndiLoginModule required"
            + " user.provider.url=\"ldap://evil",
        "\\\"; org.evil.Module required x=\"",
        "\\",
        "\\\\\"",
        "';{}= #/*",
        "${file:/etc/passwd:x}",
        "비밀번호 😀"
      })
  void aPasswordStaysAPassword(String evil) {
    Login login = new Login(Mechanism.SCRAMSHA512, evil, new Secret(evil));
    List<AppConfigurationEntry> entries =
        JaasContext.loadClientContext(Map.of("sasl.jaas.config", new Password(Clients.jaas(login))))
            .configurationEntries();
    assertThat(entries).hasSize(1);
    assertThat(entries.getFirst().getLoginModuleName())
        .isEqualTo("org.apache.kafka.common.security.scram.ScramLoginModule");
    assertThat(entries.getFirst().getOptions())
        .isEqualTo(Map.of("username", evil, "password", evil));
  }

  @Test
  void thePasswordIsNotShownInTheClear() {
    assertThatThrownBy(() ->
            new Cluster(
                List.of("h:1"),
                Optional.empty(),
                Optional.of(new Login(Mechanism.PLAIN, "u", new Secret("p")))))
        .hasMessageStartingWith("cluster.login.mechanism: expected scramsha256");
    Login login = new Login(Mechanism.SCRAMSHA256, "u", new Secret("hidden"));
    assertThat(login.toString()).doesNotContain("hidden");
  }

  @ParameterizedTest
  @ValueSource(strings = {"h", "h:", "http://h:1", "h:1,evil:2", "h:1/x", "", "h h:1", "h:123456"})
  void aServerIsAHostAndAPort(String server) {
    assertThatThrownBy(() -> Configs.cluster(server))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("cluster.servers: expected HOST:PORT");
  }

  @Test
  void onlyTheKnownPropertiesAreSet() {
    Cluster cluster =
        new Cluster(
            List.of("h:1"),
            Optional.empty(),
            Optional.of(new Login(Mechanism.SCRAMSHA256, "u", new Secret("p"))));
    assertThat(Clients.properties(cluster, Duration.ofSeconds(1), "default/p/s"))
        .containsEntry("security.protocol", "SASL_PLAINTEXT")
        .containsEntry("sasl.mechanism", "SCRAM-SHA-256")
        .containsEntry("client.id", "madang-default-p-s")
        .doesNotContainKeys(
            "sasl.oauthbearer.token.endpoint.url", "sasl.login.callback.handler.class");
  }

  @Test
  void aPositionHoldsHundredsOfPartitions() {
    Map<TopicPartition, Long> many = new java.util.HashMap<>();
    for (int i = 0; i < 300; i++) {
      many.put(new TopicPartition("plant.line-1", i), 1_000_000_000L + i);
    }
    Position position = Offsets.position(many);
    assertThat(Offsets.of(position)).isEqualTo(many);
    assertThatThrownBy(() -> Offsets.of(new Position("2|x")))
        .hasMessageStartingWith("position: expected one of this source");
  }
}
