package kr.madang.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import kr.madang.engine.Graph.Limits;
import kr.madang.engine.Graph.SinkNode;
import kr.madang.engine.Graph.SourceNode;
import kr.madang.engine.Graph.StepNode;
import kr.madang.journal.JournalOptions;
import kr.madang.journal.Journals;
import kr.madang.journal.disk.SimDisk;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.Source;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.source.Tag;
import kr.madang.sdk.testkit.ManualClock;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import kr.madang.sdk.transform.TransformFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.types.pojo.Schema;

/** Small stages made of lambdas, and the graphs made of them. */
final class Plant {
  static final Schema SCHEMA = Frames.schema(List.of(Frames.field("x", Frames.DOUBLE, "", "")));
  static final ThreadFactory THREADS = Thread.ofPlatform().daemon().name("test-", 0).factory();
  static final Limits FAST =
      new Limits(
          64L << 20, 4, Duration.ofSeconds(2), Duration.ofMillis(2), Duration.ofMillis(20), 0);

  private static final Map<Path, Journals> JOURNALS = new ConcurrentHashMap<>();

  private Plant() {}

  static Engine engine(BufferAllocator allocator, Path state) {
    return new Engine(
        new EngineOptions(
            allocator, new ManualClock(), THREADS, new Random(1), state, journals(state)));
  }

  /** Journals in memory, the same for a state as long as the tests run. */
  static Journals journals(Path state) {
    return JOURNALS.computeIfAbsent(
        state,
        folder ->
            new Journals(folder, JournalOptions.of(new SimDisk(), new ManualClock(), THREADS)));
  }

  /** Opens a source. */
  interface OpenSource {
    Source open(SourceContext context) throws Exception;
  }

  /** Opens a sink. */
  interface OpenSink {
    Sink open(SinkContext context) throws Exception;
  }

  /** Opens a step. */
  interface OpenStep {
    Transform open(Schema in, TransformContext context) throws Exception;
  }

  static SourceNode<String> source(Optional<Schema> frames, List<String> tags, OpenSource open) {
    return new SourceNode<>(
        "source",
        new SourceFactory<String>() {
          @Override
          public String name() {
            return "test";
          }

          @Override
          public Class<String> config() {
            return String.class;
          }

          @Override
          public List<Tag> tags(String config) {
            return tags.stream().map(Tag::new).toList();
          }

          @Override
          public Optional<Schema> frames(String config) {
            return frames;
          }

          @Override
          public Source open(String config, SourceContext context) throws Exception {
            return open.open(context);
          }
        },
        "",
        THREADS);
  }

  static SinkNode<String> sink(String name, String from, OpenSink open) {
    return new SinkNode<>(
        name,
        List.of(from),
        new SinkFactory<String>() {
          @Override
          public String name() {
            return "test";
          }

          @Override
          public Class<String> config() {
            return String.class;
          }

          @Override
          public Sink open(String config, Schema in, SinkContext context) throws Exception {
            return open.open(context);
          }
        },
        "",
        THREADS);
  }

  static StepNode<String> step(String name, String from, boolean ofPlugin, OpenStep open) {
    return new StepNode<>(
        name,
        List.of(from),
        new TransformFactory<String>() {
          @Override
          public String name() {
            return name;
          }

          @Override
          public Class<String> config() {
            return String.class;
          }

          @Override
          public Transform open(String config, Schema in, TransformContext context)
              throws Exception {
            return open.open(in, context);
          }
        },
        "",
        ofPlugin ? Optional.of(THREADS) : Optional.empty());
  }

  static Graph graph(SourceNode<?> source, List<StepNode<?>> steps, List<SinkNode<?>> sinks) {
    return new Graph("default", "test", FAST, List.of(source), steps, sinks);
  }

  /** A finite source that counts x from 0, with the count as its position. */
  static final class Counter implements LogSource {
    private final SourceContext context;
    private final int rows;
    private final int batch;
    private final List<String> acknowledged;
    private int next;

    Counter(SourceContext context, int rows, int batch, List<String> acknowledged) {
      this.context = context;
      this.rows = rows;
      this.batch = batch;
      this.acknowledged = acknowledged;
      this.next = context.position().map(p -> Integer.parseInt(p.value())).orElse(0);
    }

    @Override
    public Poll poll(Duration atMost) {
      if (next >= rows) {
        return new Poll.Done();
      }
      try (FrameWriter writer = new FrameWriter(context.allocator(), SCHEMA)) {
        for (int i = 0; i < batch && next < rows; i++, next++) {
          writer.begin(next * 1_000_000L);
          writer.set(0, next, 0);
        }
        return new Poll.Rows(writer.take(), new Position(Integer.toString(next)));
      }
    }

    @Override
    public void acknowledge(Position position) {
      acknowledged.add(position.value());
    }
  }

  static SourceNode<String> counter(int rows, int batch, List<String> acknowledged) {
    return source(
        Optional.of(SCHEMA), List.of(), context -> new Counter(context, rows, batch, acknowledged));
  }

  /** A sink that keeps the numbers it was given. */
  static final class Collected {
    final List<Double> values = Collections.synchronizedList(new ArrayList<>());
    final List<Long> sequences = Collections.synchronizedList(new ArrayList<>());

    Sink open(SinkContext context) {
      return open(_ -> {});
    }

    Sink open(Consumer<Batch> before) {
      return batch -> {
        before.accept(batch);
        Float8Vector x = (Float8Vector) batch.root().getVector("x");
        for (int i = 0; i < batch.rows(); i++) {
          values.add(x.get(i));
          sequences.add(batch.sequence() + i);
        }
      };
    }
  }
}
