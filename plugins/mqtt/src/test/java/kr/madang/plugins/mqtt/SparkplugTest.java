package kr.madang.plugins.mqtt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.FakeSinkContext;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.ManualClock;
import kr.madang.sdk.testkit.TestAllocator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Sparkplug B over mosquitto: with ourselves, and with the npm package sparkplug-client. */
class SparkplugTest {
  private static final long NOW = 1_767_225_600_000_000_000L; // that of the manual clock

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;

  private static SparkplugConfig host(int port) {
    return new SparkplugConfig(
        Configs.broker(port, Version.MQTT311, "host"),
        List.of("+"),
        Optional.of("madang"),
        "{id}/{metric}",
        Duration.ofMillis(500),
        Duration.ofMillis(200),
        1 << 20,
        1_000);
  }

  private static EdgeConfig edge(int port, @Nullable String device, @Nullable String primary) {
    return new EdgeConfig(
        Configs.broker(port, Version.MQTT5, "edge"),
        "g",
        "n",
        Optional.ofNullable(device),
        Optional.ofNullable(primary),
        0,
        1_000);
  }

  private Host open(int port) throws Exception {
    return Host.of(new SparkplugSource(), host(port), new FakeSourceContext(arrow.get()));
  }

  private Batch samples(Map<String, Double> values, long time) {
    try (SampleWriter writer = new SampleWriter(arrow.get())) {
      values.forEach((tag, value) -> writer.put(tag, value, Quality.GOOD, time));
      return writer.take();
    }
  }

  private void write(Sink sink, Map<String, Double> values, long time) throws Exception {
    try (Batch batch = samples(values, time)) {
      sink.write(batch);
    }
  }

  private FakeSinkContext sinkContext() {
    return new FakeSinkContext(arrow.get(), new ManualClock());
  }

  @Test
  @EnabledIf("kr.madang.plugins.mqtt.Mosquitto#installed")
  void whatAnEdgeNodeSaysItsHostHears() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Host host = open(mosquitto.port())) {
      try (Sink sink =
          new SparkplugSink()
              .open(edge(mosquitto.port(), "d", null), Samples.SCHEMA, sinkContext())) {
        // QoS 0: what is said before the host listens is not kept; a birth is asked for then.
        Await.until(
            "the host follows",
            () -> {
              write(sink, Map.of("a", 1.0), NOW);
              sink.idle();
              return host.shown().contains("g/n/d/a=1.0 Good");
            });
        write(sink, Map.of("b", 2.0), NOW);
        Await.until("a new metric is born", () -> host.shown().contains("g/n/d/b=2.0 Good"));
        assertThat(host.rows())
            .anySatisfy(row ->
                assertThat(row).containsEntry("tag", "g/n/d/b").containsEntry("sourceTime", NOW));
      }
      Await.until(
          "the death came", () -> host.shown().contains("g/n/d/b=null Bad_NoCommunication"));
    }
  }

  @Test
  @EnabledIf("kr.madang.plugins.mqtt.Mosquitto#installed")
  void aNodeThatIsCutOffDiesByItsWill() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Host host = open(mosquitto.port());
        kr.madang.sdk.testkit.proxy.FaultProxy proxy =
            kr.madang.sdk.testkit.proxy.FaultProxy.to(mosquitto.port());
        Sink sink =
            new SparkplugSink()
                .open(edge(proxy.port(), null, null), Samples.SCHEMA, sinkContext())) {
      Await.until(
          "the host follows",
          () -> {
            write(sink, Map.of("a", 1.0), NOW);
            sink.idle();
            return host.shown().contains("g/n/a=1.0 Good");
          });
      proxy.cut();
      Await.until("the death came", () -> host.shown().contains("g/n/a=null Bad_NoCommunication"));
      assertThatThrownBy(() -> write(sink, Map.of("a", 2.0), NOW))
          .isInstanceOf(PluginException.class)
          .hasMessageContaining("lost the connection");
    }
  }

  @Test
  @EnabledIf("kr.madang.plugins.mqtt.Node#installed")
  void theHostFollowsAForeignEdgeNode() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Node node = Node.run("edge.js", mosquitto.port())) {
      Await.until("it is born", () -> node.said("born"));
      try (Host host = open(mosquitto.port())) {
        // The birth is over: the first data make the host ask for another. The device is born
        // in a message of its own, after its node.
        Await.until(
            "it was born again",
            () -> {
              node.tell("data 1.5");
              List<String> shown = host.shown();
              return node.said("rebirth")
                  && shown.contains("g/foreign/name=pump Good")
                  && shown.contains("g/foreign/d1/flow=2.5 Good");
            });
        assertThat(host.shown())
            .contains(
                "g/foreign/temp=1.5 Good",
                "g/foreign/count=-7.0 Good",
                "g/foreign/on=1.0 Good",
                "g/foreign/d1/flow=2.5 Good");
        node.tell("data 42.25");
        node.tell("device 3.5");
        node.tell("null");
        node.tell("old 7");
        Await.until("all came", () -> host.shown().contains("g/foreign/temp=7.0 Good"));
        assertThat(host.shown())
            .contains(
                "g/foreign/temp=42.25 Good",
                "g/foreign/d1/flow=3.5 Good",
                "g/foreign/temp=null Bad_NoData");
        assertThat(host.rows())
            .anySatisfy(row ->
                assertThat(row).containsEntry("value", 7.0).containsEntry("sourceTime", NOW));
        node.tell("ddeath");
        Await.until(
            "the device died",
            () -> host.shown().contains("g/foreign/d1/flow=null Bad_NoCommunication"));
        node.tell("die");
        Await.until(
            "the node died", () -> host.shown().contains("g/foreign/on=null Bad_NoCommunication"));
      }
    }
  }

  @Test
  @EnabledIf("kr.madang.plugins.mqtt.Node#installed")
  void aForeignHostUnderstandsTheEdgeNodeAndCommandsIt() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Node node = Node.run("host.js", mosquitto.port())) {
      Await.until("it listens", () -> node.said("ready"));
      EdgeConfig config = edge(mosquitto.port(), null, "boss");
      try (Sink sink = new SparkplugSink().open(config, Samples.SCHEMA, sinkContext())) {
        assertThatThrownBy(() -> write(sink, Map.of("a", 1.0), NOW - 1_000_000_000))
            .isInstanceOf(PluginException.class)
            .hasMessageContaining("the primary host 'boss' is not online");
        assertThat(node.said("NBIRTH")).isFalse();
        node.tell("state boss true");
        write(sink, Map.of("a", 1.0), NOW - 1_000_000_000);
        write(sink, Map.of("a", 2.0), NOW);
        Await.until("all came", () -> node.said("NDATA/n seq=2"));
        assertThat(node.lines().stream().filter(line -> line.contains("/n")).toList())
            .satisfiesExactly(
                line ->
                    assertThat(line)
                        .startsWith("spBv1.0/g/NBIRTH/n seq=0 bdSeq=")
                        .contains("Node Control/Rebirth=false", "a=null"),
                line -> assertThat(line).endsWith("NDATA/n seq=1 #1=1 historical"),
                line -> assertThat(line).endsWith("NDATA/n seq=2 #1=2"));
        node.tell("rebirth g n");
        Await.until(
            "it is born again",
            () -> {
              sink.idle();
              return node.lines().stream().filter(line -> line.contains("NBIRTH")).count() == 2;
            });
        assertThat(node.lines().getLast()).contains("seq=0", "a=2");
        node.tell("state boss false");
        Await.until(
            "rows wait",
            () -> {
              try {
                sink.idle();
                return false;
              } catch (PluginException e) {
                return e.getMessage().contains("not online");
              }
            });
      }
      Await.until("the death was said", () -> node.said("NDEATH/n"));
    }
  }

  @Test
  @EnabledIf("kr.madang.plugins.mqtt.Mosquitto#installed")
  void theHostSaysWhetherItIsThere() throws Exception {
    try (Mosquitto mosquitto = Mosquitto.start(folder);
        Publisher publisher = new Publisher(mosquitto.port())) {
      publisher.listen("spBv1.0/STATE/#");
      try (Host _ = open(mosquitto.port())) {
        Await.until("it is online", () -> heard(publisher, "\"online\":true"));
        publisher.say("spBv1.0/STATE/madang", "{\"online\":false,\"timestamp\":1}");
        Await.until(
            "it contradicts",
            () ->
                publisher.heard().stream()
                        .filter(message -> new String(message.payload()).contains("true"))
                        .count()
                    >= 2);
      }
      Await.until(
          "it is gone",
          () -> new String(publisher.heard().getLast().payload()).contains("\"online\":false"));
    }
  }

  private static boolean heard(Publisher publisher, String part) {
    return publisher.heard().stream()
        .anyMatch(message -> new String(message.payload()).contains(part));
  }
}
