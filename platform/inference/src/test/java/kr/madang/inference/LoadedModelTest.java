package kr.madang.inference;

import static kr.madang.inference.Fixture.in;
import static kr.madang.inference.Fixture.out;
import static kr.madang.inference.Fixture.scaled;
import static kr.madang.inference.Fixture.shaped;
import static kr.madang.inference.Fixture.spec;
import static kr.madang.inference.Fixture.typed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.model.TensorBinding;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.transform.Transform;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LoadedModelTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;
  private final Inference inference = Inference.open(InferenceOptions.defaults());
  private final OnnxBuilder two = OnnxBuilder.identity("float32", "n", 2);

  private LoadedModel load(OnnxBuilder builder, ModelSpec spec) throws Exception {
    return inference.load(
        spec, builder.write(folder.resolve("model.onnx")), Optional.empty(), arrow.get());
  }

  private AbstractThrowableAssert<?, ?> refused(OnnxBuilder builder, ModelSpec spec) {
    return assertThatThrownBy(() -> load(builder, spec).close())
        .isInstanceOf(PluginException.class)
        .hasMessageStartingWith("model probe@1.0.0, ");
  }

  private AbstractThrowableAssert<?, ?> unfit(OnnxBuilder builder, ModelSpec spec, Fixture frames) {
    return assertThatThrownBy(
            () -> {
              try (LoadedModel model = load(builder, spec);
                  Batch batch = frames.batch(arrow.get())) {
                open(model, batch).close();
              }
            })
        .isInstanceOf(PluginException.class)
        .hasMessageStartingWith("model probe@1.0.0");
  }

  private Transform open(LoadedModel model, Batch batch, String... keep) throws Exception {
    return inference
        .step(model, inference.tenant("default"))
        .open(
            new ModelStep.Config(List.of(keep)),
            batch.schema(),
            new FakeTransformContext(arrow.get()));
  }

  private static Tensor floats(String name, long[] shape, float... values) {
    ByteBuffer data = ByteBuffer.allocateDirect(values.length * 4).order(ByteOrder.nativeOrder());
    data.asFloatBuffer().put(values);
    return new Tensor(name, "float32", shape, data);
  }

  @Test
  void theInfoIsWhatTheFileSays() throws Exception {
    try (LoadedModel model = load(OnnxBuilder.identity("float32", "rows", 6, "len"), spec("a"))) {
      ModelInfo info = model.info();
      assertThat(info.producer()).isEqualTo("madang-test");
      assertThat(info.opset()).isEqualTo(17);
      assertThat(info.irVersion()).isEqualTo(8);
      assertThat(info.inputs())
          .containsExactly(
              new ModelInfo.Signature(
                  "x", "float32", List.of(-1L, 6L, -1L), List.of("rows", "", "len")));
    }
  }

  @Test
  void aFileThatIsNotOnnxIsRefusedBeforeNativeCodeSeesIt() throws Exception {
    for (String content : List.of("", "hello, world", "PK\3\4zip", "{\"a\": 1}")) {
      Path file = Files.writeString(folder.resolve("x.onnx"), content);
      assertThatThrownBy(() -> inference.load(spec("a"), file, Optional.empty(), arrow.get()))
          .isInstanceOf(PluginException.class)
          .hasMessageContaining("x.onnx is not an ONNX file: ")
          .extracting(e -> ((PluginException) e).code())
          .isEqualTo(ErrorCode.CONFIG_INVALID);
    }
  }

  @Test
  void aFileThatIsMissingIsNamed() {
    assertThatThrownBy(() ->
            inference.load(spec("a"), folder.resolve("no.onnx"), Optional.empty(), arrow.get()))
        .hasMessageContaining("there is no file")
        .hasMessageContaining("no.onnx");
  }

  @Test
  void everyCutOrDamageOfAFileIsAnErrorOrAModel() throws Exception {
    byte[] good = OnnxBuilder.perceptron(3, 2, 3, 1).bytes();
    Path file = folder.resolve("m.onnx");
    for (int length = 0; length < good.length; length += 7) {
      Files.write(file, Arrays.copyOf(good, length));
      assertThatThrownBy(() -> inference.load(spec("a"), file, Optional.empty(), arrow.get()))
          .as("cut to %d bytes", length)
          .isInstanceOf(PluginException.class);
    }
    var random = new java.util.Random(7);
    for (int i = 0; i < 300; i++) {
      byte[] damaged = good.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      Files.write(file, damaged);
      try (LoadedModel model = inference.load(spec("a"), file, Optional.empty(), arrow.get())) {
        assertThat(model.info().inputs()).isNotEmpty();
      } catch (PluginException e) {
        assertThat(e.code().blame()).isEqualTo(kr.madang.sdk.error.Blame.CONFIG);
      }
    }
  }

  @Test
  void anUnknownOperatorIsNamed() {
    assertThatThrownBy(() ->
            load(
                new OnnxBuilder()
                    .input("x", "float32", "n", 2)
                    .output("y", "float32", "n", 2)
                    .node("Frobnicate", List.of("x"), List.of("y")),
                spec("a")))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("is refused: node 'node0'")
        .hasMessageContaining("Frobnicate");
  }

  @Test
  void misfitsOfADeclarationNameTensorExpectedAndGot() {
    refused(two, spec(List.of(), List.of()))
        .hasMessageContaining("input 'x': the graph needs it, model.yaml declares inputs []");
    refused(two, spec(List.of(in("x", "a"), in("z", "b")), List.of()))
        .hasMessageContaining("input 'z': model.yaml declares it, the graph has inputs [x]");
    refused(two, spec(List.of(in("x", "a"), in("x", "b")), List.of()))
        .hasMessageContaining("input 'x': model.yaml declares it twice");
    refused(two, spec(List.of(in("x", "a")), List.of(out("score", ""))))
        .hasMessageContaining("output 'score': model.yaml declares it, the graph has outputs [y]");
    refused(two, spec(List.of(typed(in("x", "a"), "float64")), List.of()))
        .hasMessageContaining("input 'x': model.yaml says type float64, the graph has float32");
    refused(two, spec(List.of(shaped(in("x", "a"), -1L, 3L)), List.of()))
        .hasMessageContaining("input 'x': model.yaml says shape [n, 3], the graph has [n, 2]");
    refused(two, spec(List.of(shaped(in("x", "a"), -1L, 2L, 1L)), List.of()))
        .hasMessageContaining("[n, 2, 1], the graph has [n, 2]");
  }

  @Test
  void misfitsOfAScaleAreNamed() {
    refused(two, scaled(spec("a"), Map.of("b", new ModelSpec.Scale(0, 1))))
        .hasMessageContaining("scale of field 'b': no input is made from it; the inputs take [a]");
    refused(two, scaled(spec("a"), Map.of("a", new ModelSpec.Scale(0, 0))))
        .hasMessageContaining("a deviation above 0, got 0.0 and 0.0");
    refused(
            OnnxBuilder.identity("int64", "n", 1),
            scaled(spec("a"), Map.of("a", new ModelSpec.Scale(0, 1))))
        .hasMessageContaining("its tensor holds integers");
  }

  @Test
  void misfitsOfTheFramesNameFieldExpectedAndGot() {
    unfit(two, spec("a", "b"), new Fixture().doubles("a", 1))
        .hasMessageContaining("input 'x': needs field 'b'; the step before gives [a]");
    unfit(two, spec("a", "b", "c"), new Fixture().doubles("a", 1).doubles("b", 1).doubles("c", 1))
        .hasMessageContaining("input 'x': expected rows of shape [n, 2], got [a, b, c]");
    unfit(
            OnnxBuilder.identity("float32", "n", 2, 60),
            spec("a", "b"),
            new Fixture()
                .lists("a", ElementType.FLOAT32.column, 2, List.of(1, 2))
                .lists("b", ElementType.FLOAT32.column, 2, List.of(1, 2)))
        .hasMessageContaining("expected rows of shape [n, 2, 60], got [a[2], b[2]]");
    unfit(
            OnnxBuilder.identity("float32", "n", 1),
            spec("a"),
            new Fixture().column("a", ElementType.STRING.column, "t"))
        .hasMessageContaining("field 'a' is string, expected float32");
    unfit(
            two,
            spec(List.of(in("x", "a", "b")), List.of(out("y", "", "p", "q", "r"))),
            new Fixture().doubles("a", 1).doubles("b", 1))
        .hasMessageContaining("model.yaml names 3 fields; a row has 2 elements, so name 1 or 2");
    unfit(OnnxBuilder.identity("float32"), spec("a"), new Fixture().doubles("a", 1))
        .hasMessageContaining("the tensor is a scalar");
  }

  @Test
  void anOutputThatTakesTheNameOfAKeptFieldIsRefused() throws Exception {
    try (LoadedModel model = load(OnnxBuilder.identity("float32", "n", 1), spec("y"));
        Batch batch = new Fixture().doubles("y", 1).batch(arrow.get())) {
      assertThatThrownBy(() -> open(model, batch, "y"))
          .hasMessageContaining("field 'y' comes out twice");
      assertThatThrownBy(() -> open(model, batch, "z"))
          .hasMessageContaining("keep names field 'z'; the step before gives [y]");
    }
  }

  @Test
  void anOutputWithoutRowsIsRefused() {
    unfit(
            new OnnxBuilder()
                .input("x", "float32", "n", 1)
                .output("y", "float32")
                .node("ReduceMean", List.of("x"), List.of("y"), "keepdims=0"),
            spec("a"),
            new Fixture().doubles("a", 1))
        .hasMessageContaining("output 'y'")
        .hasMessageContaining("shape []");
  }

  @Test
  void aZipMapIsTakenOutAndItsTensorGivenInstead() throws Exception {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", "float32", "n", 2)
            .output("y", "float32", "n", 2)
            .mapsOutput("maps")
            .node("Identity", List.of("x"), List.of("y"))
            .node("ai.onnx.ml", "ZipMap", List.of("x"), List.of("maps"), "classlabels_int64s=0,1,");
    try (LoadedModel model = load(builder, spec("a"))) {
      assertThat(model.info().outputs().get(1).type()).isEqualTo("float32");
      assertThat(model.info().outputs().get(1).shape()).containsExactly(-1L, 2L);
      List<Tensor> got = model.run(List.of(floats("x", new long[] {1, 2}, 1, 2)));
      assertThat(got.get(1).name()).isEqualTo("maps");
      assertThat(got.get(1).data()).isEqualTo(got.get(0).data());
    }
  }

  @Test
  void sequencesThatCannotBeTakenOutAreRefusedWithTheWayOut() throws Exception {
    refused(sequences(), spec("a"))
        .hasMessageContaining("output 'list': is a sequence, expected a tensor");
    try (LoadedModel model =
        load(sequences(), spec(List.of(in("x", "a")), List.of(out("y", ""))))) {
      assertThat(model.run(List.of(floats("x", new long[] {1, 2}, 1, 2)))).hasSize(1);
    }
  }

  private static OnnxBuilder sequences() {
    OnnxBuilder.Message tensor = new OnnxBuilder.Message().number(1, OnnxBuilder.type("float32"));
    OnnxBuilder.Message inner = new OnnxBuilder.Message().message(1, tensor);
    OnnxBuilder.Message sequence =
        new OnnxBuilder.Message().message(4, new OnnxBuilder.Message().message(1, inner));
    return new OnnxBuilder()
        .input("x", "float32", "n", 2)
        .output("y", "float32", "n", 2)
        .part(12, new OnnxBuilder.Message().text(1, "list").message(2, sequence))
        .node("Identity", List.of("x"), List.of("y"))
        .node("SequenceConstruct", List.of("x"), List.of("list"));
  }

  @Test
  void aRawRunChecksWhatItIsGiven() throws Exception {
    try (LoadedModel model = load(two, spec("a"))) {
      Tensor good = floats("x", new long[] {1, 2}, 1, 2);
      assertThat(model.run(List.of(good)).getFirst().data().getFloat(4)).isEqualTo(2f);
      assertThatThrownBy(() -> model.run(List.of()))
          .hasMessageContaining("expected inputs [x], got [], missing [x]");
      assertThatThrownBy(() -> model.run(List.of(good, good))).hasMessageContaining("given twice");
      assertThatThrownBy(() -> model.run(List.of(good, floats("z", new long[] {1}, 1))))
          .hasMessageContaining("got [x, z]");
      assertThatThrownBy(() -> model.run(List.of(floats("x", new long[] {2}, 1, 2))))
          .hasMessageContaining("input 'x': expected shape [n, 2], got [2]");
      assertThatThrownBy(() -> model.run(List.of(floats("x", new long[] {-1, 2}, 1, 2))))
          .hasMessageContaining("got [-1, 2]");
      assertThatThrownBy(() -> model.run(List.of(floats("x", new long[] {1, 2}, 1, 2, 3))))
          .hasMessageContaining("takes 8 bytes, got 12");
      assertThatThrownBy(
              () -> model.run(List.of(floats("x", new long[] {Long.MAX_VALUE, 2}, 1, 2))))
          .hasMessageContaining("too large");
      assertThatThrownBy(() ->
              model.run(
                  List.of(new Tensor("x", "int32", new long[] {1, 2}, ByteBuffer.allocate(8)))))
          .hasMessageContaining("input 'x': expected type float32, got int32");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 2, Integer.MAX_VALUE, Long.MAX_VALUE})
  void textsThatEndTooEarlyAreRefused(long count) throws Exception {
    try (LoadedModel model = load(OnnxBuilder.identity("string", "n"), spec("a"))) {
      ByteBuffer one = ByteStrings.write(new String[] {"one"});
      assertThatThrownBy(
              () -> model.run(List.of(new Tensor("x", "string", new long[] {count}, one))))
          .isInstanceOf(PluginException.class)
          .hasMessageContaining("input 'x'");
    }
  }

  @Test
  void aPreparedCallRunsInItsOwnBuffers() throws Exception {
    try (LoadedModel model = load(OnnxBuilder.perceptron(5, 4, 8, 2), spec("a"));
        PreparedCall call = model.prepare(3)) {
      ByteBuffer input = call.input("x");
      float[] values = new float[12];
      for (int i = 0; i < values.length; i++) {
        values[i] = i * 0.1f - 0.5f;
        input.putFloat(i * 4, values[i]);
      }
      call.run();
      ByteBuffer raw = model.run(List.of(floats("x", new long[] {3, 4}, values))).getFirst().data();
      assertThat(call.output("y")).isEqualTo(raw);
      assertThatThrownBy(() -> call.input("z")).hasMessageContaining("no input 'z'");
    }
  }

  @Test
  void aPreparedCallNeedsKnownShapesAndPlainTypes() throws Exception {
    try (LoadedModel model = load(OnnxBuilder.identity("string", "n"), spec("a"))) {
      assertThatThrownBy(() -> model.prepare(1)).hasMessageContaining("cannot be prepared");
    }
    try (LoadedModel model = load(OnnxBuilder.identity("float32", 4, 2), spec("a"))) {
      assertThatThrownBy(() -> model.prepare(3)).hasMessageContaining("input 'x': float32[4, 2]");
      assertThatCode(() -> model.prepare(4).close()).doesNotThrowAnyException();
    }
  }

  @Test
  void nothingWorksOnAClosedModelAndNothingCrashes() throws Exception {
    LoadedModel model = load(two, spec("a"));
    PreparedCall call = model.prepare(1);
    ByteBuffer buffer = call.input("x");
    model.close();
    model.close();
    assertThat(model.closed()).isTrue();
    assertThatThrownBy(() -> model.run(List.of(floats("x", new long[] {1, 2}, 1, 2))))
        .isInstanceOf(PluginException.class)
        .hasMessage("model probe@1.0.0 is no longer loaded");
    assertThatThrownBy(() -> model.prepare(1)).isInstanceOf(PluginException.class);
    try (Batch batch =
        new Fixture().lists("a", ElementType.FLOAT32.column, 2, List.of(1, 2)).batch(arrow.get())) {
      assertThatThrownBy(() -> open(model, batch)).isInstanceOf(PluginException.class);
    }
    call.run();
    assertThat(model.awaitReleased(Duration.ofMillis(1))).isFalse();
    call.close();
    call.close();
    assertThat(model.awaitReleased(Duration.ofSeconds(20))).isTrue();
    assertThatThrownBy(call::run).isInstanceOf(PluginException.class);
    assertThatThrownBy(() -> buffer.getFloat(0)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aStepThatIsOpenKeepsItsModelUntilItIsClosed() throws Exception {
    LoadedModel model = load(two, spec("a"));
    try (Batch batch =
            new Fixture()
                .lists("a", ElementType.FLOAT32.column, 2, List.of(1, 2))
                .batch(arrow.get());
        var got = new kr.madang.sdk.testkit.CollectedOutput()) {
      Transform step = open(model, batch);
      model.close();
      step.apply(batch, got);
      assertThat(got.rows()).hasSize(1);
      step.close();
      step.close();
      assertThat(model.awaitReleased(Duration.ofSeconds(20))).isTrue();
      assertThatThrownBy(() -> step.apply(batch, got))
          .isInstanceOf(PluginException.class)
          .hasMessageContaining("closed");
    }
  }

  @Test
  void aModelThatIsRefusedLeavesNothingBehind() {
    for (int i = 0; i < 20; i++) {
      refused(two, spec(List.of(), List.of()));
    }
    assertThat(inference.freePermits()).isEqualTo(InferenceOptions.defaults().permits());
  }

  @Test
  void inferenceThatIsClosedClosesItsModelsAndLoadsNoMore() throws Exception {
    Inference other = Inference.open(new InferenceOptions(1, Duration.ofSeconds(1), Duration.ZERO));
    Path file = two.write(folder.resolve("model.onnx"));
    LoadedModel model = other.load(spec("a"), file, Optional.empty(), arrow.get());
    other.close();
    other.close();
    assertThat(model.closed()).isTrue();
    assertThatThrownBy(() -> other.load(spec("a"), file, Optional.empty(), arrow.get()))
        .hasMessageContaining("shut down");
    try (LoadedModel again = inference.load(spec("a"), file, Optional.empty(), arrow.get())) {
      assertThat(again.run(List.of(floats("x", new long[] {1, 2}, 1, 2)))).hasSize(1);
    }
  }

  @Test
  void aBindingOfAllOutputsIsTheDefault() throws Exception {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", "float32", "n", 1)
            .output("p", "float32", "n", 1)
            .output("q", "float32", "n", 1)
            .node("Identity", List.of("x"), List.of("p"))
            .node("Neg", List.of("x"), List.of("q"));
    try (LoadedModel model = load(builder, spec("a"));
        Batch batch = new Fixture().doubles("a", 1).batch(arrow.get());
        Transform step = open(model, batch)) {
      assertThat(step.schema().getFields().stream().map(f -> f.getName()))
          .containsExactly("time", "p", "p#status", "q", "q#status");
    }
    List<TensorBinding> one = List.of(out("q", ""));
    try (LoadedModel model = load(builder, spec(List.of(in("x", "a")), one));
        Batch batch = new Fixture().doubles("a", 1).batch(arrow.get());
        Transform step = open(model, batch)) {
      assertThat(step.schema().getFields()).hasSize(3);
    }
  }
}
