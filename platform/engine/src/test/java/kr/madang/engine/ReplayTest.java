package kr.madang.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import kr.madang.engine.PipelineStatus.Phase;
import kr.madang.engine.Plant.Collected;
import kr.madang.engine.compare.Agreement;
import kr.madang.engine.compare.CompareOptions;
import kr.madang.engine.compare.Comparer;
import kr.madang.engine.compare.Comparison;
import kr.madang.engine.compare.ResultFolder;
import kr.madang.engine.compare.ResultSummary;
import kr.madang.journal.Full;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.Transform;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ReplayTest {
  private static final Durability RECORDED =
      new Durability.Journaled(Full.BLOCK, 1L << 30, Duration.ofDays(1));

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path state;
  private final Collected collected = new Collected();

  private static Graph graph(Graph.SourceNode<?> source, double factor, Plant.OpenSink sink) {
    return new Graph(
        "default",
        "test",
        Plant.FAST,
        RECORDED,
        List.of(source),
        List.of(Plant.step("times", "source", true, (in, _) -> new Times(in, factor))),
        List.of(Plant.sink("sink", "times", sink)));
  }

  private Graph numbers(double factor) {
    return graph(Plant.counter(500, 7, new ArrayList<>()), factor, collected::open);
  }

  private ResultFolder replay(Graph graph, String folder) throws Exception {
    Path to = state.resolve(folder);
    Replay replay =
        Plant.engine(arrow.get(), state).replay(graph, "test", Recording.Range.ALL, to, folder);
    ResultSummary summary = replay.ended().get(20, TimeUnit.SECONDS);
    return new ResultFolder(to, summary);
  }

  private Comparison compare(ResultFolder a, ResultFolder b) throws Exception {
    return new Comparer(arrow.get()).compare(a, b, CompareOptions.DEFAULT);
  }

  private void record(Graph graph) throws Exception {
    Pipeline pipeline = Plant.engine(arrow.get(), state).start(graph);
    PipelineStatus end = pipeline.ended().get(20, TimeUnit.SECONDS);
    assertThat(end.phase()).as(end.toString()).isEqualTo(Phase.FINISHED);
  }

  @Test
  void twoReplaysOfOneRecordingAreEqualBitForBit() throws Exception {
    record(numbers(2));

    ResultFolder a = replay(numbers(2), "a");
    ResultFolder b = replay(numbers(2), "b");

    assertThat(a.file("sink")).hasSameBinaryContentAs(b.file("sink"));
    assertThat(a.summary().inputRows()).isEqualTo(500);
    assertThat(a.summary().outputRows()).containsEntry("sink", (long) collected.values.size());
    assertThat(compare(a, b).agreement()).isEqualTo(Agreement.IDENTICAL);
  }

  @Test
  void anotherVersionOfAStepDiffersWhereItDiffers() throws Exception {
    record(numbers(2));

    Comparison comparison = compare(replay(numbers(2), "a"), replay(numbers(2.5), "b"));

    assertThat(comparison.agreement()).isEqualTo(Agreement.DIFFERENT);
    assertThat(comparison.verdict()).contains("differ");
  }

  @Test
  void samplesOfAGrowingSetOfTagsAreComparedTagByTag() throws Exception {
    Graph.SourceNode<?> source =
        Plant.source(
            Optional.empty(),
            List.of(),
            context ->
                new LogSource() {
                  private final SampleWriter writer = new SampleWriter(context.allocator());
                  private int next;

                  @Override
                  public Poll poll(Duration atMost) {
                    if (next == 20) {
                      return new Poll.Done();
                    }
                    writer.receivedAt(next);
                    for (int i = 0; i <= next; i++) {
                      writer.put(writer.tag("tag" + i), i, Quality.GOOD, next * 1_000L);
                    }
                    next++;
                    return new Poll.Rows(writer.take(), new Position("" + next));
                  }

                  @Override
                  public void close() {
                    writer.close();
                  }
                });
    Graph samples =
        new Graph(
            "default",
            "test",
            Plant.FAST,
            RECORDED,
            List.of(source),
            List.of(),
            List.of(Plant.sink("sink", "source", _ -> (Sink) _ -> {})));
    record(samples);

    Comparison comparison = compare(replay(samples, "a"), replay(samples, "b"));

    assertThat(comparison.agreement())
        .as(comparison.findings() + " " + comparison.sinks())
        .isEqualTo(Agreement.IDENTICAL);
    assertThat(comparison.sinks().getFirst().columns()).hasSize(20);
  }

  @Test
  void whatWasNotRecordedIsNamed() {
    assertThatThrownBy(() -> replay(numbers(2), "a"))
        .hasMessageContaining("nothing is recorded of source 'source'");
  }

  @Test
  void aFolderThatIsNotEmptyIsNotTouched() throws Exception {
    record(numbers(2));
    Files.createDirectories(state.resolve("a"));
    Files.writeString(state.resolve("a/mine"), "x");

    assertThatThrownBy(() -> replay(numbers(2), "a")).hasMessageContaining("is not empty");
    assertThat(state.resolve("a/mine")).exists();
  }

  private record Times(Schema schema, double factor) implements Transform {
    @Override
    public void apply(Batch in, BatchOutput out) throws Exception {
      Float8Vector x = (Float8Vector) in.root().getVector("x");
      try (FrameWriter writer =
          new FrameWriter(in.root().getVector(0).getAllocator(), Plant.SCHEMA)) {
        for (int i = 0; i < in.rows(); i++) {
          writer.begin((long) x.get(i) * 1_000_000L);
          writer.set(0, x.get(i) * factor, Quality.GOOD);
        }
        out.emit(writer.take());
      }
    }
  }
}
