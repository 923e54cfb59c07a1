package kr.madang.engine.step;

import static kr.madang.engine.step.Trial.T0;
import static kr.madang.engine.step.Trial.frame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import kr.madang.engine.step.Trial.Frame;
import kr.madang.engine.step.Trial.Outcome;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.testkit.TestAllocator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpressionTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  private static final Schema ABC = Trial.schema("a", "b", "pump1/oil temp", "pump.flow");

  private static final Schema TYPED =
      Frames.schema(
          List.of(
              Frames.field("x", Frames.DOUBLE, "", ""),
              Frames.field("n", new ArrowType.Int(64, true), "", ""),
              Frames.field("state", ArrowType.Utf8.INSTANCE, "", "")));

  private static Batch typed(
      org.apache.arrow.memory.BufferAllocator allocator, List<Object[]> rows) {
    try (FrameWriter writer = new FrameWriter(allocator, TYPED)) {
      for (Object[] row : rows) {
        writer.begin(T0);
        writer.set(0, (Double) row[0], Quality.GOOD);
        writer.setLong(1, (Long) row[1], Quality.GOOD);
        writer.setText(2, (String) row[2], Quality.GOOD);
      }
      return writer.take();
    }
  }

  private static final List<Object[]> ROWS =
      List.of(
          new Object[] {1.5, 0L, "run"},
          new Object[] {2.0, 3L, "stop"},
          new Object[] {-4.0, 7L, "run"});

  private static Outcome where(String expression, Frame... frames) {
    return Trial.run(
        new WhereStep(),
        new WhereStep.Config(expression),
        ABC,
        List.of(frames),
        (allocator, part) -> Trial.frames(allocator, ABC, part),
        List.of(),
        -1);
  }

  private static Outcome derive(Map<String, String> fields) {
    return Trial.run(
        new DeriveStep(),
        new DeriveStep.Config(fields),
        TYPED,
        ROWS,
        ExpressionTest::typed,
        List.of(2),
        -1);
  }

  private static Object derived(String expression) {
    Outcome got = derive(Map.of("r", expression));
    return got.column("r");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a > 2",
        "a > 2.0 && b < 10",
        "2 < a",
        "row[\"pump1/oil temp\"] >= 30",
        "pump.flow == 400 || a == 2 + 1",
        "a in [3, 4]",
        "!(a <= 2)",
        "math.greatest(a, 2) > 2",
        "math.abs(a - 3.5) < 1",
        "a * 2 > 4 ? b > 0 : false"
      })
  void rowsForWhichItHoldsAreKept(String expression) {
    Outcome got =
        where(
            expression,
            frame(T0, 1.0, 1.0, 10.0, 100.0),
            frame(T0 + 1, 3.0, 1.0, 30.0, 300.0),
            frame(T0 + 2, null, 1.0, null, null),
            frame(T0 + 3, 2.0, 1.0, 29.0, 399.0),
            frame(T0 + 4, 4.0, 1.0, 40.0, 400.0));
    assertThat(got.column("a")).containsExactly(3.0, 4.0);
    assertThat(got.filtered()).isEqualTo(3);
  }

  @Test
  void aRowWithAMissingOperandIsFilteredWhateverTheRestSays() {
    assertThat(
            where("a > 0 || b > 0", frame(T0, null, 1.0, 1.0, 1.0), frame(T0, 1.0, 1.0, 1.0, 1.0))
                .rows())
        .hasSize(1);
  }

  @Test
  void aNumberThatIsNoneIsMissing() {
    assertThat(where("a != 0", frame(T0, Double.NaN, 1.0, 1.0, 1.0)).rows()).isEmpty();
    assertThat(where("!(a == 1)", frame(T0, Double.NaN, 1.0, 1.0, 1.0)).filtered()).isEqualTo(1);
  }

  @Test
  void allKeptRowsInARowAreASliceOfTheSameMemory() throws Exception {
    FakeTransformContext context = new FakeTransformContext(arrow.get());
    List<Frame> frames = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      frames.add(frame(T0 + i, 1.0 * i, 0.0, 0.0, 0.0));
    }
    try (var step = new WhereStep().open(new WhereStep.Config("a >= 8"), ABC, context);
        var out = new kr.madang.sdk.testkit.CollectedOutput();
        Batch batch = Trial.frames(arrow.get(), ABC, frames)) {
      step.apply(batch, out);
      Batch kept = out.batches().get(0);
      assertThat(kept.rows()).isEqualTo(1992);
      assertThat(kept.root().getVector("a").getDataBufferAddress())
          .isEqualTo(batch.root().getVector("a").getDataBufferAddress() + 64);
    }
  }

  @Test
  void scatteredRowsOfEveryTypeAreGathered() {
    Outcome got =
        Trial.run(
            new WhereStep(),
            new WhereStep.Config("state == 'run'"),
            TYPED,
            ROWS,
            ExpressionTest::typed,
            List.of(),
            -1);
    assertThat(got.column("x")).containsExactly(1.5, -4.0);
    assertThat(got.column("n")).containsExactly(0L, 7L);
    assertThat(got.column("state")).containsExactly("run", "run");
  }

  @Test
  void windowsPassAFilterWhole() throws Exception {
    FakeTransformContext context = new FakeTransformContext(arrow.get());
    WindowStep.Config two =
        new WindowStep.Config(
            2,
            java.util.Optional.empty(),
            List.of("a"),
            java.util.Optional.empty(),
            WindowStep.Layout.TIME,
            java.util.Optional.empty());
    List<Frame> frames = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      frames.add(frame(T0 + i, 1.0 * i, 0.0, 0.0, 0.0));
    }
    try (var window = new WindowStep().open(two, ABC, context);
        var mean =
            new AggregateStep(Aggregate.MEAN)
                .open(
                    new AggregateStep.Config(List.of(), java.util.Optional.of("m"), false),
                    window.schema(),
                    context);
        var where =
            new WhereStep().open(new WhereStep.Config("m < 1 || m > 6"), mean.schema(), context);
        var windows = new kr.madang.sdk.testkit.CollectedOutput();
        var means = new kr.madang.sdk.testkit.CollectedOutput();
        var out = new kr.madang.sdk.testkit.CollectedOutput();
        Batch batch = Trial.frames(arrow.get(), ABC, frames)) {
      window.apply(batch, windows);
      mean.apply(windows.batches().get(0), means);
      where.apply(means.batches().get(0), out);
      assertThat(out.rows().stream().map(row -> row.get("a")))
          .isEqualTo(List.of(List.of(0.0, 1.0), List.of(6.0, 7.0), List.of(8.0, 9.0)));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "x * 2; [3.0, 4.0, -8.0]",
        "x + n; [1.5, 5.0, 3.0]",
        "n + 1; [1, 4, 8]",
        "x > 1 && state == 'run'; [true, false, false]",
        "state + '!'; [run!, stop!, run!]",
        "x > 1 ? x : 0; [1.5, 2.0, 0.0]",
        "math.sqrt(x * x); [1.5, 2.0, 4.0]",
        "math.greatest(x, 0); [1.5, 2.0, 0.0]",
        "n > 2.5; [false, true, true]",
        "-x; [-1.5, -2.0, 4.0]",
        "size(state); [3, 4, 3]",
        "state.startsWith('r'); [true, false, true]",
        "x / 0; [Infinity, Infinity, -Infinity]",
        "(x - x) / 0; [null, null, null]",
        "12 / n; [null, 4, 1]",
        "1.0; [1.0, 1.0, 1.0]"
      })
  void fieldsOfEveryTypeAreDerived(String expression, String expected) {
    assertThat(derived(expression)).hasToString(expected);
  }

  @Test
  void whatCannotBeComputedIsMissingWithAReason() {
    assertThat(derive(Map.of("r", "12 / n")).column("r#status"))
        .containsExactly(Quality.BAD, Quality.GOOD, Quality.GOOD);
    assertThat(derive(Map.of("r", "(x - x) / 0")).column("r#status"))
        .containsOnly(Quality.BAD_OUT_OF_RANGE);
    Outcome got =
        Trial.run(
            new WhereStep(),
            new WhereStep.Config("12 / n > 3"),
            TYPED,
            ROWS,
            ExpressionTest::typed,
            List.of(),
            -1);
    assertThat(got.rows()).hasSize(1);
    assertThat(got.rejects()).hasSize(1);
    assertThat(got.rejects().get(0)).startsWith("{0} → ").contains("by zero");
    assertThat(got.filtered()).isEqualTo(1);
  }

  @Test
  void derivedFieldsTakeTheWorstStatusAndMayBuildOnOneAnother() {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("sum", "a + b");
    fields.put("high", "sum > 3");
    Outcome got =
        Trial.run(
            new DeriveStep(),
            new DeriveStep.Config(fields),
            Trial.schema("a", "b"),
            List.of(
                frame(T0, 1.0, 2.0),
                new Frame(T0 + 1, List.of(2.0, 2.0), List.of(0, Quality.UNCERTAIN)),
                frame(T0 + 2, 1.0, null)),
            (allocator, part) -> Trial.frames(allocator, Trial.schema("a", "b"), part),
            List.of(),
            -1);
    assertThat(got.column("sum")).containsExactly(3.0, 4.0, null);
    assertThat(got.column("high")).containsExactly(false, true, null);
    assertThat(got.column("high#status"))
        .containsExactly(Quality.GOOD, Quality.UNCERTAIN, Quality.BAD_SENSOR_FAILURE);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '~',
      value = {
        "scor > 1; there is no field 'scor'",
        "a >; mismatched input",
        "a + 1; expected a bool as result, got DOUBLE",
        "a == 'x'; no matching overload",
        "[1,2,3].exists(i, i > 2); macros",
        "row[a] > 1; expected the name of a field in quotes",
        "{'a': 1}.a == 1; can only follow a name",
        "math.greatest(1, 2); expected a",
      })
  void whatIsWrongIsSaid(String expression, String message) {
    assertThatThrownBy(() ->
            new WhereStep()
                .open(new WhereStep.Config(expression), ABC, new FakeTransformContext(arrow.get())))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining(message);
  }

  @Test
  void hostileExpressionsAreRefused() {
    FakeTransformContext context = new FakeTransformContext(arrow.get());
    for (String hostile :
        List.of(
            "a > 0 && ".repeat(2000) + "true",
            "(".repeat(300) + "a" + ")".repeat(300) + " > 1",
            "a" + " + a".repeat(600) + " > 1",
            "a > 0 ? ".repeat(60) + "true" + " : true".repeat(60),
            "[".repeat(200) + "]".repeat(200) + " == [1]")) {
      assertThatThrownBy(() -> new WhereStep().open(new WhereStep.Config(hostile), ABC, context))
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID));
    }
  }

  @Test
  void aDerivedFieldDoesNotHideAnother() {
    assertThatThrownBy(() -> derive(Map.of("x", "n + 1")))
        .hasMessageContaining("there is a field 'x' already");
    assertThatThrownBy(() -> derive(Map.of("x#status", "n + 1")))
        .hasMessageContaining("cannot be named");
  }

  /** Random expressions of what the fast way knows, over the numbers that make trouble. */
  @Property(tries = 60)
  void theFastWayGivesWhatCelGives(@ForAll long seed) {
    Random random = new Random(seed);
    String source = random.nextBoolean() ? bool(random, 4) : number(random, 4);
    Schema schema = Trial.schema("a", "b");
    double[] odd = {
      0,
      -0.0,
      1,
      -1,
      0.1,
      3,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      Double.MIN_VALUE,
      Double.MAX_VALUE,
      1e-300
    };
    List<Frame> frames = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      frames.add(frame(T0, odd[random.nextInt(odd.length)], odd[random.nextInt(odd.length)]));
    }
    FrameFields fields = new FrameFields("test", schema);
    Expression fast = new Expression("test", source, fields, true);
    Expression slow = new Expression("test", source, fields, false);
    assertThat(fast.isFast()).as(source).isTrue();
    assertThat(slow.isFast()).isFalse();
    try (RootAllocator allocator = new RootAllocator();
        Batch batch = Trial.frames(allocator, schema, frames)) {
      fast.evaluate(batch.root().getFieldVectors(), 0, batch.rows());
      slow.evaluate(batch.root().getFieldVectors(), 0, batch.rows());
      for (int row = 0; row < batch.rows(); row++) {
        assertThat(slow.outcome[row]).as(slow.failure).isEqualTo(Expression.DONE);
        assertThat(fast.outcome[row]).isEqualTo(Expression.DONE);
        assertThat((Double) fast.number[row])
            .as("%s of %s", source, frames.get(row).values())
            .isEqualTo((Double) slow.number[row]);
      }
    }
  }

  private static String bool(Random random, int depth) {
    if (depth == 0) {
      return random.nextBoolean() ? "true" : "false";
    }
    return switch (random.nextInt(5)) {
      case 0 -> "(" + bool(random, depth - 1) + " && " + bool(random, depth - 1) + ")";
      case 1 -> "(" + bool(random, depth - 1) + " || " + bool(random, depth - 1) + ")";
      case 2 -> "!" + bool(random, depth - 1);
      default -> {
        String operator = List.of("<", "<=", ">", ">=", "==", "!=").get(random.nextInt(6));
        yield "(" + field(random) + " " + operator + " " + number(random, depth - 1) + ")";
      }
    };
  }

  private static String number(Random random, int depth) {
    if (depth == 0) {
      return random.nextInt(3) == 0
          ? List.of("1", "0.5", "0").get(random.nextInt(3)) + " * a"
          : field(random);
    }
    return switch (random.nextInt(6)) {
      case 0 -> "(-" + number(random, depth - 1) + ")";
      case 1 ->
          "("
              + bool(random, depth - 1)
              + " ? "
              + number(random, depth - 1)
              + " : "
              + number(random, depth - 1)
              + ")";
      default ->
          "("
              + number(random, depth - 1)
              + " "
              + "+-*/".charAt(random.nextInt(4))
              + " "
              + number(random, depth - 1)
              + ")";
    };
  }

  private static String field(Random random) {
    return random.nextBoolean() ? "a" : "b";
  }
}
