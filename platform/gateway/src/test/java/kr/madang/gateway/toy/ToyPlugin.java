package kr.madang.gateway.toy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import kr.madang.sdk.Plugin;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.source.PolledSource;
import kr.madang.sdk.source.Source;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.source.SourceFactory;
import org.apache.arrow.vector.types.pojo.Schema;

/** Counts without end; every row of {@code odd} is not a number. */
public final class ToyPlugin implements Plugin {
  /** How fast. */
  public record Pace(@Doc("Between two counts.") @Default("5ms") Duration every) {}

  /** What it does not take. */
  public record Taste(
      @Doc("Samples of this tag are refused unless they are Good.") @Default("none")
          String refuses) {}

  /** Where it waits, and what it notes. */
  public record Gate(
      @Doc("While this file is there nothing goes on.") String file,
      @Doc("Where the whole numbers are noted that came, one a line.") String seen) {}

  @Override
  public List<SourceFactory<?>> sources() {
    return List.of(new Counter());
  }

  @Override
  public List<SinkFactory<?>> sinks() {
    return List.of(new Oblivion(), new Dam());
  }

  private static final class Counter implements SourceFactory<Pace> {
    @Override
    public String name() {
      return "counter";
    }

    @Override
    public Class<Pace> config() {
      return Pace.class;
    }

    @Override
    public Source open(Pace config, SourceContext context) {
      return new PolledSource() {
        private long count;

        @Override
        public Duration every() {
          return config.every();
        }

        @Override
        public void read(SampleWriter out) {
          out.put("count", ++count);
          out.put(out.tag("odd"), Double.NaN, Quality.UNCERTAIN, SampleWriter.NO_TIME);
        }
      };
    }
  }

  private static final class Oblivion implements SinkFactory<Taste> {
    @Override
    public String name() {
      return "oblivion";
    }

    @Override
    public Class<Taste> config() {
      return Taste.class;
    }

    @Override
    public Sink open(Taste config, Schema in, SinkContext context) {
      return new Sink() {
        @Override
        public void write(Batch batch) {
          Samples samples = Samples.of(batch);
          BitSet refused = new BitSet();
          for (int row = 0; row < samples.rows(); row++) {
            boolean mine = samples.tagName(samples.tag(row)).equals(config.refuses());
            refused.set(row, mine && !Quality.isGood(samples.status(row)));
          }
          if (!refused.isEmpty()) {
            context.reject(batch, refused, "no good sample of " + config.refuses());
          }
        }
      };
    }
  }

  /** Takes nothing as long as a test likes. */
  private static final class Dam implements SinkFactory<Gate> {
    @Override
    public String name() {
      return "dam";
    }

    @Override
    public Class<Gate> config() {
      return Gate.class;
    }

    @Override
    public Sink open(Gate config, Schema in, SinkContext context) {
      return new Sink() {
        @Override
        public void write(Batch batch) throws Exception {
          while (Files.exists(Path.of(config.file()))) {
            Thread.sleep(2);
          }
          Samples samples = Samples.of(batch);
          StringBuilder lines = new StringBuilder();
          for (int row = 0; row < samples.rows(); row++) {
            lines.append(samples.longValue(row)).append('\n');
          }
          Files.writeString(
              Path.of(config.seen()), lines, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
      };
    }
  }
}
