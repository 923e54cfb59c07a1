package kr.madang.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Small messages; the broker is Debian's mosquitto, the publisher another process. */
final class MqttBar implements Bar {
  private static final Path BROKER = Path.of("/usr/sbin/mosquitto");

  @Override
  public String name() {
    return "mqtt";
  }

  @Override
  public List<Figure> measure(boolean quick) throws Exception {
    List<Figure> figures = new ArrayList<>();
    if (!Files.isExecutable(BROKER)) {
      System.err.println("mqtt is left out: " + BROKER + " is not installed");
      return figures;
    }
    try (Guests mqtt = new Guests("mqtt")) {
      for (int qos : new int[] {0, 1}) {
        for (String payload : List.of("raw", "json")) {
          try (Peer peer = Peer.ofTests("kr.madang.plugins.mqtt.BusyBroker", qos, payload)) {
            Flow flow =
                Flow.during(
                    peer,
                    Flow.graph(
                        mqtt.source(config(peer.port(), qos, payload)),
                        Stages.sink("source", _ -> {})),
                    quick ? 4 : 10,
                    quick ? 3 : 20);
            figures.add(
                flow.figure(
                    "mqtt source, qos %d, %s".formatted(qos, payload),
                    "messages",
                    Flow.Rate.A_CORE,
                    qos == 0 ? 100_000 : 30_000));
          }
        }
      }
    }
    return figures;
  }

  private static String config(int port, int qos, String payload) {
    String subscription =
        payload.equals("raw")
            ? "topic: plant/#, payload: raw, type: number"
            : "topic: 'plant/{line}/+', tag: '{line}/{2}', time: /t, readings: [ { value: /v, tag: '{line}/{2}' } ]";
    return "{ broker: { host: 127.0.0.1, port: %d }, subscriptions: [ { qos: %d, %s } ] }"
        .formatted(port, qos, subscription);
  }
}
