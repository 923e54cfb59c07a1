package kr.madang.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import kr.madang.engine.Graph.Delivery;
import kr.madang.engine.Graph.SinkNode;
import kr.madang.engine.Graph.StepNode;
import kr.madang.engine.PipelineStatus.Phase;
import kr.madang.journal.JournalOptions;
import kr.madang.journal.Journals;
import kr.madang.journal.disk.SimDisk;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.testkit.ManualClock;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.StateInput;
import kr.madang.sdk.transform.StateOutput;
import kr.madang.sdk.transform.Transform;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A pipeline is killed, or loses power, again and again in the middle of its work, and what it has
 * delivered in all its lives is what it would have delivered in one.
 */
class CrashTest {
  private static final int ROWS = 3_000;
  private static final int LIVES = 6;

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path state;

  static LongStream seeds() {
    long random = System.nanoTime();
    System.out.println("CrashTest: random seed " + random);
    long count = Long.getLong("madang.seeds", 8);
    return LongStream.concat(LongStream.range(1, count), LongStream.of(random));
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void nothingIsLostDoubledOrChanged(long seed) throws Exception {
    Random random = new Random(seed);
    World world = new World();
    SimDisk disk = new SimDisk();
    for (int life = 0; life < LIVES; life++) {
      disk = live(disk, world, random, life == LIVES - 1);
    }
    world.check();
  }

  /** One life; gives the disk that it leaves. */
  private SimDisk live(SimDisk disk, World world, Random random, boolean last) throws Exception {
    AtomicReference<SimDisk> left = new AtomicReference<>();
    long end = disk.operations() + 5 + random.nextInt(60);
    boolean power = random.nextBoolean();
    world.alive = true;
    if (!last) {
      disk.watch((operation, moment) -> {
        if (operation >= end && left.get() == null) {
          world.alive = false;
          left.set(power ? disk.powerCut(random.nextLong()) : disk.crash());
        }
      });
    }
    JournalOptions options = JournalOptions.of(disk, new ManualClock(), Plant.THREADS);
    Journals journals = new Journals(Path.of("/journal"), options);
    Engine engine =
        new Engine(
            new EngineOptions(
                arrow.get(), new ManualClock(), Plant.THREADS, new Random(1), state, journals));
    try {
      Pipeline pipeline = engine.start(world.graph());
      PipelineStatus status = null;
      long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (left.get() == null && !pipeline.ended().isDone()) {
        assertThat(System.nanoTime())
            .as("%s %s", pipeline.status(), pipeline.ledger())
            .isLessThan(limit);
        Thread.onSpinWait();
      }
      if (left.get() != null) {
        pipeline.stop(Duration.ZERO);
      }
      status = pipeline.ended().get(20, TimeUnit.SECONDS);
      if (left.get() == null) {
        assertThat(status.phase()).as(status.toString()).isEqualTo(Phase.FINISHED);
        Ledger ledger = pipeline.ledger();
        assertThat(ledger.balanced()).as(ledger.toString()).isTrue();
        assertThat(ledger.dropped()).as(ledger.toString()).isZero();
        assertThat(ledger.links()).extracting(Ledger.Link::to).doesNotHaveDuplicates();
        world.finished = true;
        world.letters(engine);
      }
    } finally {
      journals.close();
    }
    SimDisk after = left.get();
    if (after != null) {
      after.watch(null);
      return after;
    }
    disk.watch(null);
    return disk;
  }

  /** What is outside of the pipeline and outlives it. */
  private static final class World {
    volatile boolean alive = true;
    boolean finished;
    private long acknowledged;
    private final Map<String, Map<Long, Double>> delivered = new TreeMap<>();
    private List<DeadLetter> letters = List.of();

    Graph graph() {
      SinkNode<String> quick = Plant.sink("quick", "sum", _ -> new Far("quick", 0));
      SinkNode<String> slow = Plant.sink("slow", "pairs", _ -> new Far("slow", 40));
      SinkNode<String> live =
          new SinkNode<>(
              "live",
              List.of("source"),
              Plant.sink("live", "source", _ -> new Far("live", 7)).factory(),
              "",
              Plant.THREADS,
              new Delivery(true, 0));
      List<StepNode<?>> steps =
          List.of(
              Plant.step("sum", "source", false, (in, _) -> new Sum(in)),
              Plant.step("pairs", "sum", true, (in, _) -> new Pairs(in)));
      return new Graph(
          "default",
          "test",
          Plant.FAST,
          Durability.Journaled.DEFAULT,
          List.of(Plant.source(Optional.of(Plant.SCHEMA), List.of(), Numbers::new)),
          steps,
          List.of(quick, slow, live));
    }

    void letters(Engine engine) {
      letters =
          engine
              .deadLetters("default", "test")
              .list(Optional.empty(), Optional.empty(), Integer.MAX_VALUE);
    }

    void check() {
      assertThat(finished).isTrue();
      List<Double> all = new ArrayList<>();
      List<Double> sums = new ArrayList<>();
      List<Double> pairs = new ArrayList<>();
      List<String> odd = new ArrayList<>();
      double sum = 0;
      for (int i = 0; i < ROWS; i++) {
        all.add((double) i);
        if (i % 13 == 5) {
          odd.add("" + i);
          continue;
        }
        sum += i;
        sums.add(sum);
        if (sums.size() % 2 == 0) {
          pairs.add(sums.get(sums.size() - 2) * 3 + sum);
        }
      }
      assertThat(numbers("live")).isEqualTo(all);
      assertThat(numbers("quick")).isEqualTo(sums);
      assertThat(numbers("slow")).isEqualTo(pairs);
      assertThat(letters.stream().mapToInt(DeadLetter::rows).sum()).isEqualTo(odd.size());
      assertThat(letters).extracting(DeadLetter::sequence).doesNotHaveDuplicates();
    }

    private List<Double> numbers(String sink) {
      Map<Long, Double> rows = delivered.getOrDefault(sink, Map.of());
      assertThat(rows.keySet())
          .containsExactlyElementsOf(LongStream.range(0, rows.size()).boxed().toList());
      return List.copyOf(rows.values());
    }

    private synchronized void deliver(String sink, long sequence, double value) {
      if (alive) {
        Double before = delivered.computeIfAbsent(sink, _ -> new TreeMap<>()).put(sequence, value);
        if (before != null) {
          assertThat(before).as("%s %s written again", sink, sequence).isEqualTo(value);
        }
      }
    }

    /** Counts from where it was told to. */
    private final class Numbers implements LogSource {
      private final BufferAllocator allocator;
      private int next;

      Numbers(SourceContext context) {
        allocator = context.allocator();
        next = context.position().map(p -> Integer.parseInt(p.value())).orElse(0);
        assertThat((long) next)
            .as("resumes behind what was acknowledged")
            .isGreaterThanOrEqualTo(acknowledged);
      }

      @Override
      public Poll poll(Duration atMost) {
        if (next >= ROWS) {
          return new Poll.Done();
        }
        try (FrameWriter writer = new FrameWriter(allocator, Plant.SCHEMA)) {
          for (int i = 0; i < 17 && next < ROWS; i++, next++) {
            writer.begin(next * 1_000_000L);
            writer.set(0, next, 0);
          }
          return new Poll.Rows(writer.take(), new Position(Integer.toString(next)));
        }
      }

      @Override
      public void acknowledge(Position position) {
        if (alive) {
          acknowledged = Long.parseLong(position.value());
        }
      }
    }

    /** The far side: has for good what was flushed. */
    private final class Far implements Sink {
      private final String name;
      private final int buffer;
      private final List<Runnable> held = new ArrayList<>();

      Far(String name, int buffer) {
        this.name = name;
        this.buffer = buffer;
      }

      @Override
      public void write(Batch batch) {
        Float8Vector values = (Float8Vector) batch.root().getVector("x");
        for (int i = 0; i < batch.rows(); i++) {
          long sequence = batch.sequence() + i;
          double value = values.get(i);
          held.add(() -> deliver(name, sequence, value));
        }
        if (held.size() > buffer) {
          finish();
        }
      }

      @Override
      public long held() {
        return held.size();
      }

      @Override
      public void finish() {
        held.forEach(Runnable::run);
        held.clear();
      }
    }
  }

  /** Adds up; cannot take some. */
  private static final class Sum implements Transform {
    private final Schema schema;
    private double sum;

    Sum(Schema schema) {
      this.schema = schema;
    }

    @Override
    public Schema schema() {
      return schema;
    }

    @Override
    public void apply(Batch in, BatchOutput out) throws Exception {
      Float8Vector values = (Float8Vector) in.root().getVector("x");
      BitSet odd = new BitSet();
      try (FrameWriter writer =
          new FrameWriter(in.root().getVector(0).getAllocator(), Plant.SCHEMA)) {
        for (int i = 0; i < in.rows(); i++) {
          if ((long) values.get(i) % 13 == 5) {
            odd.set(i);
          } else {
            sum += values.get(i);
            writer.begin(0);
            writer.set(0, sum, 0);
          }
        }
        out.reject(in, odd, "odd");
        out.emit(writer.take());
      }
    }

    @Override
    public void save(StateOutput out) {
      out.putDouble("sum", sum);
    }

    @Override
    public void restore(StateInput in) {
      sum = in.getDouble("sum").orElseThrow();
    }
  }

  /** Makes one of two; holds a row in between. */
  private static final class Pairs implements Transform {
    private final Schema schema;
    private boolean has;
    private double first;

    Pairs(Schema schema) {
      this.schema = schema;
    }

    @Override
    public Schema schema() {
      return schema;
    }

    @Override
    public long held() {
      return has ? 1 : 0;
    }

    @Override
    public void apply(Batch in, BatchOutput out) throws Exception {
      Float8Vector values = (Float8Vector) in.root().getVector("x");
      try (FrameWriter writer =
          new FrameWriter(in.root().getVector(0).getAllocator(), Plant.SCHEMA)) {
        for (int i = 0; i < in.rows(); i++) {
          if (has) {
            writer.begin(0);
            writer.set(0, first * 3 + values.get(i), 0);
          } else {
            first = values.get(i);
          }
          has = !has;
        }
        out.emit(writer.take());
      }
    }

    @Override
    public void save(StateOutput out) {
      out.putLong("has", has ? 1 : 0);
      out.putDouble("first", first);
    }

    @Override
    public void restore(StateInput in) {
      has = in.getLong("has").orElseThrow() == 1;
      first = in.getDouble("first").orElseThrow();
    }
  }
}
