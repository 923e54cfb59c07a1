package kr.madang.inference;

import static kr.madang.inference.Fixture.in;
import static kr.madang.inference.Fixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.model.TensorBinding.OnBad;
import kr.madang.sdk.testkit.CollectedOutput;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.testkit.MemoryState;
import kr.madang.sdk.transform.Transform;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Random frames of two fields through each policy, against what a plain computation over the whole
 * recording gives.
 */
class QualityTest {
  private static final long LIMIT = 5000;

  private static final List<OnBad> POLICIES =
      List.of(
          OnBad.REJECT,
          OnBad.SKIP,
          OnBad.MARK_UNCERTAIN,
          new OnBad.Impute("-1"),
          // The last one is taken most often: it alone depends on the rows before.
          new OnBad.Hold(Duration.ofNanos(LIMIT)));

  /** One value with its quality; a null is missing. */
  private record Point(long time, @Nullable Float value, int status) {}

  private static List<Point> points(Random random, int rows) {
    List<Point> points = new ArrayList<>();
    long time = 0;
    for (int i = 0; i < rows; i++) {
      time += 500 + random.nextInt(2000);
      int status =
          switch (random.nextInt(6)) {
            case 0, 1 -> Quality.BAD_TIMEOUT;
            case 2 -> Quality.UNCERTAIN_SUBSTITUTE_VALUE;
            default -> Quality.GOOD;
          };
      boolean there = Quality.isBad(status) ? random.nextBoolean() : random.nextInt(9) > 0;
      points.add(new Point(time, there ? (Float) (float) i : null, status));
    }
    return points;
  }

  /** What stands at a place of the model's input. */
  private record Used(@Nullable Float value, int status, boolean rejected) {}

  private static Used plain(List<Point> points, int at, OnBad policy, boolean window) {
    Point point = points.get(at);
    boolean there = point.value() != null && !Quality.isBad(point.status());
    if (there) {
      return new Used(point.value(), point.status(), false);
    }
    int bad = Quality.isBad(point.status()) ? point.status() : Quality.BAD_NO_DATA;
    return switch (policy) {
      case OnBad.Reject _ -> new Used(null, bad, true);
      case OnBad.Skip _ -> new Used(null, bad, false);
      case OnBad.Impute _ -> new Used(-1f, Quality.UNCERTAIN_SUBSTITUTE_VALUE, false);
      case OnBad.MarkUncertain _ ->
          new Used(
              window ? null : point.value(),
              Quality.UNCERTAIN_SUB_NORMAL,
              window || point.value() == null);
      case OnBad.Hold _ -> {
        for (int i = at - 1; i >= 0; i--) {
          Point before = points.get(i);
          boolean known =
              before.value() != null
                  && (window ? !Quality.isBad(before.status()) : Quality.isGood(before.status()));
          if (known) {
            yield new Used(
                before.value(),
                Quality.UNCERTAIN_LAST_USABLE_VALUE,
                point.time() - before.time() > LIMIT);
          }
        }
        yield new Used(null, bad, true);
      }
    };
  }

  /** A row of the output as text, or null where it is rejected. */
  private static @Nullable String expected(long time, List<Used> used) {
    if (used.stream().anyMatch(Used::rejected)) {
      return null;
    }
    int status = Quality.GOOD;
    for (Used one : used) {
      status = Quality.worst(status, one.status());
    }
    Object values = Quality.isBad(status) ? null : used.stream().map(Used::value).toList();
    return text(time, values, status);
  }

  private static String text(@Nullable Object time, @Nullable Object values, int status) {
    String quality = Quality.isGood(status) ? "Good" : Quality.isBad(status) ? "Bad" : "Uncertain";
    return time + " " + String.valueOf(values).replace(" ", "") + " " + quality;
  }

  private static List<String> run(
      OnBad policy, OnnxBuilder builder, List<String> fields, List<Fixture> parts, int restart)
      throws Exception {
    Path file = Files.createTempFile("quality", ".onnx");
    ModelSpec spec = spec(List.of(in(policy, "x", fields.toArray(String[]::new))), List.of());
    ModelStep.Config config = new ModelStep.Config(List.of());
    List<String> rows = new ArrayList<>();
    try (RootAllocator allocator = new RootAllocator();
        Inference inference = Inference.open(InferenceOptions.defaults());
        LoadedModel model = inference.load(spec, builder.write(file), Optional.empty(), allocator);
        MemoryState state = new MemoryState();
        CollectedOutput got = new CollectedOutput()) {
      FakeTransformContext context = new FakeTransformContext(allocator);
      Transform step = null;
      try {
        for (int i = 0; i < parts.size(); i++) {
          try (Batch batch = parts.get(i).batch(allocator)) {
            if (step == null) {
              step =
                  inference
                      .step(model, inference.tenant("default"))
                      .open(config, batch.schema(), context);
            } else if (i == restart) {
              step.save(state);
              step.close();
              step =
                  inference
                      .step(model, inference.tenant("default"))
                      .open(config, batch.schema(), context);
              step.restore(state);
            }
            step.apply(batch, got);
          }
        }
      } finally {
        if (step != null) {
          step.close();
        }
      }
      for (Map<String, @Nullable Object> row : got.rows()) {
        int status = (Integer) row.get("y#status");
        rows.add(text(row.get("time"), row.get("y"), status));
      }
      return rows;
    } finally {
      delete(file);
    }
  }

  private static void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
  }

  private static List<int[]> parts(Random random, int rows, boolean split) {
    List<int[]> parts = new ArrayList<>();
    for (int from = 0; from < rows; ) {
      int to = split ? Math.min(rows, from + 1 + random.nextInt(5)) : rows;
      parts.add(new int[] {from, to});
      from = to;
    }
    return parts;
  }

  private static Fixture scalars(List<Point> a, List<Point> b, int from, int to) {
    return new Fixture()
        .column("a", ElementType.FLOAT32.column, values(a, from, to))
        .status("a", a.subList(from, to).stream().mapToInt(Point::status).toArray())
        .column("b", ElementType.FLOAT32.column, values(b, from, to))
        .status("b", b.subList(from, to).stream().mapToInt(Point::status).toArray())
        .times(a.subList(from, to).stream().mapToLong(Point::time).toArray());
  }

  private static @Nullable Object[] values(List<Point> points, int from, int to) {
    @Nullable Object[] values = new @Nullable Object[to - from];
    for (int i = from; i < to; i++) {
      values[i - from] = points.get(i).value();
    }
    return values;
  }

  private static List<Point> sameTimes(List<Point> of, List<Point> as) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < of.size(); i++) {
      points.add(new Point(as.get(i).time(), of.get(i).value(), of.get(i).status()));
    }
    return points;
  }

  @Property(tries = 60)
  void eachPolicyGivesWhatAPlainComputationGives(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 9) int which,
      @ForAll @IntRange(min = 1, max = 60) int rows,
      @ForAll boolean split,
      @ForAll @IntRange(min = 1, max = 6) int restart)
      throws Exception {
    Random random = new Random(seed);
    OnBad policy = POLICIES.get(Math.min(which, POLICIES.size() - 1));
    List<Point> a = points(random, rows);
    List<Point> b = sameTimes(points(random, rows), a);
    List<Fixture> batches =
        parts(random, rows, split).stream().map(part -> scalars(a, b, part[0], part[1])).toList();
    List<String> wanted = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      String row =
          expected(
              a.get(i).time(), List.of(plain(a, i, policy, false), plain(b, i, policy, false)));
      if (row != null) {
        wanted.add(row);
      }
    }
    assertThat(
            run(
                policy,
                OnnxBuilder.identity("float32", "n", 2),
                List.of("a", "b"),
                batches,
                restart))
        .isEqualTo(wanted);
  }

  /** Windows as the step makes them: a missing value is NaN, the status is that of the worst. */
  private static Fixture windows(List<Point> points, int length, int hop, int from, int to) {
    Object[] cells = new Object[to - from];
    Object[] times = new Object[to - from];
    int[] statuses = new int[to - from];
    long[] last = new long[to - from];
    for (int w = from; w < to; w++) {
      List<Float> values = new ArrayList<>();
      List<Long> when = new ArrayList<>();
      int worst = Quality.GOOD;
      for (Point point : points.subList(w * hop, w * hop + length)) {
        boolean there = point.value() != null && !Quality.isBad(point.status());
        values.add(there ? point.value() : Float.NaN);
        when.add(point.time());
        worst =
            Quality.worst(
                worst,
                there || Quality.isBad(point.status()) ? point.status() : Quality.BAD_NO_DATA);
      }
      cells[w - from] = values;
      times[w - from] = when;
      statuses[w - from] = worst;
      last[w - from] = when.getLast();
    }
    return new Fixture()
        .lists("a", ElementType.FLOAT32.column, length, cells)
        .status("a", statuses)
        .lists("t", PolicyTest.TIME, length, times)
        .times(last);
  }

  @Property(tries = 60)
  void inWindowsEachPolicyIsAppliedValueByValue(
      @ForAll long seed,
      @ForAll @IntRange(min = 0, max = 9) int which,
      @ForAll @IntRange(min = 2, max = 7) int length,
      @ForAll @IntRange(min = 1, max = 7) int step,
      @ForAll @IntRange(min = 1, max = 30) int count,
      @ForAll boolean split,
      @ForAll @IntRange(min = 1, max = 6) int restart)
      throws Exception {
    Random random = new Random(seed);
    OnBad policy = POLICIES.get(Math.min(which, POLICIES.size() - 1));
    int hop = Math.min(step, length);
    List<Point> points = points(random, (count - 1) * hop + length);
    List<Fixture> batches =
        parts(random, count, split).stream()
            .map(part -> windows(points, length, hop, part[0], part[1]))
            .toList();
    List<String> wanted = new ArrayList<>();
    for (int w = 0; w < count; w++) {
      List<Used> used = new ArrayList<>();
      for (int i = w * hop; i < w * hop + length; i++) {
        used.add(plain(points, i, policy, true));
      }
      String row = expected(points.get(w * hop + length - 1).time(), used);
      if (row != null) {
        wanted.add(row);
      }
    }
    assertThat(
            run(
                policy,
                OnnxBuilder.identity("float32", "n", length),
                List.of("a"),
                batches,
                restart))
        .isEqualTo(wanted);
  }
}
