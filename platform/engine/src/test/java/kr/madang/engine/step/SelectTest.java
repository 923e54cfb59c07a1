package kr.madang.engine.step;

import static kr.madang.engine.step.Trial.T0;
import static kr.madang.engine.step.Trial.frame;
import static kr.madang.engine.step.Trial.good;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import kr.madang.engine.step.SelectStep.Config;
import kr.madang.engine.step.Trial.Outcome;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.testkit.CollectedOutput;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.testkit.Rows;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.transform.Transform;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SelectTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  private static final Schema SCHEMA = Trial.schema("a", "b", "c");

  @Test
  void fieldsAreChosenOrderedAndRenamedWithoutACopy() throws Exception {
    FakeTransformContext context = new FakeTransformContext(arrow.get());
    Config config = new Config(List.of("c", "a"), List.of(), Map.of("a", "x"));
    try (Transform step = new SelectStep().open(config, SCHEMA, context);
        CollectedOutput out = new CollectedOutput();
        Batch batch =
            Trial.frames(
                arrow.get(),
                SCHEMA,
                List.of(frame(T0, 1.0, 2.0, 3.0), frame(T0 + 1, null, 5.0, 6.0)))) {
      long before = arrow.get().getAllocatedMemory();
      step.apply(batch, out);
      assertThat(arrow.get().getAllocatedMemory()).isEqualTo(before);
      Batch got = out.batches().get(0);
      assertThat(got.schema()).isEqualTo(step.schema());
      assertThat(got.root().getVector("x").getDataBufferAddress())
          .isEqualTo(batch.root().getVector("a").getDataBufferAddress());
      assertThat(out.rows().get(0).keySet())
          .containsExactly("time", "c", "c#status", "x", "x#status");
      assertThat(out.rows().get(1))
          .containsEntry("c", 6.0)
          .containsEntry("x", null)
          .containsEntry("x#status", Quality.BAD_SENSOR_FAILURE);
    }
  }

  @Test
  void tagsAreChosenByNameOrPatternAndRenamed() {
    Outcome got =
        Trial.run(
            new SelectStep(),
            new Config(List.of(), List.of("pump1/*", "line"), Map.of("pump1/a", "a")),
            Samples.SCHEMA,
            List.of(
                good("pump1/a", T0, 1),
                good("pump2/a", T0, 2),
                good("line", T0, 3),
                good("line2", T0, 4),
                good("pump1/b", T0, 5)),
            Trial::samples,
            List.of(2),
            -1);
    assertThat(got.column("tag")).containsExactly("a", "line", "pump1/b");
    assertThat(got.column("value")).containsExactly(1.0, 3.0, 5.0);
    assertThat(got.filtered()).isEqualTo(2);
  }

  @Test
  void samplesOfEveryTypeKeepValueStatusAndTimes() throws Exception {
    FakeTransformContext context = new FakeTransformContext(arrow.get());
    Config config = new Config(List.of(), List.of(), Map.of("t", "u"));
    try (Transform step = new SelectStep().open(config, Samples.SCHEMA, context);
        SampleWriter writer = new SampleWriter(arrow.get());
        CollectedOutput out = new CollectedOutput()) {
      int tag = writer.tag("t");
      writer.receivedAt(T0);
      writer.put(tag, 1.5, Quality.UNCERTAIN, T0 - 5);
      writer.putLong(tag, Long.MAX_VALUE, Quality.GOOD, SampleWriter.NO_TIME);
      writer.receivedAt(T0 + 1);
      writer.putText(tag, "열림", Quality.GOOD, T0);
      writer.putBytes(tag, "xyz".getBytes(StandardCharsets.UTF_8), Quality.GOOD, T0);
      writer.bad(tag, Quality.BAD_TIMEOUT, T0);
      try (Batch batch = writer.take()) {
        step.apply(batch, out);
        List<Map<String, Object>> expected = Rows.of(batch);
        expected.forEach(row -> row.put("tag", "u"));
        assertThat(out.rows().toString().replaceAll("\\[B@\\w+", "bytes"))
            .isEqualTo(expected.toString().replaceAll("\\[B@\\w+", "bytes"));
        assertThat(Samples.of(out.batches().get(0)).bytes(3))
            .isEqualTo("xyz".getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  @Test
  void misfitsAreRefused() {
    FakeTransformContext context = new FakeTransformContext(arrow.get());
    assertThatThrownBy(() ->
            new SelectStep().open(new Config(List.of("A1"), List.of(), Map.of()), SCHEMA, context))
        .hasMessageContaining("select: there is no field 'A1'");
    assertThatThrownBy(() ->
            new SelectStep()
                .open(new Config(List.of(), List.of(), Map.of("a", "b")), SCHEMA, context))
        .hasMessageContaining("two fields would be named 'b'");
    assertThatThrownBy(() ->
            new SelectStep()
                .open(new Config(List.of("a"), List.of(), Map.of()), Samples.SCHEMA, context))
        .hasMessageContaining("samples have tags, not fields");
    assertThatThrownBy(() ->
            new SelectStep()
                .open(new Config(List.of(), List.of(), Map.of("a", "time")), SCHEMA, context))
        .hasMessageContaining("a field cannot be named 'time'");
  }
}
