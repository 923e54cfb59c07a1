package kr.madang.control.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import kr.madang.control.config.Binder;
import kr.madang.control.config.Documents;
import kr.madang.control.config.Secrets;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.model.TensorBinding;
import kr.madang.sdk.model.TensorBinding.OnBad;
import org.junit.jupiter.api.Test;

class ModelDocumentTest {
  private static final Path BASE = Path.of("/base");

  private static ModelDocument read(String yaml) {
    return ModelDocument.read(Documents.yaml(yaml), new Binder(BASE, new Secrets(BASE)));
  }

  @Test
  void aDeclarationBecomesASpec() {
    ModelSpec spec =
        read("""
        name: pump-autoencoder
        version: 1.2.0
        inputs:
          window: { fields: [a, b], shape: [n, 2, 60], type: float32, onBad: markUncertain }
        outputs:
          score: { unit: "1", description: error, field: health }
        golden: { file: golden.arrow, tolerance: 1e-5 }
        baseline: baseline.arrow
        scale: { a: { mean: 4.1, deviation: 0.3 } }
        nameplate: { provider: Madang, year: 2026, tags: [x, y] }
        """)
            .spec();
    assertThat(spec.inputs())
        .containsExactly(
            new TensorBinding(
                "window",
                List.of("a", "b"),
                List.of(-1L, 2L, 60L),
                "float32",
                OnBad.MARK_UNCERTAIN,
                "",
                ""));
    assertThat(spec.outputs().getFirst().fields()).containsExactly("health");
    assertThat(spec.golden()).contains(new ModelSpec.Golden("golden.arrow", 1e-5));
    assertThat(spec.scale()).containsEntry("a", new ModelSpec.Scale(4.1, 0.3));
    assertThat(spec.nameplate()).containsEntry("year", "2026").containsEntry("tags", "x, y");
  }

  @Test
  void whatIsWrongIsNamedWithItsPlace() {
    assertThatThrownBy(() -> read("{name: m, version: 1.0.0, input: {}}"))
        .hasMessageContaining("unknown key 'input'; did you mean 'inputs'?");
    assertThatThrownBy(() -> read("{name: m, version: one, inputs: {}}"))
        .hasMessageContaining("version: expected a version such as 1.2.0, got 'one'")
        .hasMessageContaining("inputs: expected at least one tensor");
    assertThatThrownBy(() -> read("{name: m, version: 1.0.0, inputs: {x: {shape: [n, 0]}}}"))
        .hasMessageContaining("inputs.x.shape: expected n or a size above 0, got '0'");
    assertThatThrownBy(() ->
            read("{name: m, version: 1.0.0, inputs: {x: {}}, scale: {a: {mean: 1, deviation: 0}}}"))
        .hasMessageContaining("scale.a: deviation must be above 0");
  }

  private static OnBad policy(String onBad) {
    return read("{name: m, version: 1.0.0, inputs: {x: {onBad: " + onBad + "}}}")
        .spec()
        .inputs()
        .getFirst()
        .onBad();
  }

  @Test
  void eachPolicyIsWrittenAsAReaderWouldExpect() {
    assertThat(policy("reject")).isEqualTo(OnBad.REJECT);
    assertThat(policy("skip")).isEqualTo(OnBad.SKIP);
    assertThat(policy("markUncertain")).isEqualTo(OnBad.MARK_UNCERTAIN);
    assertThat(policy("{hold: 5s}")).isEqualTo(new OnBad.Hold(java.time.Duration.ofSeconds(5)));
    assertThat(policy("{impute: mean}")).isEqualTo(new OnBad.Impute("mean"));
    assertThat(policy("{impute: -0.5}")).isEqualTo(new OnBad.Impute("-0.5"));
    assertThatThrownBy(() -> policy("{impute: median}"))
        .hasMessageContaining(
            "inputs.x.onBad.impute: expected mean, NaN or a number, got 'median'");
    assertThatThrownBy(() -> policy("{hold: 0s}"))
        .hasMessageContaining("inputs.x.onBad.hold: expected more than 0s");
    assertThatThrownBy(() -> policy("interpolate"))
        .hasMessageContaining(
            "inputs.x.onBad: expected one of reject, skip, { hold: limit }, { impute: value }, markUncertain, got 'interpolate'");
  }

  @Test
  void unitsAreOfAllFieldsOrOfEach() {
    var input =
        read("{name: m, version: 1.0.0, inputs: {x: {fields: [a, b], unit: A, units: {b: bar}}}}")
            .spec()
            .inputs()
            .getFirst();
    assertThat(input.unit()).isEqualTo("A");
    assertThat(input.units()).containsExactly(java.util.Map.entry("b", "bar"));
  }
}
