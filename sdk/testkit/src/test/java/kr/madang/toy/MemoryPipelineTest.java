package kr.madang.toy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.Source;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.testkit.MemoryPipeline;
import kr.madang.sdk.testkit.TestAllocator;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Stages of the toys, one behind the other. */
class MemoryPipelineTest {
  private static final ToyConfig CONFIG = new ToyConfig(1, ToyConfig.Kind.LOG, Optional.empty());

  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  private final List<String> stored = new ArrayList<>();
  private final List<String> accepted = new ArrayList<>();

  private Batch numbers(FrameWriter writer, double... values) {
    for (double value : values) {
      writer.begin(1);
      writer.set(0, value, Quality.GOOD);
    }
    return writer.take();
  }

  /** Keeps the names of rows. */
  private final class Shelf implements SinkFactory<ToyConfig> {
    @Override
    public String name() {
      return "shelf";
    }

    @Override
    public Class<ToyConfig> config() {
      return ToyConfig.class;
    }

    @Override
    public Sink open(ToyConfig config, Schema in, SinkContext context) {
      return batch -> {
        for (int row = 0; row < batch.rows(); row++) {
          stored.add(batch.stream() + ":" + (batch.sequence() + row));
        }
      };
    }
  }

  /** Six numbers in two batches, of which one is below 0 and one no number. */
  private final class Six implements SourceFactory<ToyConfig> {
    @Override
    public String name() {
      return "six";
    }

    @Override
    public Class<ToyConfig> config() {
      return ToyConfig.class;
    }

    @Override
    public Source open(ToyConfig config, SourceContext context) {
      FrameWriter writer = new FrameWriter(context.allocator(), ToyTransform.IN);
      return new LogSource() {
        private int polls;

        @Override
        public Poll poll(Duration atMost) {
          return switch (polls++) {
            case 0 -> new Poll.Rows(numbers(writer, 1, -1, 2), new Position("3"));
            case 1 -> new Poll.Idle();
            case 2 -> new Poll.Rows(numbers(writer, Double.NaN, 4, 8), new Position("6"));
            default -> new Poll.Done();
          };
        }

        @Override
        public void acknowledge(Position position) {
          accepted.add(position.value());
        }

        @Override
        public void close() {
          writer.close();
        }
      };
    }
  }

  @Test
  void aFiniteSourceGoesThroughStepsAndSinkAndEveryRowIsAccountedFor() throws Exception {
    try (MemoryPipeline pipeline = new MemoryPipeline(arrow.get(), ToyTransform.IN)) {
      pipeline.step(new ToyTransform(), CONFIG).sink(new Shelf(), CONFIG);
      assertThat(pipeline.schema()).isEqualTo(ToyTransform.OUT);
      assertThat(pipeline.feedAll(new Six(), CONFIG)).isEqualTo(6);
      assertThat(pipeline.rows())
          .extracting(row -> row.get("sum"))
          .containsExactly(1.0, 3.0, 7.0, 15.0);
      MemoryPipeline.Account account = pipeline.account(0);
      assertThat(account.in()).isEqualTo(6);
      assertThat(account.filtered()).isEqualTo(1);
      assertThat(account.rejected()).isEqualTo(1);
      assertThat(account.absorbed()).isEqualTo(4);
      assertThat(account.emitted()).isEqualTo(4);
    }
    assertThat(stored)
        .containsExactly(
            "default/test/sink:0",
            "default/test/sink:1",
            "default/test/sink:2",
            "default/test/sink:3");
    assertThat(accepted).containsExactly("3", "6");
  }

  @Test
  void aStepThatDoesNotFitWhatComesToItIsRefusedByItself() throws Exception {
    try (MemoryPipeline pipeline = new MemoryPipeline(arrow.get(), ToyTransform.IN)) {
      pipeline.step(new ToyTransform(), CONFIG);
      assertThatThrownBy(() -> pipeline.step(new ToyTransform(), CONFIG))
          .hasMessageContaining("expected a field x");
    }
  }
}
