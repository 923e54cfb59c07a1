package kr.madang.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Value changes of a subscription; the server is Milo's. */
final class OpcUaBar implements Bar {
  private static final int TAGS = 1_000;
  private static final int ROUNDS_A_SECOND = 300;

  @Override
  public String name() {
    return "opcua";
  }

  @Override
  public List<Figure> measure(boolean quick) throws Exception {
    Path pki = Files.createTempDirectory("bench-pki");
    List<Figure> figures = new ArrayList<>();
    try (Peer peer =
            Peer.ofTests(
                "kr.madang.plugins.opcua.BusyPlant",
                TAGS,
                ROUNDS_A_SECOND,
                Files.createDirectories(pki.resolve("trusted")));
        Guests opcua = new Guests("opcua")) {
      for (String policy :
          quick ? List.of("none") : List.of("none", "basic256sha256", "aes256_sha256_rsapss")) {
        Flow flow =
            Flow.during(
                peer,
                Flow.graph(
                    opcua.source(config(peer.port(), pki, policy)), Stages.sink("source", _ -> {})),
                quick ? 5 : 10,
                quick ? 5 : 20);
        figures.add(
            flow.figure(
                "opcua, %d tags, policy %s".formatted(TAGS, policy),
                "value changes",
                Flow.Rate.A_CORE,
                100_000));
      }
    } finally {
      Stages.delete(pki);
    }
    return figures;
  }

  private static String config(int port, Path pki, String policy) {
    StringBuilder config =
        new StringBuilder(
            "{ endpoint: 'opc.tcp://127.0.0.1:%d/plant', policy: %s, pki: '%s', checkHostName: false, publishingInterval: 50ms, queueSize: 1000, tags: ["
                .formatted(port, policy, pki));
    for (int tag = 0; tag < TAGS; tag++) {
      config.append("{ tag: t%d, node: 'nsu=urn:plant;s=t%d' },".formatted(tag, tag));
    }
    return config.append("] }").toString();
  }
}
