package kr.madang.engine.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.engine.step.AlignStep.Fill;
import kr.madang.engine.step.AlignStep.Point;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Tag;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.Logger;

class DeclaredTagsTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  private static final Schema DECLARED =
      DeclaredTags.schema(
          List.of(
              new Tag("pump1/current", "A", ""), new Tag("pump1/flow"), new Tag("x", "bar", "")));

  private static AlignStep.Config align(String... tags) {
    Map<String, Point> fields = new LinkedHashMap<>();
    for (String tag : tags) {
      fields.put("f" + fields.size(), new Point(tag, Fill.HOLD, Optional.empty()));
    }
    return new AlignStep.Config(
        Duration.ofMillis(100),
        fields,
        Duration.ZERO,
        Duration.ofMinutes(1),
        Duration.ofHours(1),
        false,
        100);
  }

  private Schema aligned(Schema in, String... tags) throws Exception {
    try (Transform step =
        new AlignStep().open(align(tags), in, new FakeTransformContext(arrow.get()))) {
      return step.schema();
    }
  }

  @Test
  void theUnitOfATagIsThatOfItsField() throws Exception {
    Schema frames = aligned(DECLARED, "pump1/current", "pump1/flow");
    assertThat(frames.findField("f0").getMetadata())
        .containsOnly(Map.entry(Frames.UNIT, "A"), Map.entry(Frames.TAG, "pump1/current"));
    assertThat(frames.findField("f1").getMetadata())
        .containsOnly(Map.entry(Frames.TAG, "pump1/flow"));
  }

  @Test
  void aSelectionRenamesTagsAndKeepsTheirUnits() throws Exception {
    SelectStep.Config config =
        new SelectStep.Config(List.of(), List.of("pump1/*"), Map.of("pump1/current", "i"));
    try (Transform step =
        new SelectStep().open(config, DECLARED, new FakeTransformContext(arrow.get()))) {
      DeclaredTags left = DeclaredTags.of(step.schema());
      assertThat(left.units()).containsOnly(Map.entry("i", "A"), Map.entry("pump1/flow", ""));
      assertThat(left.lacks("x")).isTrue();
    }
  }

  @Test
  void ofTwoSourcesAllTagsAreKnownAndOneThatDeclaresNothingMayDeliverAny() {
    Schema other = DeclaredTags.schema(List.of(new Tag("pump1/flow", "m3/h", "")));
    DeclaredTags both = DeclaredTags.of(DeclaredTags.merged("align", DECLARED, other));
    assertThat(both.unit("pump1/flow")).isEqualTo("m3/h");
    assertThat(both.unit("pump1/current")).isEqualTo("A");
    assertThat(both.lacks("other")).isTrue();
    DeclaredTags open =
        DeclaredTags.of(DeclaredTags.merged("align", DECLARED, DeclaredTags.schema(List.of())));
    assertThat(open.lacks("other")).isFalse();
    Schema milli = DeclaredTags.schema(List.of(new Tag("pump1/current", "mA", "")));
    assertThatThrownBy(() -> DeclaredTags.merged("align", DECLARED, milli))
        .isInstanceOf(PluginException.class)
        .hasMessage(
            "'align' gets tag 'pump1/current' in unit 'A' and in unit 'mA'; declare one unit, or give the tags different names");
    assertThat(DeclaredTags.stripped(DECLARED)).isEqualTo(Samples.SCHEMA);
  }

  private record Listening(BufferAllocator allocator, List<String> heard)
      implements TransformContext {
    @Override
    public String name() {
      return "align";
    }

    @Override
    public Logger logger() {
      return new Warnings(heard);
    }
  }

  @Test
  void aTagThatNoSourceDeclaresIsWarnedOf() throws Exception {
    List<String> heard = new ArrayList<>();
    Listening context = new Listening(arrow.get(), heard);
    new AlignStep().open(align("pump1/curent", "x"), DECLARED, context).close();
    assertThat(heard)
        .containsExactly(
            "field 'f0' stays without a value: no source declares tag 'pump1/curent'; did you mean 'pump1/current'? Declared are pump1/current, pump1/flow, x");
    heard.clear();
    new AlignStep().open(align("anything"), Samples.SCHEMA, context).close();
    assertThat(heard).isEmpty();
  }
}
