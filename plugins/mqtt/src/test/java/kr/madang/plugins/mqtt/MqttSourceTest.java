package kr.madang.plugins.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Tag;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.CollectedVerification;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@EnabledIf("kr.madang.plugins.mqtt.Mosquitto#installed")
class MqttSourceTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;
  private FakeSourceContext context;

  @BeforeEach
  void context() {
    context = new FakeSourceContext(arrow.get());
  }

  private Host host(SourceConfig config) throws Exception {
    return Host.of(new MqttSource(), config, context);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void valuesOfAllQosArrive(Version version) throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Publisher publisher = new Publisher(mosquitto.port());
        Host host =
            host(
                Configs.source(
                    Configs.broker(mosquitto.port(), version), Configs.raw("plant/#", 2)))) {
      host.awaitReady(publisher, "plant/ready");
      for (int qos = 0; qos <= 2; qos++) {
        publisher.say("plant/q" + qos, bytes("" + (qos + 0.5)), qos, false);
      }
      Await.until("all are there", () -> host.shown().size() == 3);
      assertThat(host.shown())
          .containsExactlyInAnyOrder("plant/q0=0.5 Good", "plant/q1=1.5 Good", "plant/q2=2.5 Good");
      assertThat(context.rejects()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void whatIsNotAcceptedComesAgainAfterAReopening(Version version) throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Publisher publisher = new Publisher(mosquitto.port())) {
      SourceConfig config =
          Configs.source(Configs.broker(mosquitto.port(), version), Configs.raw("plant/+", 2));
      try (Host host = Host.of(new MqttSource(), config, context, false)) {
        host.awaitReady(publisher, "plant/ready");
        host.accept();
        publisher.say("plant/a", bytes("17"), 1, false);
        publisher.say("plant/a2", bytes("17"), 2, false);
        Await.until("they are there", () -> host.shown().size() == 2);
      }
      publisher.say("plant/b", "18");
      try (Host host = host(config)) {
        Await.until("all came again", () -> host.shown().size() >= 3);
        // What lay at the broker meanwhile has no time of its own: it may be old.
        assertThat(host.shown())
            .contains(
                "plant/a=17.0 Uncertain_LastUsableValue",
                "plant/a2=17.0 Uncertain_LastUsableValue",
                "plant/b=18.0 Uncertain_LastUsableValue");
      }
      try (Host host = host(config)) {
        publisher.say("plant/c", "19");
        Await.until("it is there", () -> !host.shown().isEmpty());
        assertThat(host.shown()).first().asString().startsWith("plant/c=");
      }
    }
  }

  @Test
  void nothingIsAcknowledgedBeforeItIsAccepted() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder, "max_inflight_messages 10");
        Publisher publisher = new Publisher(mosquitto.port());
        Host host =
            Host.of(
                new MqttSource(),
                Configs.source(
                    Configs.broker(mosquitto.port(), Version.MQTT311), Configs.raw("plant/+", 1)),
                context,
                false)) {
      host.awaitReady(publisher, "plant/ready");
      for (int i = 0; i < 30; i++) {
        publisher.say("plant/a", "" + i);
      }
      Await.until("the window is full", () -> host.count() == 10);
      publisher.say("other", "x");
      assertThat(host.count()).isEqualTo(10);
      host.accepting(true);
      host.accept();
      Await.until("all are there", () -> host.shown().size() == 30);
      assertThat(host.shown())
          .isEqualTo(IntStream.range(0, 30).mapToObj(i -> "plant/a=" + i + ".0 Good").toList());
    }
  }

  @Test
  void poisonIsRejectedAndNeverBlocks() throws Exception {
    Subscription json = Configs.json("plant/+", "{1}", Configs.reading("/v", "{1}"));
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Publisher publisher = new Publisher(mosquitto.port());
        Host host =
            host(
                Configs.source(
                    Configs.broker(mosquitto.port(), Version.MQTT5), 1, 2_000, 100, json))) {
      publisher.say("plant/ready", "x"); // creates nothing
      Await.until(
          "the subscription stands",
          () -> {
            publisher.say("plant/ready", "{\"v\":1}");
            return host.count() > 0;
          });
      context.rejects().clear();
      publisher.say("plant/a", "{\"v\":");
      publisher.say("plant/a", "[".repeat(1_900));
      publisher.say("plant/a", new byte[] {0, (byte) 0xFF}, 1, false);
      publisher.say("plant/a", "x".repeat(2_001));
      publisher.say("plant/a", "{\"v\":{\"deep\":1}}");
      publisher.say("plant/a", "{\"v\":5}");
      Await.until("the good one passed", () -> host.shown().contains("a=5.0 Good"));
      assertThat(context.rejects()).hasSize(5);
      assertThat(context.rejects().getFirst())
          .startsWith("{\"v\": → 'plant/a': payload: expected JSON, got");
      assertThat(context.rejects().get(3))
          .contains("payload: expected at most 2000 bytes (maxPayload), got 2001 bytes");
      assertThat(context.rejects().get(4)).contains("/v: expected a number or a text, got");
    }
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void aPacketThatIsTooLongNeverEntersTheMemory(Version version) throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Publisher publisher = new Publisher(mosquitto.port());
        Host host =
            host(
                Configs.source(
                    Configs.broker(mosquitto.port(), version),
                    10,
                    1_000,
                    100,
                    Configs.raw("p/+", 0)))) {
      host.awaitReady(publisher, "p/ready");
      publisher.say("p/huge", new byte[5 << 20], 0, false);
      if (version == Version.MQTT5) {
        // The broker was told and keeps it to itself.
        publisher.say("p/a", "1");
        Await.until("the next came", () -> host.shown().contains("p/a=1.0 Good"));
      } else {
        Await.until("the connection was given up", () -> host.failure() != null);
        assertThat(host.failure())
            .hasMessageContaining("packet of 5242")
            .isInstanceOf(PluginException.class);
      }
    }
  }

  @Test
  void aRetainedValueWithoutATimeIsUncertainAndOneWithATimeKeepsIt() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Publisher publisher = new Publisher(mosquitto.port())) {
      publisher.say("raw/a", bytes("1"), 1, true);
      publisher.say("json/a", bytes("{\"v\":2,\"time\":1767225600000}"), 1, true);
      try (Host host =
          host(
              Configs.source(
                  Configs.broker(mosquitto.port(), Version.MQTT5),
                  Configs.raw("raw/+", 1),
                  Configs.json("json/+", "j", Configs.reading("/v", "j"))))) {
        host.awaitRows(2);
        assertThat(host.shown())
            .containsExactlyInAnyOrder("raw/a=1.0 Uncertain_LastUsableValue", "j=2.0 Good");
        assertThat(host.rows())
            .anySatisfy(
                row -> assertThat(row).containsEntry("sourceTime", 1_767_225_600_000_000_000L));
        publisher.say("raw/a", "3");
        Await.until("a live one is good", () -> host.shown().contains("raw/a=3.0 Good"));
      }
    }
  }

  @Test
  void sharedSubscriptionsSplitTheMessages() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Publisher publisher = new Publisher(mosquitto.port());
        Host first = host(shared(mosquitto, "first"));
        Host second = host(shared(mosquitto, "second"))) {
      Await.until(
          "both are there",
          () -> {
            publisher.say("plant/ready", "1");
            return first.count() > 0 && second.count() > 0;
          });
      for (int i = 0; i < 40; i++) {
        publisher.say("plant/a", "" + i);
      }
      Await.until("each came", () -> first.shown().size() + second.shown().size() >= 40);
      List<String> all = new ArrayList<>(first.shown());
      all.addAll(second.shown());
      assertThat(all)
          .containsExactlyInAnyOrderElementsOf(
              IntStream.range(0, 40).mapToObj(i -> "plant/a=" + i + ".0 Good").toList());
      assertThat(first.shown()).isNotEmpty();
      assertThat(second.shown()).isNotEmpty();
    }
  }

  private static SourceConfig shared(Mosquitto mosquitto, String client) {
    return Configs.source(
        Configs.broker(mosquitto.port(), Version.MQTT5, client),
        Configs.raw("$share/group/plant/+", 1));
  }

  @Test
  void aBrokerThatGoesEndsTheSourceAndOneThatIsBackServesItAgain() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder)) {
      SourceConfig config =
          Configs.source(Configs.broker(mosquitto.port(), Version.MQTT5), Configs.raw("p/+", 1));
      try (Host host = host(config)) {
        mosquitto.stop();
        Await.until("the source ended", () -> host.failure() != null);
        assertThat(host.failure())
            .isInstanceOf(PluginException.class)
            .hasMessageStartingWith("lost the connection to 127.0.0.1:" + mosquitto.port());
      }
      assertThatThrownBy(() -> host(config))
          .isInstanceOf(PluginException.class)
          .hasMessageContaining("cannot connect to 127.0.0.1:" + mosquitto.port());
      mosquitto.start();
      try (Publisher publisher = new Publisher(mosquitto.port());
          Host host = host(config)) {
        host.awaitReady(publisher, "p/ready");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void aWrongPasswordIsSaid(Version version) throws Exception {
    Path users = folder.resolve("users");
    Files.writeString(users, "pump:secret\n");
    new ProcessBuilder("mosquitto_passwd", "-U", users.toString()).start().waitFor();
    try (Mosquitto mosquitto =
        Mosquitto.start(folder, "allow_anonymous false", "password_file " + users)) {
      Broker broker = Configs.broker(mosquitto.port(), version);
      Subscription all = Configs.raw("p/+", 1);
      assertThatThrownBy(() -> host(Configs.source(Configs.login(broker, "pump", "no"), all)))
          .hasMessageContaining("refused the connection: ")
          .hasMessageContaining("; check broker.user, broker.password")
          .hasMessageNotContaining("no\"");
      try (Host host = host(Configs.source(Configs.login(broker, "pump", "secret"), all))) {
        assertThat(host.running()).isTrue();
      }
    }
  }

  @Test
  void tlsWithAnOwnCaAndAClientCertificate() throws Exception {
    try (Mosquitto mosquitto =
        Mosquitto.start(
            folder,
            "cafile " + Keys.certificate("ca"),
            "certfile " + Keys.certificate("server"),
            "keyfile " + Keys.key("server"),
            "require_certificate true")) {
      Broker plain = Configs.broker(mosquitto.port(), Version.MQTT5);
      Broker good = Configs.tls(plain, tls("ca", true, true));
      try (Publisher publisher = new Publisher(named(good));
          Host host = host(Configs.source(good, Configs.raw("p/+", 1)))) {
        host.awaitReady(publisher, "p/ready");
      }
      Subscription all = Configs.raw("p/+", 1);
      assertThatThrownBy(
              () -> host(Configs.source(Configs.tls(plain, tls("other", true, true)), all)))
          .hasMessageContaining("no TLS with 127.0.0.1:" + mosquitto.port())
          .hasMessageContaining("check broker.tls");
      assertThatThrownBy(
              () -> host(Configs.source(Configs.tls(plain, tls("ca", false, true)), all)))
          .isInstanceOf(PluginException.class);
    }
    try (Mosquitto mosquitto =
        Mosquitto.start(
            folder,
            "certfile " + Keys.certificate("elsewhere"),
            "keyfile " + Keys.key("elsewhere"))) {
      Broker plain = Configs.broker(mosquitto.port(), Version.MQTT5);
      Subscription all = Configs.raw("p/+", 1);
      assertThatThrownBy(
              () -> host(Configs.source(Configs.tls(plain, tls("ca", false, true)), all)))
          .hasMessageContaining("no TLS with");
      try (Host host = host(Configs.source(Configs.tls(plain, tls("ca", false, false)), all))) {
        assertThat(host.running()).isTrue();
      }
    }
  }

  private static Tls tls(String ca, boolean client, boolean verifyHost) {
    return new Tls(
        java.util.Optional.of(Keys.certificate(ca)),
        client ? java.util.Optional.of(Keys.certificate("client")) : java.util.Optional.empty(),
        client ? java.util.Optional.of(Keys.key("client")) : java.util.Optional.empty(),
        java.util.Optional.empty(),
        verifyHost);
  }

  private static Broker named(Broker broker) {
    return new Broker(
        broker.host(),
        broker.port(),
        broker.version(),
        java.util.Optional.of("publisher"),
        broker.user(),
        broker.password(),
        broker.tls(),
        broker.keepAlive(),
        broker.timeout());
  }

  @Test
  void verifyGoesStepByStep() throws Exception {
    SourceConfig config;
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Publisher publisher = new Publisher(mosquitto.port())) {
      publisher.say("p/a", bytes("x"), 1, true);
      config =
          Configs.source(
              Configs.broker(mosquitto.port(), Version.MQTT5),
              Configs.raw("$share/g/p/+", 1, ValueType.NUMBER));
      CollectedVerification verification = new CollectedVerification();
      new MqttSource().verify(config, verification);
      String target = "127.0.0.1:" + mosquitto.port();
      assertThat(verification.results())
          .containsExactly(
              "connect to " + target + ": ok",
              "log in to " + target + ": ok",
              "subscribe to $share/g/p/+: ok",
              "wait 2 s for a message (none is fine): ok",
              "read the message on 'p/a': payload: expected a number, got 'x'");
    }
    CollectedVerification verification = new CollectedVerification();
    new MqttSource().verify(config, verification);
    assertThat(verification.results().getFirst()).contains("cannot connect to");
    assertThat(verification.results().get(1)).endsWith("skipped");
  }

  @Test
  void tagsThatTheConfigAloneSaysAreKnownBefore() {
    assertThat(
            new MqttSource()
                .tags(
                    Configs.source(
                        Configs.broker(1, Version.MQTT5),
                        Configs.raw("p/{x}", 1),
                        Configs.raw("p/fix", 1),
                        Configs.json("q", null, Configs.reading("/v", "{topic}/v")))))
        .extracting(Tag::name)
        .containsExactly("p/fix", "q/v");
  }
}
