package kr.madang.engine.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import kr.madang.engine.compare.ColumnComparison.Odd;
import kr.madang.engine.compare.SinkComparison.MissingRun;
import kr.madang.engine.compare.SinkComparison.Presence;
import kr.madang.engine.compare.SinkComparison.Rows;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.testkit.TestAllocator;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ComparerTest {
  private static final Field SCORE = Frames.field("score", Frames.DOUBLE, "mm/s", "");

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;

  private Results a;
  private Results b;

  @BeforeEach
  void makeFolders() {
    a = new Results(folder.resolve("a"), arrow.get());
    b = new Results(folder.resolve("b"), arrow.get());
  }

  private Comparison compare(CompareOptions options) throws IOException {
    return new Comparer(arrow.get()).compare(a.folder(), b.folder(), options);
  }

  private Comparison compare() throws IOException {
    return compare(CompareOptions.DEFAULT);
  }

  private ColumnComparison column(Comparison comparison) {
    return comparison.sinks().getFirst().columns().getFirst();
  }

  private static CompareOptions tolerance(double absolute) {
    return CompareOptions.DEFAULT.withTolerance(new Tolerance(absolute, 0));
  }

  @Test
  void equalResultsAreIdenticalBitForBit() throws IOException {
    a.numbers("scores", 1.0, 2.0, null, 4.0);
    b.numbers("scores", 1.0, 2.0, null, 4.0);

    Comparison comparison = compare();

    assertThat(comparison.agreement()).isEqualTo(Agreement.IDENTICAL);
    assertThat(comparison.verdict())
        .isEqualTo("The results are identical, bit for bit: 4 rows in 1 sink.");
    assertThat(comparison.findings()).isEmpty();
    assertThat(comparison.sinks().getFirst().rows()).isEqualTo(new Rows(4, 4, 4, 0, 0, 4, 0, 0));
    assertThat(column(comparison).equal()).isEqualTo(4);
  }

  @Test
  void aChangedValueIsFoundWithItsTimeAndBothValues() throws IOException {
    a.numbers("scores", 1.0, 2.0, 3.0, 4.0);
    b.numbers("scores", 1.0, 2.0, 3.5, 4.0);

    Comparison comparison = compare();

    NumberComparison numbers = column(comparison).numbers();
    assertThat(comparison.verdict())
        .isEqualTo("Results differ in 1 of 1 column; 75 % of rows within tolerance.");
    assertThat(comparison.findings())
        .containsExactly(
            "score: 1 of 4 rows beyond tolerance; farthest apart at 2026-11-03 10:00:00.002 (A 3, B 3.5).");
    assertThat(column(comparison).beyond()).isEqualTo(1);
    assertThat(numbers.greatest())
        .containsExactly(
            new NumberComparison.Difference(Results.START.plusMillis(2), 3.0, 3.5, 0.5));
    assertThat(numbers.maxAbsolute()).isEqualTo(0.5);
    assertThat(numbers.meanAbsolute()).isEqualTo(0.125);
    assertThat(numbers.meanDifference()).isEqualTo(0.125);
    assertThat(numbers.rootMeanSquare()).isEqualTo(0.25);
    assertThat(numbers.maxRelative()).isEqualTo(0.5 / 3.5);
    assertThat(numbers.meanRelative()).isEqualTo(0.5 / 3.5 / 4);
  }

  @Test
  void valuesWithinToleranceDoNotMakeResultsDiffer() throws IOException {
    a.numbers("scores", 1.0, 2.0);
    b.numbers("scores", 1.0, 2.05);

    assertThat(compare(tolerance(0.1)).agreement()).isEqualTo(Agreement.WITHIN_TOLERANCE);
    assertThat(compare(tolerance(0.1)).verdict())
        .isEqualTo("The results agree within tolerance: 2 rows in 1 sink.");
    assertThat(compare(tolerance(0.01)).agreement()).isEqualTo(Agreement.DIFFERENT);
  }

  @Test
  void relativeToleranceGoesByTheGreaterOfTheTwo() throws IOException {
    a.numbers("scores", 100.0, 110.0);
    b.numbers("scores", 110.0, 100.0);

    CompareOptions wider = CompareOptions.DEFAULT.withTolerance(new Tolerance(0, 0.095));
    CompareOptions narrower = CompareOptions.DEFAULT.withTolerance(new Tolerance(0, 0.09));

    assertThat(column(compare(wider)).within()).isEqualTo(2);
    assertThat(column(compare(narrower)).beyond()).isEqualTo(2);
  }

  @Test
  void theToleranceOfAColumnGoesBeforeTheGeneralOne() throws IOException {
    a.numbers("scores", 1.0);
    b.numbers("scores", 2.0);
    CompareOptions options =
        new CompareOptions(
            Tolerance.NONE, Map.of("score", new Tolerance(1, 0)), "time", 20, 40, 600);

    assertThat(compare(options).agreement()).isEqualTo(Agreement.WITHIN_TOLERANCE);
  }

  @Test
  void zeroOfEitherSignIsTheSameNumberButNotTheSameBits() throws IOException {
    a.numbers("scores", 0.0);
    b.numbers("scores", -0.0);

    ColumnComparison column = column(compare(tolerance(0)));

    assertThat(column.equal()).isZero();
    assertThat(column.within()).isEqualTo(1);
    assertThat(column.numbers().maxAbsolute()).isZero();
  }

  @Test
  void numbersThatAreNoneAreCountedAndSpoilNoFigure() throws IOException {
    double nan = Double.NaN;
    double infinite = Double.POSITIVE_INFINITY;
    a.numbers("scores", nan, nan, 1.0, infinite, infinite, null, null, 5.0, 7.0);
    b.numbers("scores", nan, 1.0, infinite, infinite, -infinite, null, 4.0, null, 7.5);

    ColumnComparison column = column(compare(tolerance(0.1)));

    assertThat(column.equal()).isEqualTo(3);
    assertThat(column.beyond()).isEqualTo(6);
    assertThat(column.notFinite()).isEqualTo(3);
    assertThat(column.missingInA()).isEqualTo(1);
    assertThat(column.missingInB()).isEqualTo(1);
    assertThat(column.odd())
        .extracting(Odd::a, Odd::b)
        .containsExactly(
            tuple("NaN", "1.0"),
            tuple("1.0", "Infinity"),
            tuple("Infinity", "-Infinity"),
            tuple(null, "4.0"),
            tuple("5.0", null));
    assertThat(column.numbers().pairs()).isEqualTo(1);
    assertThat(column.numbers().maxAbsolute()).isEqualTo(0.5);
    assertThat(column.numbers().a().notFinite()).isEqualTo(4);
    assertThat(column.numbers().a().missing()).isEqualTo(2);
    assertThat(column.numbers().a().mean()).isEqualTo(13.0 / 3);
    assertThat(column.numbers().b().max()).isEqualTo(7.5);
  }

  private static org.assertj.core.groups.Tuple tuple(@Nullable Object... values) {
    return org.assertj.core.groups.Tuple.tuple(values);
  }

  @Test
  void anOverflowOfTheDifferenceIsNoNumberEither() throws IOException {
    a.numbers("scores", -Double.MAX_VALUE);
    b.numbers("scores", Double.MAX_VALUE);

    ColumnComparison column = column(compare());

    assertThat(column.beyond()).isEqualTo(1);
    assertThat(column.notFinite()).isEqualTo(1);
    assertThat(column.numbers().histogram().edges()).isEmpty();
  }

  @Test
  void rowsOfOneSideAreCountedAndTheirRunsAreNamed() throws IOException {
    a.frames("scores", List.of(SCORE), rows -> count(rows, 0, 500, 100, 130));
    b.frames("scores", List.of(SCORE), rows -> count(rows, 0, 500, 400, 401));

    Comparison comparison = compare();

    SinkComparison sink = comparison.sinks().getFirst();
    assertThat(sink.rows()).isEqualTo(new Rows(470, 499, 469, 1, 30, 469, 0, 0));
    assertThat(sink.missingRuns()).isEqualTo(2);
    assertThat(sink.missing())
        .containsExactly(
            new MissingRun(
                "B", "", Results.START.plusMillis(100), Results.START.plusMillis(129), 30),
            new MissingRun(
                "A", "", Results.START.plusMillis(400), Results.START.plusMillis(400), 1));
    assertThat(comparison.agreement()).isEqualTo(Agreement.DIFFERENT);
    assertThat(comparison.verdict())
        .isEqualTo(
            "Results differ, though no column does in the rows that both have; 93.8 % of rows within tolerance.");
    assertThat(comparison.findings())
        .containsExactly(
            "Sink scores: 1 row only in A, 30 only in B; the longest run is 30 rows in B from 2026-11-03 10:00:00.1.");
    assertThat(column(comparison).numbers().b().count()).isEqualTo(499);
  }

  private static void count(Results.Rows rows, int from, int to, int holeFrom, int holeTo) {
    for (int i = from; i < to; i++) {
      if (i < holeFrom || i >= holeTo) {
        rows.at(i).set(0, i, Quality.GOOD);
      }
    }
  }

  @Test
  void columnsOfOneSideAreNamedAndTheOthersCompared() throws IOException {
    Field flow = Frames.field("flow", Frames.DOUBLE, "", "");
    Field power = Frames.field("power", Frames.DOUBLE, "", "");
    a.frames("scores", List.of(flow, SCORE), rows -> rows.at(0).set(1, 5, Quality.GOOD));
    b.frames("scores", List.of(SCORE, power), rows -> rows.at(0).set(0, 5, Quality.GOOD));

    SinkComparison sink = compare().sinks().getFirst();

    assertThat(sink.onlyInA()).containsExactly("flow");
    assertThat(sink.onlyInB()).containsExactly("power");
    assertThat(sink.columns()).extracting(ColumnComparison::name).containsExactly("score");
    assertThat(column(compare()).agreement()).isEqualTo(Agreement.IDENTICAL);
    assertThat(sink.agreement()).isEqualTo(Agreement.DIFFERENT);
    assertThat(compare().findings())
        .contains("Sink scores: only A has flow.", "Sink scores: only B has power.");
  }

  @Test
  void aTextAgainstANumberIsNotedAndNotCompared() throws IOException {
    a.numbers("scores", 1.0);
    b.frames(
        "scores",
        List.of(Frames.field("score", ArrowType.Utf8.INSTANCE, "", "")),
        rows -> rows.at(0).setText(0, "1.0", Quality.GOOD));

    Comparison comparison = compare();

    assertThat(comparison.notes())
        .containsExactly(
            "Sink scores: column score is float64 in A and text in B: its values are not compared.");
    assertThat(comparison.agreement()).isEqualTo(Agreement.DIFFERENT);
    assertThat(comparison.sinks().getFirst().columns()).isEmpty();
  }

  @Test
  void wholeNumbersAreComparedInFull() throws IOException {
    Field count = Frames.field("count", new ArrowType.Int(64, true), "", "");
    long big = 1L << 60;
    a.frames("scores", List.of(count), rows -> rows.at(0).setLong(0, big, Quality.GOOD));
    b.frames("scores", List.of(count), rows -> rows.at(0).setLong(0, big + 3, Quality.GOOD));

    ColumnComparison column = column(compare(tolerance(2)));

    assertThat(column.beyond()).isEqualTo(1);
    assertThat(column.numbers().maxAbsolute()).isEqualTo(3);
    assertThat(column.numbers().meanDifference()).isEqualTo(3);
    assertThat(column(compare(tolerance(3))).within()).isEqualTo(1);
  }

  @Test
  void aWholeNumberAndAFractionAreBothNumbers() throws IOException {
    Field count = Frames.field("score", new ArrowType.Int(64, true), "", "");
    a.frames("scores", List.of(count), rows -> rows.at(0).setLong(0, 7, Quality.GOOD));
    b.numbers("scores", 7.0);

    ColumnComparison column = column(compare());

    assertThat(column.equal()).isEqualTo(1);
    assertThat(column.typeA()).isEqualTo("int64");
    assertThat(column.typeB()).isEqualTo("float64");
  }

  @Test
  void anotherStatusIsADifferenceThoughTheValuesAreEqual() throws IOException {
    a.frames("scores", List.of(SCORE), rows -> statuses(rows, Quality.GOOD, Quality.BAD));
    b.frames(
        "scores",
        List.of(SCORE),
        rows -> statuses(rows, Quality.BAD_TIMEOUT, Quality.UNCERTAIN_SUB_NORMAL));

    Comparison comparison = compare();

    StatusComparison statuses = column(comparison).statuses();
    assertThat(column(comparison).equal()).isEqualTo(9);
    assertThat(column(comparison).agreement()).isEqualTo(Agreement.DIFFERENT);
    assertThat(comparison.sinks().getFirst().rows().beyond()).isEqualTo(9);
    assertThat(statuses.differ()).isEqualTo(9);
    assertThat(statuses.a()).isEqualTo(new StatusComparison.Qualities(8, 0, 1));
    assertThat(statuses.b()).isEqualTo(new StatusComparison.Qualities(0, 1, 8));
    assertThat(statuses.changes())
        .containsExactly(
            new StatusComparison.Change("Good", "Bad_Timeout", 8, Results.START),
            new StatusComparison.Change(
                "Bad", "Uncertain_SubNormal", 1, Results.START.plusMillis(8)));
  }

  private static void statuses(Results.Rows rows, int usual, int last) {
    for (int i = 0; i < 9; i++) {
      rows.at(i).set(0, 1, i == 8 ? last : usual);
    }
  }

  @Test
  void textsAreComparedWholeAndTheirPairsCounted() throws IOException {
    List<Field> fields = List.of(Frames.field("state", ArrowType.Utf8.INSTANCE, "", ""));
    String late = "x".repeat(300);
    a.frames("scores", fields, rows -> texts(rows, "run", "stop", "run", late + "1"));
    b.frames("scores", fields, rows -> texts(rows, "run", "run", "stop", late + "2"));

    TextComparison texts = column(compare()).texts();

    assertThat(texts.equal()).isEqualTo(1);
    assertThat(texts.different()).isEqualTo(3);
    assertThat(texts.pairs().getFirst())
        .isEqualTo(new TextComparison.Pair("stop", "run", 1, Results.START.plusMillis(1)));
    assertThat(texts.pairs().get(2).a()).hasSize(200).endsWith("…");
    assertThat(texts.values()).contains(new TextComparison.Value("run", 2, 2));
    assertThat(column(compare()).beyond()).isEqualTo(3);
    assertThat(column(compare()).numbers()).isNull();
  }

  private static void texts(Results.Rows rows, String... texts) {
    for (int i = 0; i < texts.length; i++) {
      rows.at(i).setText(0, texts[i], Quality.GOOD);
    }
  }

  @Test
  void samplesAreMatchedByTagAndTime() throws IOException {
    a.samples("raw", w -> samples(w, 3.0, 0));
    b.samples("raw", w -> samples(w, 3.5, 7));

    SinkComparison sink = compare().sinks().getFirst();

    assertThat(sink.rows()).isEqualTo(new Rows(31, 31, 30, 1, 1, 20, 0, 10));
    assertThat(sink.columns())
        .extracting(ColumnComparison::name, ColumnComparison::agreement)
        .containsExactly(
            tuple("pump/current", Agreement.IDENTICAL),
            tuple("pump/flow", Agreement.DIFFERENT),
            tuple("pump/state", Agreement.IDENTICAL));
    assertThat(sink.onlyInA()).containsExactly("only/0");
    assertThat(sink.onlyInB()).containsExactly("only/7");
    assertThat(sink.missing().getFirst().tag()).isEqualTo("only/0");
    assertThat(sink.columns().get(1).numbers().maxAbsolute()).isEqualTo(0.5);
    assertThat(sink.columns().get(2).texts().equal()).isEqualTo(10);
  }

  private static void samples(kr.madang.sdk.batch.SampleWriter w, double flow, int own) {
    for (int i = 0; i < 10; i++) {
      long time = Results.START_NANOS + i * 1_000_000_000L;
      w.receivedAt(time + 5);
      w.put("pump/current", i, Quality.GOOD, time);
      w.put("pump/flow", flow, Quality.GOOD, time);
      w.putText(w.tag("pump/state"), "run", Quality.GOOD, time);
    }
    w.put("only/" + own, 1, Quality.GOOD, Results.START_NANOS);
  }

  @Test
  void framesAgainstSamplesAreTheSinksProblem() throws IOException {
    a.numbers("scores", 1.0).numbers("other", 1.0);
    b.samples("scores", w -> samples(w, 1, 1)).numbers("other", 1.0);

    Comparison comparison = compare();

    assertThat(comparison.sinks().get(1).problem())
        .isEqualTo("A holds frames and B samples: they have no columns to compare");
    assertThat(comparison.sinks().getFirst().agreement()).isEqualTo(Agreement.IDENTICAL);
    assertThat(comparison.agreement()).isEqualTo(Agreement.DIFFERENT);
  }

  @Test
  void aKeyThatIsNotThereIsNamedWithThoseThatAre() throws IOException {
    a.numbers("scores", 1.0);
    b.numbers("scores", 1.0);
    CompareOptions options =
        new CompareOptions(Tolerance.NONE, Map.of(), "sourceTime", 20, 40, 600);

    assertThat(compare(options).sinks().getFirst().problem())
        .isEqualTo(
            "A has no column of timestamps named sourceTime to match rows by; name one of these as key: time");
  }

  @Test
  void theStreamFormatIsReadAsWellAsTheFileFormat() throws IOException {
    a.numbers("scores", 1.0, 2.0);
    b.asStream().numbers("scores", 1.0, 2.0);

    assertThat(compare().agreement()).isEqualTo(Agreement.IDENTICAL);
  }

  @Test
  void aStreamThatWasCutIsNoticedBecauseTheSummaryKnowsItsRows() throws IOException {
    a.numbers("scores", 1.0, 2.0);
    b.asStream().numbers("scores", 1.0);
    ResultSummary told =
        new ResultSummary(
            "pump", "", "", 0, null, null, -1, List.of(), Map.of("scores", 2L), Map.of());

    Comparison comparison =
        new Comparer(arrow.get()).compare(a.folder(told), b.folder(told), CompareOptions.DEFAULT);

    assertThat(comparison.notes())
        .containsExactly(
            "Sink scores: the file of B holds 1 row, its summary says 2; it may be cut.");
  }

  @Test
  void emptyResultsAgree() throws IOException {
    a.numbers("scores");
    b.numbers("scores");

    Comparison comparison = compare();

    assertThat(comparison.agreement()).isEqualTo(Agreement.IDENTICAL);
    assertThat(comparison.verdict()).isEqualTo("Both results are empty.");
    assertThat(column(comparison).numbers()).isNull();
  }

  @Test
  void anEmptyResultAgainstAFullOneLacksAllRows() throws IOException {
    a.numbers("scores");
    b.numbers("scores", 1.0, 2.0);

    SinkComparison sink = compare().sinks().getFirst();

    assertThat(sink.rows()).isEqualTo(new Rows(0, 2, 0, 0, 2, 0, 0, 0));
    assertThat(sink.columns().getFirst().numbers().kolmogorovSmirnov()).isNull();
  }

  @Test
  void foldersWithoutSinksHaveNothingToCompare() throws IOException {
    assertThat(compare().verdict())
        .isEqualTo("Neither result has a sink: there is nothing to compare.");
  }

  @Test
  void aFolderThatIsNotThereIsAnError() {
    ResultFolder none = new ResultFolder(folder.resolve("none"), Results.NO_SUMMARY);

    assertThatThrownBy(
            () -> new Comparer(arrow.get()).compare(none, b.folder(), CompareOptions.DEFAULT))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageContaining("none");
  }

  @Test
  void aSinkOfOneSideIsCountedAndTold() throws IOException {
    a.numbers("extra", 1.0, 2.0, 3.0).numbers("scores", 1.0);
    b.numbers("scores", 1.0);

    Comparison comparison = compare();

    SinkComparison extra = comparison.sinks().getFirst();
    assertThat(extra.presence()).isEqualTo(Presence.ONLY_A);
    assertThat(extra.rows().onlyA()).isEqualTo(3);
    assertThat(extra.onlyInA()).containsExactly("score");
    assertThat(comparison.findings()).containsExactly("Sink extra is only in A, with 3 rows.");
  }

  @Test
  void aFileThatCannotBeReadIsTheProblemOfItsSinkAlone() throws IOException {
    a.numbers("scores", 1.0).numbers("other", 1.0);
    b.numbers("scores", 1.0).numbers("other", 1.0);
    damage("scores", bytes -> java.util.Arrays.copyOf(bytes, bytes.length / 2));

    Comparison comparison = compare();

    assertThat(comparison.sinks().getFirst().agreement()).isEqualTo(Agreement.IDENTICAL);
    assertThat(comparison.sinks().get(1).problem())
        .startsWith(b.folder().file("scores") + " cannot be opened: expected rows as Arrow IPC")
        .endsWith("replay again to make the file anew");
  }

  /** Whatever happens to a file, a comparison ends, and nothing stays allocated. */
  @Test
  void noDamageOfAFileEscapes() throws IOException {
    for (boolean stream : new boolean[] {false, true}) {
      a.numbers("scores", 1.0, 2.0, 3.0);
      Results written = stream ? b.asStream() : b;
      written.numbers("scores", 1.0, 2.0, 3.0);
      byte[] whole = Files.readAllBytes(b.folder().file("scores"));
      for (int at = 0; at < whole.length; at += 7) {
        byte[] broken = whole.clone();
        broken[at] ^= (byte) (1 << at % 8);
        Files.write(b.folder().file("scores"), broken);
        assertThat(compare().sinks()).hasSize(1);
      }
    }
  }

  private void damage(String sink, java.util.function.UnaryOperator<byte[]> how)
      throws IOException {
    Path file = b.folder().file(sink);
    Files.write(file, how.apply(Files.readAllBytes(file)));
  }

  @Test
  void resultsOfDifferentInputsAreNoted() throws IOException {
    a.numbers("scores", 1.0);
    b.numbers("scores", 1.0);
    ResultSummary other =
        new ResultSummary(
            "pump",
            "",
            "",
            10,
            Results.START,
            Results.START.plusSeconds(1),
            -1,
            List.of(),
            Map.of(),
            Map.of());

    Comparison comparison =
        new Comparer(arrow.get()).compare(a.folder(), b.folder(other), CompareOptions.DEFAULT);

    assertThat(comparison.notes())
        .containsExactly(
            "The two results come from different inputs: A has 0 rows from no time to no time; B has 10 rows from 2026-11-03 10:00:00 to 2026-11-03 10:00:01.");
  }

  @Test
  void onlyTheGreatestDifferencesAreKeptAndTheirOrderIsTheirSize() throws IOException {
    Consumer<Results.Rows> zeros = rows -> fill(rows, 0);
    a.frames("scores", List.of(SCORE), zeros);
    b.frames("scores", List.of(SCORE), rows -> fill(rows, 1));
    CompareOptions five = new CompareOptions(Tolerance.NONE, Map.of(), "time", 5, 40, 600);

    assertThat(column(compare(five)).numbers().greatest())
        .extracting(NumberComparison.Difference::difference)
        .containsExactly(99.0, -98.0, 97.0, -96.0, 95.0);
  }

  private static void fill(Results.Rows rows, double factor) {
    for (int i = 0; i < 100; i++) {
      rows.at(i).set(0, factor * (i * 37 % 100) * (i * 37 % 2 == 0 ? -1 : 1), Quality.GOOD);
    }
  }

  @Test
  void theSeriesShowsEveryPeakInAtMostSoManyPoints() throws IOException {
    int rows = 20_000;
    a.frames("scores", List.of(SCORE), all -> peak(all, rows, -1));
    b.frames("scores", List.of(SCORE), all -> peak(all, rows, 12_345));

    List<NumberComparison.Point> series = column(compare()).numbers().series();

    assertThat(series).hasSizeBetween(590, 600);
    assertThat(series)
        .filteredOn(point -> point.difference() != null && point.difference() > 0)
        .singleElement()
        .satisfies(point -> {
          assertThat(point.b().max()).isEqualTo(1_000);
          assertThat(point.a().max()).isLessThanOrEqualTo(1);
          assertThat(point.difference()).isCloseTo(1_000, within(1.0));
          assertThat(point.time())
              .isBetween(
                  Results.START.plusMillis(12_345 - 34), Results.START.plusMillis(12_345 + 34));
        });
  }

  private static void peak(Results.Rows all, int rows, int at) {
    for (int i = 0; i < rows; i++) {
      all.at(i).set(0, i == at ? 1_000 : Math.sin(i), Quality.GOOD);
    }
  }

  @Test
  void optionsOutOfRangeAreRefusedByName() {
    assertThatThrownBy(() -> new Tolerance(-1, 0))
        .hasMessage("absolute tolerance must be 0 or a positive number, got -1.0");
    assertThatThrownBy(() -> new Tolerance(0, Double.NaN))
        .hasMessage("relative tolerance must be 0 or a positive number, got NaN");
    assertThatThrownBy(() -> new CompareOptions(Tolerance.NONE, Map.of(), "time", 0, 40, 600))
        .hasMessage("top must be 1 to 1000, got 0");
    assertThatThrownBy(() -> new CompareOptions(Tolerance.NONE, Map.of(), " ", 20, 40, 600))
        .hasMessage("key must name the column that rows are matched by, for example time");
  }
}
