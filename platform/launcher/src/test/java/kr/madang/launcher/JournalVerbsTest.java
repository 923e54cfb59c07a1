package kr.madang.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import kr.madang.journal.Entry;
import kr.madang.journal.Journal;
import kr.madang.journal.JournalOptions;
import kr.madang.journal.JournalStream;
import kr.madang.journal.StreamOptions;
import kr.madang.journal.disk.RealDisk;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The verbs over a home with a journal of 200 rows, 10 in each record. */
class JournalVerbsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path home;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final PrintStream realOut = System.out;
  private final PrintStream realErr = System.err;

  @BeforeEach
  void write() throws InterruptedException {
    JournalOptions options =
        JournalOptions.of(
            new RealDisk(),
            InstantSource.fixed(START),
            Thread.ofPlatform().daemon().name("journal-", 0).factory());
    try (Journal journal = Journal.open(home.resolve("journal/default"), options);
        SampleWriter samples = new SampleWriter(arrow.get())) {
      JournalStream device = journal.stream("line/device", StreamOptions.DEFAULT);
      JournalStream state = journal.stream("line!state", StreamOptions.DEFAULT);
      long last =
          journal.append(List.of(Entry.note(state, new byte[] {'o', 'k'})), PATIENCE).order();
      for (int record = 0; record < 20; record++) {
        for (int row = 0; row < 10; row++) {
          samples.receivedAt(record);
          samples.put("pump/flow", record * 10 + row, Quality.GOOD, record);
        }
        try (Batch batch = samples.take()) {
          last = journal.append(List.of(Entry.rows(device, batch, new byte[0])), PATIENCE).order();
        }
      }
      assertThat(journal.awaitForced(last, PATIENCE)).isTrue();
    }
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void giveBack() {
    System.setOut(realOut);
    System.setErr(realErr);
  }

  @Test
  void streamsAreListedInATableAndAsJson() {
    assertThat(run("ls")).isZero();
    assertThat(text(out)).contains("workspace default", "nothing damaged");
    assertThat(text(out).lines().filter(line -> line.startsWith("  line/device")).findFirst())
        .hasValueSatisfying(line -> assertThat(line.split(" +")).contains("200", "0"));
    out.reset();
    assertThat(run("ls", "--json")).isZero();
    assertThat(text(out))
        .contains(
            "\"stream\":\"line/device\"", "\"rows\":200", "\"oldest\":\"2026-01-01T00:00:00Z\"")
        .hasLineCount(1);
  }

  @Test
  void rowsArePrintedAsJsonFromWhereItIsAsked() {
    assertThat(run("cat", "line/device", "--from", "195", "--rows", "3")).isZero();
    assertThat(text(out).lines())
        .hasSize(3)
        .first()
        .asString()
        .startsWith("{\"sequence\":195,")
        .contains("\"appended\":\"2026-01-01T00:00:00Z\"", "\"tag\":\"pump/flow\"", "195.0");
    out.reset();
    assertThat(run("cat", "line/device", "--until", "2")).isZero();
    assertThat(text(out)).hasLineCount(2);
    out.reset();
    assertThat(run("cat", "line!state")).isZero();
    assertThat(text(out)).contains("\"note\":\"ok\"");
  }

  @Test
  void aStreamThatIsNoneIsNamedWithThoseThatAre() {
    assertThat(run("cat", "line/devise")).isEqualTo(Main.BAD_CONFIG);
    assertThat(text(err)).contains("'line/devise'", "line/device");
    assertThat(run("cat", "line/device", "--workspace", "other")).isEqualTo(Main.BAD_CONFIG);
    assertThat(text(err)).contains("'other'");
    assertThat(run("cat", "line/device", "--rows", "many")).isEqualTo(Main.BAD_CONFIG);
    assertThat(text(err)).contains("--rows");
  }

  @Test
  void aWholeJournalIsVerified() {
    assertThat(run("verify")).isZero();
    assertThat(text(out)).contains("21 records", "200 rows", "nothing damaged");
  }

  @Test
  void aBitThatFlippedGivesOneAndAName() throws IOException {
    Path segment;
    try (Stream<Path> files = Files.walk(home.resolve("journal"))) {
      segment =
          files
              .filter(file -> file.toString().endsWith(".seg"))
              .min(Comparator.naturalOrder())
              .orElseThrow();
    }
    flip(segment, 105.0);
    byte[] before = Files.readAllBytes(segment);
    assertThat(run("verify")).isEqualTo(Main.FAILED);
    assertThat(text(out)).contains(String.valueOf(segment.getFileName()), "lacks rows", "damaged");
    assertThat(Files.readAllBytes(segment)).as("it is left as it was").isEqualTo(before);
    out.reset();
    assertThat(run("cat", "line/device", "--rows", "1000")).isZero();
    assertThat(text(out)).contains("\"cause\":\"damaged\"");
  }

  /** Flips a bit of a value where it stands in a record. */
  private static void flip(Path segment, double value) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(segment)).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (bytes.getDouble(at) != value) {
      at++;
    }
    bytes.put(at, (byte) (bytes.get(at) ^ 1));
    Files.write(segment, bytes.array());
  }

  @Test
  void aHomeThatIsInUseIsLeftAlone() {
    try (Home _ = Home.open(home)) {
      assertThat(run("ls")).isEqualTo(Main.BAD_CONFIG);
    }
    assertThat(text(err)).contains("in use by process", "through its API");
  }

  @Test
  void anExportWithoutTheFilesPluginSaysWhatIsMissing() {
    assertThat(run("export", "line/device", "--to", home.resolve("x.parquet").toString()))
        .isEqualTo(Main.BAD_CONFIG);
    assertThat(text(err)).contains("sink 'files'");
    assertThat(run("export", "line/device")).isEqualTo(Main.BAD_CONFIG);
    assertThat(text(err)).contains("--to is missing");
    assertThat(run("export", "line/device", "--to", "a.arrow", "--format", "parquet"))
        .isEqualTo(Main.BAD_CONFIG);
    assertThat(run("export", "line/device", "--to", "a", "--format", "csv"))
        .isEqualTo(Main.BAD_CONFIG);
  }

  @Test
  void aHomeThatIsNoneIsNotMade() {
    Path none = home.resolve("none");
    assertThat(Main.execute(List.of("journal", "ls", "--home", none.toString()), Map.of()))
        .isEqualTo(Main.BAD_CONFIG);
    assertThat(none).doesNotExist();
    assertThat(Main.execute(List.of("journal", "ls"), Map.of())).isEqualTo(Main.BAD_CONFIG);
  }

  private int run(String... words) {
    List<String> all = new ArrayList<>(List.of("journal"));
    all.addAll(List.of(words));
    all.addAll(List.of("--home", home.toString()));
    return Main.execute(all, Map.of());
  }

  private static String text(ByteArrayOutputStream stream) {
    return stream.toString(StandardCharsets.UTF_8);
  }
}
