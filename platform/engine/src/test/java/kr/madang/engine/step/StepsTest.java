package kr.madang.engine.step;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import kr.madang.sdk.StageFactory;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.transform.TransformFactory;
import org.junit.jupiter.api.Test;

class StepsTest {
  private final List<TransformFactory<?>> all = Steps.all((_, _, _, _, _, _) -> {});

  @Test
  void everyStepIsThereOnce() {
    assertThat(all.stream().map(StageFactory::name))
        .containsExactly(
            "select", "align", "window", "mean", "min", "max", "std", "rms", "median", "first",
            "last", "sum", "range", "scale", "where", "derive", "alarm");
  }

  @Test
  void everyOptionOfEveryStepIsDocumented() {
    for (TransformFactory<?> factory : all) {
      for (RecordComponent component : factory.config().getRecordComponents()) {
        assertThat(Optional.ofNullable(component.getAnnotation(Doc.class)))
            .as("%s.%s", factory.name(), component.getName())
            .isPresent();
      }
      assertThat(Arrays.stream(factory.title().split(" ")).count()).isGreaterThan(1);
    }
  }
}
