package kr.madang.plugins.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import kr.madang.plugins.files.SinkConfig.Compression;
import kr.madang.plugins.files.SinkConfig.Format;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.testkit.FakeSinkContext;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.ManualClock;
import kr.madang.sdk.testkit.Rows;
import kr.madang.sdk.testkit.TestAllocator;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.TimeStampNanoTZVector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SinkTest {
  private static final Schema FRAMES =
      Frames.schema(
          List.of(
              Frames.field("x", Frames.DOUBLE, "bar", "pump1/x"),
              Frames.field("n", new ArrowType.Int(64, true), "", ""),
              Frames.field("note; 메모", ArrowType.Utf8.INSTANCE, "", "")));

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;
  private final ManualClock clock = new ManualClock();
  private FakeSinkContext context;

  @BeforeEach
  void context() {
    context = new FakeSinkContext(arrow.get(), clock);
  }

  private SinkConfig config(Format format, Compression compression) {
    return new SinkConfig(
        folder.resolve("out"),
        format,
        "part",
        Duration.ofMinutes(10),
        "128MiB",
        Optional.ofNullable(compression),
        ",",
        ".");
  }

  private List<String> files() throws IOException {
    Path out = folder.resolve("out");
    if (!Files.exists(out)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(out)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private Batch frames(long first, int rows) {
    try (FrameWriter writer = new FrameWriter(arrow.get(), FRAMES)) {
      for (int i = 0; i < rows; i++) {
        long n = first + i;
        writer.begin(1_700_000_000_000_000_000L + n);
        if (n % 3 != 0) {
          writer.set(0, n / 4.0, n % 3 == 1 ? Quality.GOOD : Quality.BAD_SENSOR_FAILURE);
        }
        writer.setLong(1, Long.MAX_VALUE - n, Quality.GOOD);
        writer.setText(2, n % 2 == 0 ? "a \"b\",\nc" : "", Quality.GOOD);
      }
      return keyed(writer.take(), first);
    }
  }

  private static Batch keyed(Batch batch, long first) {
    try (batch) {
      return batch.retainAs("default/p/s", 3, first);
    }
  }

  private static void write(Sink sink, Batch batch) throws Exception {
    try (batch) {
      sink.write(batch);
    }
  }

  private List<Map<String, Object>> readBack(Configs config) throws Exception {
    config.path = folder.resolve("out").toString();
    return Read.all(config.build(), new FakeSourceContext(arrow.get())).rows;
  }

  @ParameterizedTest
  @CsvSource({
    "CSV, NONE",
    "PARQUET, NONE",
    "PARQUET, ZSTD",
    "PARQUET, SNAPPY",
    "PARQUET, LZ4",
    "ARROW, NONE",
    "ARROW, ZSTD",
    "ARROW, LZ4"
  })
  void framesComeBackAsTheyWere(Format format, Compression compression) throws Exception {
    List<Map<String, Object>> expected = new ArrayList<>();
    try (Sink sink = new FilesSink().open(config(format, compression), FRAMES, context)) {
      for (int i = 0; i < 3; i++) {
        Batch batch = frames(i * 500L, 500);
        expected.addAll(Rows.of(batch));
        write(sink, batch);
      }
      assertThat(sink.held()).isEqualTo(1500);
      sink.finish();
      assertThat(sink.held()).isZero();
    }
    Configs source = Configs.at(folder);
    for (String name : List.of("x", "n", "note; 메모")) {
      SourceConfig.Type type =
          name.equals("n")
              ? SourceConfig.Type.LONG
              : name.equals("x") ? SourceConfig.Type.DOUBLE : SourceConfig.Type.TEXT;
      source.column(name, name, type, null);
    }
    assertThat(readBack(source)).isEqualTo(expected);
    assertThat(files())
        .singleElement()
        .asString()
        .matches("part-default\\.p\\.s-e3-000000000000-000000001499\\." + format.extension);
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void samplesWithAGrowingDictionaryComeBackAsTheyWere(Format format) throws Exception {
    List<Map<String, Object>> expected = new ArrayList<>();
    try (Sink sink = new FilesSink().open(config(format, null), Samples.SCHEMA, context);
        SampleWriter writer = new SampleWriter(arrow.get());
        SampleWriter other = new SampleWriter(arrow.get())) {
      for (int b = 0; b < 4; b++) {
        SampleWriter used = b == 2 ? other : writer;
        used.receivedAt(1_700_000_000_000_000_000L + b);
        used.put("펌프/" + b, 1.5 + b, Quality.GOOD, 1_600_000_000_000_000_000L);
        used.putLong(used.tag("long"), Long.MIN_VALUE, Quality.UNCERTAIN, SampleWriter.NO_TIME);
        used.putText(used.tag("text"), b % 2 == 0 ? "" : "it, \"is\"", Quality.GOOD, 5);
        used.putBytes(used.tag("bytes"), new byte[] {1, -2, (byte) b}, Quality.GOOD, 6);
        used.bad("펌프/0", Quality.BAD_NO_COMMUNICATION);
        Batch batch = keyed(used.take(), b * 5L);
        expected.addAll(Rows.of(batch));
        write(sink, batch);
      }
      sink.finish();
    }
    List<Map<String, Object>> got = readBack(Configs.at(folder).longLayout());
    assertThat(plain(got)).isEqualTo(plain(expected));
  }

  private static List<String> plain(List<Map<String, Object>> rows) {
    return rows.stream()
        .map(row -> {
          StringBuilder text = new StringBuilder();
          row.forEach((name, value) ->
              text.append(name)
                  .append('=')
                  .append(value instanceof byte[] bytes ? java.util.Arrays.toString(bytes) : value)
                  .append(' '));
          return text.toString();
        })
        .toList();
  }

  @ParameterizedTest
  @EnumSource(value = Format.class, names = "CSV", mode = EnumSource.Mode.EXCLUDE)
  void windowsComeBackAsFixedSizeLists(Format format) throws Exception {
    Field element =
        new Field(
            "$data$",
            FieldType.nullable(new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE)),
            null);
    Field row =
        new Field("$data$", FieldType.nullable(new ArrowType.FixedSizeList(3)), List.of(element));
    Field window = new Field("w", FieldType.nullable(new ArrowType.FixedSizeList(2)), List.of(row));
    Schema schema = Frames.schema(List.of(window));
    List<Map<String, Object>> expected;
    try (Sink sink = new FilesSink().open(config(format, null), schema, context)) {
      Batch batch = windows(schema);
      expected = Rows.of(batch);
      write(sink, batch);
      sink.finish();
    }
    assertThat(expected).hasSize(4);
    assertThat(readBack(Configs.at(folder)).toString()).isEqualTo(expected.toString());
  }

  private Batch windows(Schema schema) {
    VectorSchemaRoot root = VectorSchemaRoot.create(schema, arrow.get());
    root.allocateNew();
    FixedSizeListVector windows = (FixedSizeListVector) root.getVector(1);
    FixedSizeListVector inner = (FixedSizeListVector) windows.getDataVector();
    Float4Vector values = (Float4Vector) inner.getDataVector();
    for (int i = 0; i < 4; i++) {
      ((TimeStampNanoTZVector) root.getVector(0)).setSafe(i, i);
      ((UInt4Vector) root.getVector(2)).setSafe(i, i == 2 ? Quality.BAD_NO_DATA : Quality.GOOD);
      if (i != 2) {
        windows.setNotNull(i);
        for (int k = 0; k < 6; k++) {
          inner.setNotNull(i * 2 + k / 3);
          if (k != 4) {
            values.setSafe(i * 6 + k, i + k / 10f);
          }
        }
      }
    }
    root.setRowCount(4);
    return keyed(Batch.of(root), 0);
  }

  @Test
  void aFileIsFinishedByTimeAndBySizeAndNeverSeenHalf() throws Exception {
    try (Sink sink = new FilesSink().open(config(Format.CSV, null), FRAMES, context)) {
      write(sink, frames(0, 10));
      assertThat(files()).singleElement().asString().startsWith(".").endsWith(".part");
      clock.advance(Duration.ofMinutes(9));
      sink.idle();
      assertThat(sink.held()).isEqualTo(10);
      clock.advance(Duration.ofMinutes(1));
      sink.idle();
      assertThat(sink.held()).isZero();
      assertThat(files()).hasSize(1).first().asString().endsWith("-000000000009.csv");
    }
    SinkConfig small =
        new SinkConfig(
            folder.resolve("out"),
            Format.CSV,
            "small",
            Duration.ofMinutes(10),
            "1kB",
            Optional.empty(),
            ",",
            ".");
    try (Sink sink = new FilesSink().open(small, FRAMES, context)) {
      for (int i = 0; i < 10; i++) {
        write(sink, frames(i * 10L, 10));
      }
      assertThat(sink.held()).isZero();
    }
    assertThat(files()).filteredOn(name -> name.startsWith("small")).hasSize(5);
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void rowsThatComeAgainAreNotWrittenAgain(Format format) throws Exception {
    SinkConfig config = config(format, null);
    try (Sink sink = new FilesSink().open(config, FRAMES, context)) {
      write(sink, frames(0, 10));
      sink.finish();
      write(sink, frames(10, 10)); // held
      write(sink, frames(15, 10)); // comes again in part, without a restart
    }
    try (Sink sink = new FilesSink().open(config, FRAMES, context)) {
      write(sink, frames(5, 10));
      assertThat(sink.held()).isZero();
      write(sink, frames(20, 10));
      assertThat(sink.held()).isEqualTo(5);
      sink.finish();
    }
    Configs source = Configs.at(folder).column("x", "x", SourceConfig.Type.DOUBLE, null);
    List<Object> times = new ArrayList<>();
    readBack(source).forEach(row -> times.add((Long) row.get("time") - 1_700_000_000_000_000_000L));
    List<Object> expected = new ArrayList<>();
    for (long i = 0; i < 30; i++) {
      expected.add(i);
    }
    assertThat(times).isEqualTo(expected);
  }

  @Test
  void filesOfAnotherFormatInTheFolderKeepNoRowsAway() throws Exception {
    for (Format format : Format.values()) {
      try (Sink sink = new FilesSink().open(config(format, null), FRAMES, context)) {
        write(sink, frames(0, 10));
        assertThat(sink.held()).isEqualTo(10);
        sink.finish();
      }
    }
    assertThat(files()).hasSize(3);
  }

  @Test
  void whatACrashLeftIsRemovedAndNothingElse() throws Exception {
    SinkConfig config = config(Format.PARQUET, null);
    Sink crashed = new FilesSink().open(config, FRAMES, context);
    write(crashed, frames(0, 10));
    String left = files().getFirst();
    Path copy = folder.resolve("left");
    Files.copy(folder.resolve("out").resolve(left), copy);
    crashed.close();
    Files.delete(folder.resolve("out").resolve(files().getFirst()));
    Files.copy(copy, folder.resolve("out").resolve(left));
    Files.writeString(folder.resolve("out").resolve(".part-00000000.part"), "of another sink");
    try (Sink sink = new FilesSink().open(config, FRAMES, context)) {
      assertThat(files()).containsExactly(".part-00000000.part");
      write(sink, frames(0, 10));
      sink.finish();
    }
    assertThat(files()).hasSize(2);
  }

  @Test
  void aFolderThatCannotBeWrittenIsARetriableErrorThatNamesIt() throws Exception {
    Files.writeString(folder.resolve("out"), "a file where the folder should be");
    assertThatThrownBy(
            () -> new FilesSink().open(config(Format.CSV, null), FRAMES, context).close())
        .isInstanceOfSatisfying(
            PluginException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.UNREACHABLE);
              assertThat(e.code().retriable()).isTrue();
            })
        .hasMessageContaining(folder.resolve("out").toString());
    Files.delete(folder.resolve("out"));
    try (Sink sink = new FilesSink().open(config(Format.CSV, null), FRAMES, context)) {
      write(sink, frames(0, 1));
    }
    assertThat(files()).hasSize(1);
  }

  @Test
  void aFileInThePlaceOfTheFolderIsToldAsSuch() {
    PluginException e = Failures.unwritable(folder, new FileAlreadyExistsException("out"));
    assertThat(e).hasMessageEndingWith("got: a file of that name; move it, or change path");
    assertThat(e.code()).isEqualTo(ErrorCode.UNREACHABLE);
  }

  @Test
  void aFullDiskIsARetriableErrorThatSaysSo() {
    PluginException e = Failures.unwritable(folder, new IOException("No space left on device"));
    assertThat(e.code()).isEqualTo(ErrorCode.EXHAUSTED);
    assertThat(e).hasMessageContaining(folder.toString()).hasMessageContaining("disk is full");
  }

  @Test
  void aFolderThatVanishesFailsTheFileAndASinkOpenedAgainGoesOn() throws Exception {
    SinkConfig config = config(Format.CSV, null);
    Sink sink = new FilesSink().open(config, FRAMES, context);
    write(sink, frames(0, 10));
    Path out = folder.resolve("out");
    Files.delete(out.resolve(files().getFirst()));
    Files.delete(out);
    assertThatThrownBy(sink::finish)
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code().retriable()).isTrue());
    sink.close();
    try (Sink again = new FilesSink().open(config, FRAMES, context)) {
      write(again, frames(0, 10));
    }
    assertThat(files()).hasSize(1);
  }

  @Test
  void configsThatCannotWorkAreRefusedBeforeAnythingIsTouched() {
    SinkConfig snappy = config(Format.ARROW, Compression.SNAPPY);
    assertThatThrownBy(() -> new FilesSink().check(snappy, FRAMES))
        .hasMessageContaining("compression")
        .hasMessageContaining("got snappy");
    Schema odd =
        Frames.schema(
            List.of(
                Frames.field(
                    "d",
                    ArrowType.Duration.class.cast(
                        new ArrowType.Duration(org.apache.arrow.vector.types.TimeUnit.SECOND)),
                    "",
                    "")));
    assertThatThrownBy(() -> new FilesSink().check(config(Format.PARQUET, null), odd))
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_MISFIT))
        .hasMessageContaining("field 'd'");
    assertThatThrownBy(() -> ByteSize.parse("rotateBytes", "ten"))
        .hasMessageContaining("rotateBytes");
    assertThat(ByteSize.parse("rotateBytes", "64MiB")).isEqualTo(64L << 20);
    assertThat(ByteSize.parse("rotateBytes", "500 kB")).isEqualTo(500_000);
    assertThat(files0()).isEmpty();
  }

  private List<String> files0() {
    try {
      return files();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
