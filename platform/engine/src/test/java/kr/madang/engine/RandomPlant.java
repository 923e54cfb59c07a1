package kr.madang.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import kr.madang.engine.Graph.Limits;
import kr.madang.engine.Graph.SinkNode;
import kr.madang.engine.Graph.SourceNode;
import kr.madang.engine.Graph.StepNode;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * A random pipeline of stages that fail at random, and what is to be known of its rows. A row is a
 * number: its source times a million, and its place in the source.
 */
final class RandomPlant {
  static final int MILLION = 1_000_000;

  /** How often each kind of error comes; the rest of the calls succeed. */
  record Trouble(double passing, double lasting) {}

  final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  /** Rows that a step or a sink kept out on purpose, or refused with an error that lasts. */
  final Set<Double> settledElsewhere = ConcurrentHashMap.newKeySet();

  /** By source: the position that was acknowledged last. */
  final int[] acknowledged = new int[2];

  /** By sink: what its far side has for good. */
  final List<List<Double>> durable = new ArrayList<>();

  final List<String> broken = Collections.synchronizedList(new ArrayList<>());
  final int[] rows = new int[2];
  final Graph graph;
  private final long seed;
  private final Trouble trouble;
  private final AtomicInteger lives = new AtomicInteger();
  private final AtomicInteger left = new AtomicInteger(60);

  RandomPlant(long seed, Trouble trouble) {
    this.seed = seed;
    this.trouble = trouble;
    Random random = new Random(seed);
    List<SourceNode<?>> sources = new ArrayList<>();
    int count = 1 + random.nextInt(2);
    for (int i = 0; i < count; i++) {
      rows[i] = 20 + random.nextInt(300);
      sources.add(source(i, 1 + random.nextInt(20)));
    }
    List<String> names = new ArrayList<>(sources.stream().map(SourceNode::name).toList());
    List<StepNode<?>> steps = new ArrayList<>();
    int stepCount = random.nextInt(5);
    for (int i = 0; i < stepCount; i++) {
      steps.add(step("step" + i, some(names, random), random));
      names.add("step" + i);
    }
    List<SinkNode<?>> sinks = new ArrayList<>();
    int sinkCount = 1 + random.nextInt(3);
    for (int i = 0; i < sinkCount; i++) {
      List<Double> far = Collections.synchronizedList(new ArrayList<>());
      durable.add(far);
      List<String> from = i == 0 ? List.of(names.getLast()) : some(names, random);
      sinks.add(sink("sink" + i, from, far, random.nextInt(3)));
    }
    long memory = random.nextInt(3) == 0 ? 256 << 10 : 16 << 20;
    Limits limits =
        new Limits(
            memory,
            1 + random.nextInt(4),
            Duration.ofSeconds(1),
            Duration.ofNanos(50_000),
            Duration.ofMillis(1),
            0);
    graph = new Graph("default", "random", limits, sources, steps, sinks);
  }

  /** The sinks that rows of a source can come to. */
  BitSet sinksOf(int source) {
    return Reach.sinks(graph, "source" + source);
  }

  ThreadFactory factory() {
    return run -> {
      Thread thread = Thread.ofPlatform().daemon().unstarted(run);
      threads.add(thread);
      return thread;
    };
  }

  private static List<String> some(List<String> names, Random random) {
    List<String> mixed = new ArrayList<>(names);
    Collections.shuffle(mixed, random);
    return List.copyOf(mixed.subList(0, 1 + random.nextInt(Math.min(2, mixed.size()))));
  }

  private Random life(String of) {
    return new Random(seed * 31 + of.hashCode() * 17L + lives.incrementAndGet());
  }

  /** Small when trouble comes. It comes to an end, so that a run does. */
  private double dice(Random random) {
    double dice = random.nextDouble();
    return dice < trouble.passing + trouble.lasting && left.getAndDecrement() <= 0 ? 1 : dice;
  }

  private void maybeFail(Random random, String where) {
    double dice = dice(random);
    if (dice < trouble.passing) {
      throw new PluginException(
          random.nextBoolean() ? ErrorCode.UNREACHABLE : ErrorCode.EXHAUSTED, where);
    }
    if (dice < trouble.passing + trouble.lasting) {
      throw random.nextBoolean()
          ? new IllegalStateException(where)
          : new PluginException(ErrorCode.REFUSED, where);
    }
  }

  private SourceNode<String> source(int number, int batch) {
    SourceNode<String> made =
        Plant.source(
            Optional.of(Plant.SCHEMA), List.of(), context -> new Log(number, batch, context));
    return new SourceNode<>("source" + number, made.factory(), "", factory());
  }

  private StepNode<String> step(String name, List<String> from, Random random) {
    int kind = random.nextInt(5);
    StepNode<String> made =
        Plant.step(name, from.get(0), true, (in, context) -> new Step(name, kind, in, context));
    return new StepNode<>(
        name,
        from,
        made.factory(),
        "",
        random.nextBoolean() ? Optional.of(factory()) : Optional.empty());
  }

  private SinkNode<String> sink(String name, List<String> from, List<Double> far, int kind) {
    SinkNode<String> made =
        Plant.sink(
            name,
            from.get(0),
            context -> {
              Random random = life(name);
              if (dice(random) < trouble.passing) {
                throw new PluginException(ErrorCode.UNREACHABLE, "open");
              }
              return new Far(name, kind, far, random, context);
            });
    return new SinkNode<>(name, from, made.factory(), "", factory());
  }

  static double[] values(Batch batch) {
    Float8Vector x = (Float8Vector) batch.root().getVector("x");
    double[] values = new double[batch.rows()];
    for (int i = 0; i < values.length; i++) {
      values[i] = x.get(i);
    }
    return values;
  }

  static Batch batch(BufferAllocator allocator, double... values) {
    try (FrameWriter writer = new FrameWriter(allocator, Plant.SCHEMA)) {
      for (double value : values) {
        writer.begin((long) value);
        writer.set(0, value, 0);
      }
      return writer.take();
    }
  }

  /** Counts up from its position. */
  private final class Log implements LogSource {
    private final int number;
    private final int size;
    private final SourceContext context;
    private final Random random;
    private int next;

    Log(int number, int size, SourceContext context) {
      this.number = number;
      this.size = size;
      this.context = context;
      this.random = life("source" + number);
      maybeFailPassing("open");
      next = context.position().map(p -> Integer.parseInt(p.value())).orElse(0);
    }

    private void maybeFailPassing(String where) {
      if (dice(random) < trouble.passing) {
        throw new PluginException(ErrorCode.UNREACHABLE, where);
      }
    }

    @Override
    public Poll poll(Duration atMost) {
      maybeFailPassing("poll");
      if (random.nextInt(10) == 0) {
        return new Poll.Idle();
      }
      if (next >= rows[number]) {
        return new Poll.Done();
      }
      int end = Math.min(rows[number], next + 1 + random.nextInt(size));
      double[] values = new double[end - next];
      for (int i = 0; i < values.length; i++) {
        values[i] = number * (double) MILLION + next + i;
      }
      Batch batch = batch(context.allocator(), values);
      next = end;
      return new Poll.Rows(batch, new Position(Integer.toString(end)));
    }

    @Override
    public void acknowledge(Position position) {
      maybeFailPassing("acknowledge");
      int upTo = Integer.parseInt(position.value());
      if (upTo < acknowledged[number]) {
        broken.add("acknowledged " + upTo + " after " + acknowledged[number]);
      }
      acknowledged[number] = upTo;
    }
  }

  /** Passes, filters, duplicates, rejects or holds. */
  private final class Step implements Transform {
    private final int kind;
    private final Schema schema;
    private final BufferAllocator allocator;
    private final Random random;
    private final List<Double> held = new ArrayList<>();

    Step(String name, int kind, Schema schema, TransformContext context) {
      this.kind = kind;
      this.schema = schema;
      this.allocator = context.allocator();
      this.random = life(name);
    }

    @Override
    public Schema schema() {
      return schema;
    }

    @Override
    public void apply(Batch in, BatchOutput out) throws Exception {
      double[] values = values(in);
      try {
        maybeFail(random, "apply");
      } catch (IllegalStateException e) {
        settle(values);
        throw e;
      } catch (PluginException e) {
        if (!e.code().retriable()) {
          settle(values);
        }
        throw e;
      }
      switch (kind) {
        case 0 -> out.emit(in.retain());
        case 1 -> {
          List<Double> odd = new ArrayList<>();
          for (double value : values) {
            if (value % 2 == 0) {
              settledElsewhere.add(value);
            } else {
              odd.add(value);
            }
          }
          Batch kept = make(odd);
          out.filtered(values.length - odd.size());
          out.emit(kept);
        }
        case 2 -> {
          out.emit(in.retain());
          maybeFailAgain();
          out.emit(in.retain());
        }
        case 3 -> {
          BitSet bad = new BitSet();
          List<Double> good = new ArrayList<>();
          for (int i = 0; i < values.length; i++) {
            if (values[i] % 5 == 0) {
              bad.set(i);
              settledElsewhere.add(values[i]);
            } else {
              good.add(values[i]);
            }
          }
          out.reject(in, bad, "a multiple of five");
          out.emit(make(good));
        }
        default -> hold(values, out);
      }
    }

    /** Keeps up to thirty rows back. */
    private void hold(double[] values, BatchOutput out) throws InterruptedException {
      List<Double> all = new ArrayList<>(held);
      for (double value : values) {
        all.add(value);
      }
      int go = all.size() > 30 ? all.size() - random.nextInt(20) : 0;
      out.emit(make(all.subList(0, go)));
      held.clear();
      held.addAll(all.subList(go, all.size()));
    }

    private void maybeFailAgain() {
      if (dice(random) < trouble.passing) {
        throw new PluginException(ErrorCode.EXHAUSTED, "between two outputs");
      }
    }

    private Batch make(List<Double> values) {
      return batch(allocator, values.stream().mapToDouble(x -> x).toArray());
    }

    private void settle(double[] values) {
      for (double value : values) {
        settledElsewhere.add(value);
      }
    }

    @Override
    public long held() {
      return held.size();
    }

    @Override
    public void flush(BatchOutput out) throws Exception {
      maybeFailAgain();
      out.emit(make(held));
      held.clear();
    }
  }

  /** A sink that writes through, or in blocks, or nothing before its end. */
  private final class Far implements Sink {
    private final String name;
    private final int kind;
    private final List<Double> far;
    private final Random random;
    private final SinkContext context;
    private final List<Double> open = new ArrayList<>();
    private long next = -1;

    Far(String name, int kind, List<Double> far, Random random, SinkContext context) {
      this.name = name;
      this.kind = kind;
      this.far = far;
      this.random = random;
      this.context = context;
    }

    @Override
    public void write(Batch batch) {
      if (batch.sequence() < next) {
        broken.add(name + " got " + batch.sequence() + " after " + next + " in one life");
      }
      next = batch.sequence() + batch.rows();
      double[] values = values(batch);
      BitSet bad = new BitSet();
      for (int i = 0; i < values.length; i++) {
        if (values[i] % 7 == 0) {
          settledElsewhere.add(values[i]);
          bad.set(i);
        }
      }
      context.reject(batch, bad, "a multiple of seven");
      double dice = dice(random);
      if (dice < trouble.passing) {
        throw new PluginException(ErrorCode.TIMEOUT, "write");
      }
      if (dice < trouble.passing + trouble.lasting) {
        for (double value : values) {
          settledElsewhere.add(value);
        }
        throw new IllegalStateException("write");
      }
      for (double value : values) {
        open.add(value);
      }
      if (kind == 0 || (kind == 1 && open.size() > 40)) {
        commit();
      }
    }

    private void commit() {
      far.addAll(open);
      open.clear();
    }

    @Override
    public long held() {
      return open.size();
    }

    @Override
    public void finish() {
      if (dice(random) < trouble.passing) {
        throw new PluginException(ErrorCode.UNREACHABLE, "finish");
      }
      commit();
    }

    @Override
    public void close() {
      open.clear();
      if (dice(random) < trouble.passing) {
        throw new PluginException(ErrorCode.UNREACHABLE, "close");
      }
    }
  }
}
