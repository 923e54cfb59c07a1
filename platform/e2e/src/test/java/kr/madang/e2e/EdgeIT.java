package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import kr.madang.e2e.harness.HarnessPlugin;
import kr.madang.sdk.testkit.proxy.Fault;
import kr.madang.sdk.testkit.proxy.FaultProxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A pipeline at the edge whose model runs at a center, on two runtimes with a line between them
 * that is cut and comes back. Each has a model of its own under the same name and version, so that
 * the numbers themselves tell who has run a row.
 */
class EdgeIT {
  private static final String NAME = "line";
  private static final int AT_EDGE = 1;
  private static final int AT_CENTER = 1_000_000;
  private static final int CUTS = Harness.size("cuts", 1);

  @TempDir Path folder;

  @Test
  void noRowIsLostAndEachSaysWhoHasRunIt() throws Exception {
    Path centerTemp = Files.createDirectories(folder.resolve("center/temp"));
    Path edgeTemp = Files.createDirectories(folder.resolve("edge/temp"));
    Path edgeHome = Madang.home(folder.resolve("edge/home"), folder);
    try (Madang center = Madang.serve(folder.resolve("center/home"), centerTemp);
        FaultProxy line = FaultProxy.to(center.port());
        Madang edge = Madang.serve(edgeHome, edgeTemp)) {
      center.install(model(AT_CENTER));
      edge.install(model(AT_EDGE));
      edge.install(PluginArchive.of("harness", "1.0.0", HarnessPlugin.class));
      secret(edgeHome, center.token());
      edge.create(document(line.port()));
      until(edge, center, "the center runs rows", 1);
      for (int i = 0; i < CUTS; i++) {
        for (Fault fault : List.of(new Fault.Refuse(), new Fault.HalfOpen(), new Fault.Reset())) {
          line.set(fault);
          long before = edge.rows(NAME, "out");
          edge.until(
              NAME,
              "results go on without the center",
              () -> edge.rows(NAME, "out") > before + 300);
          line.set(new Fault.Pass());
          until(edge, center, "the center runs rows again after " + fault, runs(center) + 20);
        }
      }
      Files.writeString(folder.resolve("counted/drain"), "");
      edge.until(NAME, "it ends", () -> edge.state(NAME).equals("finished"));
      JsonNode ledger = edge.ledger(NAME);
      assertThat(ledger.at("/balanced").asBoolean()).as(ledger.toString()).isTrue();
      assertThat(edge.stop()).isZero();
      assertThat(center.stop()).isZero();
    }
    check();
  }

  private static byte[] model(int by) {
    return PluginArchive.ofModel("plus", "1.0.0", "plus", "n", OnnxFile.plusDouble(by));
  }

  private static void secret(Path home, String token) throws Exception {
    Path file = Files.createDirectories(home.resolve("secrets")).resolve("center");
    Files.writeString(file, token);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private String document(int port) {
    return """
    pipeline: line
    durability: journal
    limits: { timeout: 10s, retryMin: 50ms, retryMax: 500ms }
    source: { use: harness/counter, config: { folder: %1$s/counted, rate: 500, batch: 20 } }
    steps:
      - name: scores
        model:
          use: plus@1.0.0
          keep: [ n ]
          at: { url: "http://127.0.0.1:%2$d", token: "${secret:center}", timeout: 1s }
    sinks:
      - { name: out, use: files, config: { path: %1$s/out, format: arrow, rotate: 300ms } }
    """
        .formatted(folder, port);
  }

  private static long runs(Madang center) throws Exception {
    return center.get("/v2/models/plus/stats").at("/model_stats/0/execution_count").asLong();
  }

  private static void until(Madang edge, Madang center, String what, long runs) throws Exception {
    edge.until(NAME, what, () -> runs(center) >= runs);
  }

  private void check() throws Exception {
    long ended = Harness.number(folder.resolve("counted/ended"));
    List<Map<String, Object>> rows = ArrowRows.written(folder.resolve("out"));
    assertThat(rows).as("rows of %d", ended).hasSize(Math.toIntExact(ended));
    long center = 0;
    int changes = 0;
    String last = "";
    for (int i = 0; i < rows.size(); i++) {
      Map<String, Object> row = rows.get(i);
      assertThat(row.get("n")).as("row %d", i).isEqualTo((double) i);
      String at = String.valueOf(row.get("modelAt"));
      int by = at.equals("center") ? AT_CENTER : AT_EDGE;
      assertThat(at).as("row %d", i).isIn("center", "local");
      assertThat(row.get("y")).as("row %d, run by %s", i, at).isEqualTo((double) i + by);
      center += at.equals("center") ? 1 : 0;
      changes += at.equals(last) ? 0 : 1;
      last = at;
    }
    Harness.print(
        "%,d rows, none lost or doubled, %,d run by the center, %,d here, %d changes",
        rows.size(), center, rows.size() - center, changes - 1);
    assertThat(center).isPositive().isLessThan(rows.size());
    // Of the three faults each is one way and back; on a busy machine two may be one.
    assertThat(changes - 1).isGreaterThanOrEqualTo(4 * CUTS);
  }
}
