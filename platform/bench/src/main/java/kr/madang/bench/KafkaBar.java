package kr.madang.bench;

import java.util.ArrayList;
import java.util.List;

/** Records of a topic with one partition, written and then read. */
final class KafkaBar implements Bar {
  private static final long GOAL = 500_000;

  @Override
  public String name() {
    return "kafka";
  }

  @Override
  public List<Figure> measure(boolean quick) throws Exception {
    long rows = quick ? 2_000_000 : 4_000_000;
    List<Figure> figures = new ArrayList<>();
    try (Peer peer =
            Peer.ofTests(
                "kr.madang.plugins.kafka.LoneBroker", "json", "transactions", "arrow", "bare");
        Guests kafka = new Guests("kafka")) {
      double bareWrite = bare("write", peer, rows);
      double bareRead = bare("read", peer, rows);
      String cluster = "cluster: { servers: ['127.0.0.1:%d'] }".formatted(peer.port());
      for (String form : quick ? List.of("json") : List.of("json", "transactions", "arrow")) {
        String payload = form.equals("arrow") ? "arrow" : "json";
        Flow written =
            Flow.between(
                peer,
                Flow.graph(
                    Stages.numbers(),
                    kafka.sink(
                        "{ %s, topic: %s, payload: %s, transactional: %s }"
                            .formatted(cluster, form, payload, form.equals("transactions")))),
                rows / 2,
                rows);
        figures.add(figure("kafka sink, ", form, written, bareWrite));
        Flow read =
            Flow.between(
                peer,
                Flow.graph(
                    kafka.source(
                        "{ %s, topics: [%s], payload: %s, group: bench, batch: 10000 }"
                            .formatted(cluster, form, payload)),
                    Stages.sink("source", _ -> {})),
                rows / 2,
                rows);
        figures.add(figure("kafka source, ", form, read, bareRead));
      }
    }
    return figures;
  }

  /** The library alone, with records as long as ours that nobody makes or reads. */
  private static double bare(String what, Peer peer, long rows) throws Exception {
    return Peer.ask("kr.madang.plugins.kafka.BareClient", what, peer.port(), "bare", rows);
  }

  /** An Arrow record holds a batch: its rows are shown, and compared with nothing. */
  private static Figure figure(String bar, String form, Flow flow, double bare) {
    return form.equals("arrow")
        ? flow.figure(bar + form, "rows", Flow.Rate.A_CORE, 0)
        : flow.figure(bar + form, "records", Flow.Rate.A_CORE, GOAL, bare);
  }
}
