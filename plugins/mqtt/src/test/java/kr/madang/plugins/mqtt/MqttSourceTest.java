package kr.madang.plugins.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@EnabledIf("kr.madang.plugins.mqtt.Mosquitto#installed")
class MqttSourceTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(Version.class)
  void valuesOfAllQosArrive(Version version) throws Exception {
    FakeSourceContext context = new FakeSourceContext(arrow.get());
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Publisher publisher = new Publisher(mosquitto.port());
        Host host =
            Host.of(
                new MqttSource(),
                Configs.source(
                    Configs.broker(mosquitto.port(), version), Configs.raw("plant/#", 2)),
                context)) {
      host.awaitReady(publisher, "plant/ready");
      for (int qos = 0; qos <= 2; qos++) {
        publisher.say("plant/q" + qos, ("" + (qos + 0.5)).getBytes(), qos, false);
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
    FakeSourceContext context = new FakeSourceContext(arrow.get());
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Publisher publisher = new Publisher(mosquitto.port())) {
      SourceConfig config =
          Configs.source(Configs.broker(mosquitto.port(), version), Configs.raw("plant/+", 1));
      try (Host host = Host.of(new MqttSource(), config, context, false)) {
        host.awaitReady(publisher, "plant/ready");
        host.accept();
        publisher.say("plant/a", "17");
        Await.until("it is there", () -> host.shown().contains("plant/a=17.0 Good"));
      }
      publisher.say("plant/b", "18");
      try (Host host = Host.of(new MqttSource(), config, context)) {
        Await.until(
            "both came again",
            () ->
                host.shown().contains("plant/a=17.0 Uncertain_LastUsableValue")
                    && host.shown().contains("plant/b=18.0 Uncertain_LastUsableValue"));
      }
      try (Host host = Host.of(new MqttSource(), config, context)) {
        publisher.say("plant/c", "19");
        Await.until("it is there", () -> !host.shown().isEmpty());
        assertThat(host.shown()).first().asString().startsWith("plant/c=");
      }
    }
  }
}
