package kr.madang.inference;

import static kr.madang.inference.Fixture.spec;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.model.TensorBinding.OnBad;
import kr.madang.sdk.testkit.CollectedOutput;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.testkit.Rows;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.transform.Transform;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

final class TypesTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;
  private final Inference inference = Inference.open(InferenceOptions.defaults());

  private List<Object> through(OnnxBuilder builder, Fixture frames) throws Exception {
    try (LoadedModel model =
            inference.load(
                spec("a"), builder.write(folder.resolve("m.onnx")), Optional.empty(), arrow.get());
        Batch batch = frames.batch(arrow.get());
        CollectedOutput got = new CollectedOutput();
        Transform step =
            inference
                .step(model, inference.tenant("default"))
                .open(
                    new ModelStep.Config(List.of()),
                    batch.schema(),
                    new FakeTransformContext(arrow.get()))) {
      step.apply(batch, got);
      return Rows.column(got.batches().getFirst(), "y").stream().map(Object.class::cast).toList();
    }
  }

  static Stream<Arguments> typesAndTheirEnds() {
    return Stream.of(
        Arguments.of("float32", List.of(1.5f, -0f, Float.MAX_VALUE, Float.NEGATIVE_INFINITY)),
        Arguments.of("float64", List.of(1.5, Double.MIN_VALUE, Double.MAX_VALUE, Double.NaN)),
        Arguments.of("int8", List.of((byte) 1, (byte) 0, (byte) 127, (byte) -128)),
        Arguments.of("int16", List.of((short) 1, (short) 0, (short) 32767, (short) -32768)),
        Arguments.of("int32", List.of(1, 0, Integer.MAX_VALUE, Integer.MIN_VALUE)),
        Arguments.of("int64", List.of(1L, (1L << 53) + 1, Long.MAX_VALUE, Long.MIN_VALUE)),
        Arguments.of("uint8", List.of((byte) 1, (byte) 0, (byte) 127, (byte) 255)),
        Arguments.of("uint16", List.of((char) 1, (char) 0, (char) 32768, (char) 65535)),
        Arguments.of("uint32", List.of(1, 0, Integer.MIN_VALUE, -1)),
        Arguments.of("uint64", List.of(1L, (1L << 53) + 1, Long.MIN_VALUE, -1L)),
        Arguments.of("bool", List.of(true, false, true, true)),
        Arguments.of("string", List.of("a", "", "한글 마당", "nul\0inside")));
  }

  @ParameterizedTest
  @MethodSource("typesAndTheirEnds")
  void scalarsOfATypeComeBackAsTheyWent(String type, List<Object> cells) throws Exception {
    ArrowType column = ElementType.labelled(type).orElseThrow().column;
    assertThat(
            through(
                OnnxBuilder.identity(type, "n", 1),
                new Fixture().column("a", column, cells.toArray())))
        .isEqualTo(cells);
  }

  @ParameterizedTest
  @MethodSource("typesAndTheirEnds")
  void listsOfATypeComeBackAsTheyWent(String type, List<Object> cells) throws Exception {
    ArrowType column = ElementType.labelled(type).orElseThrow().column;
    List<Object> lists = List.of(cells, cells.reversed(), cells);
    List<Object> got =
        through(
            OnnxBuilder.identity(type, "n", 4),
            new Fixture().lists("a", column, 4, lists.toArray()));
    assertThat(got.stream().<Object>map(TypesTest::plain).toList()).isEqualTo(lists);
  }

  private static List<?> plain(Object list) {
    return ((List<?>) list)
        .stream()
            .map(cell ->
                cell instanceof org.apache.arrow.vector.util.Text text ? text.toString() : cell)
            .toList();
  }

  @ParameterizedTest
  @MethodSource("typesAndTheirEnds")
  void aTypeComesBackFromARawRun(String type, List<Object> cells) throws Exception {
    try (LoadedModel model =
        inference.load(
            spec("a"),
            OnnxBuilder.identity(type, "n", "m").write(folder.resolve("m.onnx")),
            Optional.empty(),
            arrow.get())) {
      ElementType element = ElementType.labelled(type).orElseThrow();
      ByteBuffer data;
      if (element == ElementType.STRING) {
        data = ByteStrings.write(cells.stream().map(Object::toString).toArray(String[]::new));
      } else {
        data = ByteBuffer.allocateDirect(4 * element.size).order(ByteOrder.nativeOrder());
        new java.util.Random(1).ints(data.capacity()).forEach(i -> data.put((byte) (i & 1)));
        data.flip();
      }
      List<Tensor> got = model.run(List.of(new Tensor("x", type, new long[] {2, 2}, data)));
      assertThat(got).hasSize(1);
      assertThat(got.getFirst().name()).isEqualTo("y");
      assertThat(got.getFirst().type()).isEqualTo(type);
      assertThat(got.getFirst().shape()).containsExactly(2, 2);
      assertThat(got.getFirst().data()).isEqualTo(data);
      assertThat(got.getFirst().data().isDirect()).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("typesAndTheirEnds")
  void anEmptyBatchIsARawRunToo(String type, List<Object> cells) throws Exception {
    assertThat(cells).isNotEmpty();
    try (LoadedModel model =
        inference.load(
            spec("a"),
            OnnxBuilder.identity(type, "n", 4).write(folder.resolve("m.onnx")),
            Optional.empty(),
            arrow.get())) {
      Tensor none = new Tensor("x", type, new long[] {0, 4}, ByteBuffer.allocate(0));
      assertThat(model.run(List.of(none)).getFirst().shape()).containsExactly(0, 4);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT16", "BFLOAT16"})
  void shortFloatsAreFloat32InColumns(ElementType type) throws Exception {
    Fixture frames =
        new Fixture()
            .lists("a", ElementType.FLOAT32.column, 2, List.of(1.5f, -2f), List.of(0.25f, 65280f));
    assertThat(through(OnnxBuilder.identity(type.label(), "n", 2), frames))
        .containsExactly(List.of(1.5f, -2f), List.of(0.25f, 65280f));
  }

  @Test
  void aColumnOfHalfFloatsIsRead() throws Exception {
    ArrowType half =
        new ArrowType.FloatingPoint(org.apache.arrow.vector.types.FloatingPointPrecision.HALF);
    assertThat(
            through(
                OnnxBuilder.identity("float32", "n", 1),
                new Fixture().column("a", half, 1.5f, -8f)))
        .containsExactly(1.5f, -8f);
  }

  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"STRING"})
  void numbersOfEveryColumnTypeBecomeFloats(ElementType type) throws Exception {
    Object[] cells = type == ElementType.BOOL ? new Object[] {true, false} : new Object[] {1, 0};
    assertThat(
            through(
                OnnxBuilder.identity("float32", "n", 1),
                new Fixture().column("a", type.column, cells)))
        .containsExactly(1f, 0f);
  }

  @Test
  void doublesBecomeIntegersRoundedAndClamped() throws Exception {
    assertThat(
            through(
                OnnxBuilder.identity("int8", "n", 1),
                new Fixture().doubles("a", 1.4, 1.6, -300, 300)))
        .containsExactly((byte) 1, (byte) 2, (byte) -128, (byte) 127);
  }

  /** ONNX Runtime merges casts that follow one another; the sign must not come through. */
  @ParameterizedTest
  @EnumSource(names = {"UINT16", "UINT32", "UINT64"})
  void wideUnsignedInputsAreCountedAsUnsignedWhereTheyAreCastOnwards(ElementType type)
      throws Exception {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", type.label(), "n", 2)
            .output("y", "float64", "n", 2)
            .node("Cast", List.of("x"), List.of("y"), "to=" + OnnxBuilder.type("float64"));
    Object most =
        switch (type) {
          case UINT16 -> (char) 65535;
          case UINT32 -> -1;
          default -> -1L;
        };
    Object one =
        type == ElementType.UINT16
            ? (Object) (char) 1
            : type == ElementType.UINT32 ? (Object) 1 : 1L;
    double expected = Math.pow(2, type.size * 8) - 1;
    assertThat(through(builder, new Fixture().lists("a", type.column, 2, List.of(one, most))))
        .containsExactly(List.of(1.0, expected));
  }

  @ParameterizedTest
  @EnumSource(names = {"UINT16", "UINT32", "UINT64"})
  void doublesBecomeWideUnsignedIntegersRoundedAndClamped(ElementType type) throws Exception {
    double most = Math.pow(2, type.size * 8);
    List<Object> got =
        through(
            OnnxBuilder.identity(type.label(), "n", 1),
            new Fixture().doubles("a", 1.4, 1.6, -300, most * 2, most / 2));
    assertThat(got.stream().map(TypesTest::asLong))
        .containsExactly(
            1L,
            2L,
            0L,
            type == ElementType.UINT16 ? 65535L : -1L,
            type == ElementType.UINT64
                ? Long.MIN_VALUE
                : type == ElementType.UINT32 ? (long) Integer.MIN_VALUE : 32768L);
  }

  @ParameterizedTest
  @EnumSource(names = {"UINT16", "UINT32", "UINT64"})
  void wideUnsignedOutputsAreCopiedOut(ElementType type) throws Exception {
    OnnxBuilder builder =
        new OnnxBuilder()
            .input("x", "int64", "n", 2)
            .output("y", type.label(), "n", 2)
            .node("Cast", List.of("x"), List.of("y"), "to=" + OnnxBuilder.type(type.label()));
    List<Object> got =
        through(
            builder,
            new Fixture()
                .lists("a", ElementType.INT64.column, 2, List.of(1L, 40000L), List.of(2L, 3L)));
    assertThat(got).hasSize(2);
    assertThat(((List<?>) got.getFirst()).stream().map(TypesTest::asLong))
        .containsExactly(1L, 40000L);
  }

  private static long asLong(Object value) {
    return value instanceof Character character ? character : ((Number) value).longValue();
  }

  @Test
  void textsWithMissingRowsStayInPlace() throws Exception {
    Path file = OnnxBuilder.identity("string", "n", 1).write(folder.resolve("m.onnx"));
    try (LoadedModel model =
            inference.load(
                spec(List.of(Fixture.in(OnBad.SKIP, "x", "a")), List.of()),
                file,
                Optional.empty(),
                arrow.get());
        Batch batch =
            new Fixture()
                .column("a", ElementType.STRING.column, "one", null, "three")
                .batch(arrow.get());
        CollectedOutput got = new CollectedOutput();
        Transform step =
            inference
                .step(model, inference.tenant("default"))
                .open(
                    new ModelStep.Config(List.of("a")),
                    batch.schema(),
                    new FakeTransformContext(arrow.get()))) {
      step.apply(batch, got);
      assertThat(Rows.column(got.batches().getFirst(), "y"))
          .isEqualTo(Arrays.asList("one", null, "three"));
      assertThat(Rows.column(got.batches().getFirst(), "a"))
          .isEqualTo(Arrays.asList("one", null, "three"));
    }
  }

  @Test
  void bfloat16RoundsToNearestEven() {
    assertThat(Cells.bfloat16(1f)).isEqualTo((short) 0x3f80);
    assertThat(Cells.bfloat16(Float.intBitsToFloat(0x3f808000))).isEqualTo((short) 0x3f80);
    assertThat(Cells.bfloat16(Float.intBitsToFloat(0x3f818000))).isEqualTo((short) 0x3f82);
    assertThat(Cells.bfloat16(Float.intBitsToFloat(0x3f808001))).isEqualTo((short) 0x3f81);
    assertThat(Cells.bfloat16(Float.NaN)).isEqualTo((short) 0x7fc0);
    assertThat(Cells.bfloat16(Float.NEGATIVE_INFINITY)).isEqualTo((short) 0xff80);
    assertThat(Frames.DOUBLE).isEqualTo(ElementType.FLOAT64.column);
  }
}
