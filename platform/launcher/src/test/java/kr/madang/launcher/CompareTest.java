package kr.madang.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kr.madang.control.ResultJson;
import kr.madang.engine.compare.ResultSummary;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.testkit.TestAllocator;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class CompareTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final PrintStream real = System.out;

  @BeforeEach
  void listen() {
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void giveBack() {
    System.setOut(real);
  }

  @Test
  void equalResultsGiveZero() throws IOException {
    String a = result("a", 1.0);
    String b = result("b", 1.0);
    assertThat(compare(a, b)).isEqualTo(Main.OK);
    assertThat(text()).contains("identical");
  }

  @Test
  void theToleranceDecides() throws IOException {
    String a = result("a", 1.0);
    String b = result("b", 1.001);
    assertThat(compare(a, b)).isEqualTo(Main.DIFFERENT);
    assertThat(text()).contains("score");
    assertThat(compare(a, b, "--tolerance", "0.01")).isEqualTo(Main.OK);
    assertThat(compare(a, b, "--absolute", "1")).isEqualTo(Main.OK);
    assertThat(compare(a, b, "--tolerance", "little")).isEqualTo(Main.BAD_CONFIG);
    assertThat(compare(a, b, "--tolerance", "-1")).isEqualTo(Main.BAD_CONFIG);
  }

  @Test
  void reportsAreWrittenWhereTheyAreAskedFor() throws IOException {
    String a = result("a", 1.0);
    String b = result("b", 2.0);
    Path page = folder.resolve("report.html");
    Path json = folder.resolve("report.json");
    compare(a, b, "--html", page.toString(), "--json", json.toString());
    assertThat(page).content().startsWithIgnoringCase("<!doctype html>");
    assertThat(ApiClient.JSON.readTree(json.toFile()).path("agreement").asText())
        .isEqualToIgnoringCase("different");
    assertThat(compare(a, b, "--html", folder.resolve("no/report.html").toString()))
        .isEqualTo(Main.BAD_CONFIG);
  }

  @Test
  void aFolderThatIsNoResultIsNamed() throws IOException {
    assertThat(compare(result("a", 1.0), folder.toString())).isEqualTo(Main.BAD_CONFIG);
  }

  private int compare(String... words) {
    return Main.execute(
        Stream.concat(Stream.of("compare"), Arrays.stream(words)).toList(), Map.of());
  }

  private String text() {
    return out.toString(StandardCharsets.UTF_8);
  }

  /** A result of 100 rows with one column of numbers. */
  private String result(String name, double factor) throws IOException {
    Path into = Files.createDirectories(folder.resolve(name));
    var schema = Frames.schema(List.of(Frames.field("score", Frames.DOUBLE, "1", "")));
    try (FrameWriter frames = new FrameWriter(arrow.get(), schema)) {
      for (int row = 0; row < 100; row++) {
        frames.begin(row * 1_000_000_000L);
        frames.set(0, (row + 1) * factor, Quality.GOOD);
      }
      try (Batch batch = frames.take();
          OutputStream file = Files.newOutputStream(into.resolve("files.arrow"));
          ArrowFileWriter writer =
              new ArrowFileWriter(batch.root(), batch.dictionaries(), Channels.newChannel(file))) {
        writer.start();
        writer.writeBatch();
        writer.end();
      }
    }
    ResultJson.write(
        into,
        new ResultSummary(
            "line",
            name,
            "",
            100,
            Instant.EPOCH,
            Instant.EPOCH,
            1,
            List.of(),
            Map.of("files", 100L),
            Map.of()));
    return into.toString();
  }
}
