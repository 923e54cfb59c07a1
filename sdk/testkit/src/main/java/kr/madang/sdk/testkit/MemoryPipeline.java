package kr.madang.sdk.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Steps and a sink in a row, run in memory on the thread of the test: what goes in, what comes out,
 * and where each row of each stage is. There is no retry, no journal and no second thread; what a
 * stage throws reaches the test. The memory is free once it is closed.
 */
public final class MemoryPipeline implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final int MOST_IDLE = 100;

  private final BufferAllocator allocator;
  private final List<Step> steps = new ArrayList<>();
  private final List<Map<String, @Nullable Object>> rows = new ArrayList<>();
  private final List<String> rejects = new ArrayList<>();
  private Schema schema;
  private @Nullable Sink sink;
  private long delivered;
  private boolean ended;

  /** Rows of this schema go in. */
  public MemoryPipeline(BufferAllocator allocator, Schema in) {
    this.allocator = allocator;
    this.schema = in;
  }

  /**
   * Where the input rows of a step are. {@code in = absorbed + filtered + rejected + dropped +
   * held}.
   *
   * @param in rows it was given
   * @param held of the latest of them that coming outputs still depend on
   * @param emitted rows that came of it
   */
  public record Account(
      long in, long filtered, long rejected, Map<String, Long> dropped, long held, long emitted) {
    /** Rows that are part of what came out, or were looked at and are done with. */
    public long absorbed() {
      return in
          - filtered
          - rejected
          - dropped.values().stream().mapToLong(Long::longValue).sum()
          - held;
    }
  }

  /** Adds a step behind what is there; it is opened for the schema that comes to it. */
  public <C> MemoryPipeline step(TransformFactory<C> factory, C config) throws Exception {
    if (sink != null) {
      throw new IllegalStateException("a step cannot stand behind the sink");
    }
    Transform opened = factory.open(config, schema, new FakeTransformContext(allocator));
    steps.add(new Step(opened, steps.size()));
    schema = opened.schema();
    return this;
  }

  /** Adds the sink. */
  public <C> MemoryPipeline sink(SinkFactory<C> factory, C config) throws Exception {
    factory.check(config, schema);
    FakeSinkContext context =
        new FakeSinkContext(allocator, new ManualClock(), Duration.ofSeconds(2), rejects);
    sink = factory.open(config, schema, context);
    return this;
  }

  /** What comes out at the end. */
  public Schema schema() {
    return schema;
  }

  /** Sends a batch through, and closes it. */
  public void feed(Batch batch) throws Exception {
    if (ended) {
      throw new IllegalStateException("the pipeline has ended");
    }
    pass(0, batch);
  }

  /**
   * Sends all of a finite source through, then ends.
   *
   * @return how many rows it had
   * @throws AssertionError if it says nothing for 10 s before its end
   */
  public <C> long feedAll(SourceFactory<C> factory, C config) throws Exception {
    FakeSourceContext context = new FakeSourceContext(allocator);
    long count = 0;
    int idle = 0;
    try (var source = factory.open(config, context)) {
      if (!(source instanceof LogSource log)) {
        throw new AssertionError("expected a LogSource, which has an end, got " + source);
      }
      for (Poll poll = log.poll(POLL); !(poll instanceof Poll.Done); poll = log.poll(POLL)) {
        if (poll instanceof Poll.Rows some) {
          count += some.batch().rows();
          feed(some.batch());
          log.acknowledge(some.position());
          idle = 0;
        } else if (++idle == MOST_IDLE) {
          throw new AssertionError("the source is idle and says of no end");
        }
      }
    } finally {
      context
          .connections()
          .forEach(connection -> {
            try {
              connection.close();
            } catch (Exception e) {
              throw new AssertionError("a connection does not close", e);
            }
          });
    }
    rejects.addAll(context.rejects());
    end();
    return count;
  }

  /** No more rows will come: each step gives what it still has, the sink finishes. */
  public void end() throws Exception {
    ended = true;
    for (Step step : steps) {
      step.transform.flush(step);
    }
    Sink last = sink;
    if (last != null) {
      last.finish();
    }
  }

  /** What came out at the end so far, see {@link Rows#of}. */
  public List<Map<String, @Nullable Object>> rows() {
    return rows;
  }

  /** The account of the step at this place, 0 for the first. */
  public Account account(int step) {
    return steps.get(step).account();
  }

  /** What stages and the source have rejected, with the reasons. */
  public List<String> rejects() {
    return rejects;
  }

  private void pass(int at, Batch batch) throws Exception {
    try (batch) {
      if (at < steps.size()) {
        steps.get(at).take(batch);
        return;
      }
      rows.addAll(Rows.of(batch));
      Sink last = sink;
      if (last != null) {
        try (Batch named = batch.retainAs("default/test/sink", 1, delivered)) {
          last.write(named);
        }
      }
      delivered += batch.rows();
    }
  }

  @Override
  public void close() throws Exception {
    Exception failure = null;
    List<AutoCloseable> open = new ArrayList<>();
    steps.forEach(step -> open.add(step.transform));
    Sink last = sink;
    if (last != null) {
      open.add(last);
    }
    for (AutoCloseable stage : open) {
      try {
        stage.close();
      } catch (Exception e) {
        failure = failure == null ? e : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  private final class Step implements BatchOutput {
    private final Transform transform;
    private final int at;
    private final Map<String, Long> dropped = new TreeMap<>();
    private long in;
    private long filtered;
    private long rejected;
    private long emitted;

    Step(Transform transform, int at) {
      this.transform = transform;
      this.at = at;
    }

    void take(Batch batch) throws Exception {
      in += batch.rows();
      transform.apply(batch, this);
    }

    Account account() {
      return new Account(in, filtered, rejected, Map.copyOf(dropped), transform.held(), emitted);
    }

    @Override
    public void emit(Batch batch) throws InterruptedException {
      emitted += batch.rows();
      try {
        pass(at + 1, batch);
      } catch (RuntimeException | InterruptedException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException("a stage behind this one failed", e);
      }
    }

    @Override
    public void filtered(long count) {
      filtered += count;
    }

    @Override
    public void dropped(String policy, long count) {
      dropped.merge(policy, count, Long::sum);
    }

    @Override
    public void reject(Batch batch, BitSet bits, String why) {
      rejected += bits.cardinality();
      rejects.add(bits + " → " + why);
    }
  }
}
