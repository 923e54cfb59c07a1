package kr.madang.bench;

import java.util.List;

/** Samples into a table of PostgreSQL. */
final class JdbcBar implements Bar {
  private static final long GOAL = 50_000;

  @Override
  public String name() {
    return "jdbc";
  }

  @Override
  public List<Figure> measure(boolean quick) throws Exception {
    long rows = quick ? 400_000 : 2_000_000;
    try (Peer peer = Peer.ofTests("kr.madang.plugins.jdbc.LonePostgres");
        Guests jdbc = new Guests("jdbc")) {
      String server =
          "server: { kind: postgresql, host: 127.0.0.1, port: %d, database: postgres, user: postgres, password: '${secret:postgres}' }, table: numbers"
              .formatted(peer.port());
      Flow written =
          Flow.between(
              peer,
              Flow.graph(Stages.numbers(), jdbc.sink("{ %s, create: true }".formatted(server))),
              rows / 2,
              rows);
      return List.of(written.figure("postgresql sink", "rows", Flow.Rate.BY_THE_CLOCK, GOAL));
    }
  }
}
