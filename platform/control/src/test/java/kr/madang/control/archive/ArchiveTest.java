package kr.madang.control.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import kr.madang.journal.Logged;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.testkit.Rows;
import kr.madang.sdk.testkit.TestAllocator;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ArchiveTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;

  @Test
  void lookingChangesNothing() throws Exception {
    Notebook.write(folder, 3, arrow.get());
    Map<String, List<Byte>> before = content();
    try (Archive archive = open()) {
      assertThat(archive.stream(Notebook.SAMPLES).next()).isEqualTo(30);
      assertThat(Verified.of(archive, arrow.get()).whole()).isTrue();
    }
    assertThat(content()).isEqualTo(before);
  }

  @Test
  void everyRecordIsVerified() throws Exception {
    Notebook.write(folder, 4, arrow.get());
    try (Archive archive = open()) {
      Verified verified = Verified.of(archive, arrow.get());
      assertThat(verified.rows()).isEqualTo(80);
      assertThat(verified.records()).isEqualTo(8);
      assertThat(verified.gaps()).isEmpty();
    }
  }

  @Test
  void aBitThatFlippedIsFoundAndStaysWhereItIs() throws Exception {
    Notebook.write(folder, 20, arrow.get());
    Path segment = biggest();
    flip(segment, 105.0);
    Map<String, List<Byte>> before = content();
    try (Archive archive = open()) {
      Verified verified = Verified.of(archive, arrow.get());
      assertThat(verified.whole()).isFalse();
      assertThat(verified.damaged()).isPositive();
      assertThat(verified.gaps()).extracting(Logged.Gap::cause).contains("damaged");
      assertThat(verified.damage().toString()).contains(String.valueOf(segment.getFileName()));
    }
    assertThat(content()).isEqualTo(before);
  }

  @Test
  void aTailBeginsAndEndsWhereItIsTold() throws Exception {
    Notebook.write(folder, 3, arrow.get());
    List<Long> sequences = new ArrayList<>();
    Span span = Span.of(Optional.of("5"), Optional.of("20"));
    try (Archive archive = open();
        Tail tail = Tail.of(archive, Notebook.SAMPLES, span, arrow.get())) {
      for (Logged next = tail.next(); next != null; next = tail.next()) {
        sequences.add(next.sequence());
        if (next instanceof Logged.Rows rows) {
          rows.batch().close();
        }
      }
    }
    assertThat(sequences).containsExactly(5L, 10L);
    Span later = Span.of(Optional.of("2026-01-01T00:00:01Z"), Optional.empty());
    try (Archive archive = open();
        Tail tail = Tail.of(archive, Notebook.SAMPLES, later, arrow.get())) {
      assertThat(tail.next()).isNull();
    }
  }

  @Test
  void whatIsNotThereIsNamedWithWhatIs() throws Exception {
    Notebook.write(folder, 1, arrow.get());
    assertThatThrownBy(() -> Archive.open(folder, "other", Notebook::options))
        .hasMessageContaining("'other'")
        .hasMessageContaining("default");
    try (Archive archive = open()) {
      assertThatThrownBy(() -> archive.stream("line/x"))
          .hasMessageContaining("'line/x'")
          .hasMessageContaining(Notebook.SAMPLES);
    }
    assertThat(Archive.workspaces(folder.resolve("none"))).isEmpty();
  }

  @Test
  void aPartIsCutOutOfItsBatches() throws Exception {
    Notebook.write(folder, 3, arrow.get());
    Collector collector = new Collector();
    Export.Written written =
        export(Notebook.SAMPLES, Span.of(Optional.of("5"), Optional.of("23")), collector, false);
    assertThat(written.rows()).isEqualTo(18);
    assertThat(collector.values)
        .isEqualTo(LongStream.range(5, 23).mapToObj(number -> (Object) (double) number).toList());
    assertThat(collector.tags).startsWith("tag0", "tag0", "tag0", "tag0", "tag0", "tag0", "tag1");
    assertThat(collector.keys).containsExactly(5L, 10L, 20L);
    assertThat(collector.finished).isEqualTo(1);
  }

  @Test
  void textsOfADictionaryCanStandInTheRows() throws Exception {
    Notebook.write(folder, 3, arrow.get());
    Collector collector = new Collector();
    export(Notebook.SAMPLES, Span.ALL, collector, true);
    assertThat(collector.schemas).hasSize(1);
    assertThat(collector.schemas.getFirst().findField("tag").getType())
        .isEqualTo(ArrowType.Utf8.INSTANCE);
    assertThat(collector.tags).hasSize(30).contains("tag2");
  }

  @Test
  void aStreamWithoutRowsIsRefused() throws Exception {
    Notebook.write(folder, 1, arrow.get());
    assertThatThrownBy(() -> export("line!state", Span.ALL, new Collector(), false))
        .hasMessageContaining("has no rows");
  }

  private Archive open() {
    return Archive.open(folder, "default", Notebook::options);
  }

  private Export.Written export(String stream, Span span, Collector collector, boolean plain)
      throws Exception {
    try (Archive archive = open()) {
      return new ExportRun<>(archive, stream, span, collector, "", plain, arrow.get()).write();
    }
  }

  private Map<String, List<Byte>> content() throws IOException {
    Map<String, List<Byte>> all = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        List<Byte> bytes = new ArrayList<>();
        for (byte one : Files.readAllBytes(file)) {
          bytes.add(one);
        }
        all.put(file.toString(), bytes);
      }
    }
    return all;
  }

  private Path biggest() throws IOException {
    Path biggest = folder;
    long most = -1;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (Files.size(file) > most) {
          most = Files.size(file);
          biggest = file;
        }
      }
    }
    return biggest;
  }

  /** Flips a bit of a value where it stands in a record. */
  private static void flip(Path file, double value) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int at = 0;
    while (bytes.getDouble(at) != value) {
      at++;
    }
    bytes.put(at, (byte) (bytes.get(at) ^ 1));
    Files.write(file, bytes.array());
  }

  /** A sink that remembers. */
  private static final class Collector implements SinkFactory<String> {
    final List<Object> values = new ArrayList<>();
    final List<Object> tags = new ArrayList<>();
    final List<Long> keys = new ArrayList<>();
    final List<Schema> schemas = new ArrayList<>();
    int finished;

    @Override
    public String name() {
      return "files";
    }

    @Override
    public String title() {
      return "remembers";
    }

    @Override
    public Class<String> config() {
      return String.class;
    }

    @Override
    public Sink open(String config, Schema in, SinkContext context) {
      schemas.add(in);
      return new Sink() {
        @Override
        public void write(Batch batch) {
          keys.add(batch.sequence());
          values.addAll(Rows.column(batch, "value"));
          tags.addAll(Rows.column(batch, "tag"));
        }

        @Override
        public void finish() {
          finished++;
        }
      };
    }
  }
}
