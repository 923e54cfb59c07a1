package kr.madang.engine.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.BiFunction;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.testkit.CollectedOutput;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.testkit.MemoryState;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** Drives a step as the engine does: open, apply, save and restore, flush, close. */
final class Trial {
  /** A time from which tests count. */
  static final long T0 = 1_700_000_000_000_000_000L;

  static final long MS = 1_000_000;

  private Trial() {}

  /** What a step did; nothing in it holds memory. */
  record Outcome(
      List<Map<String, @Nullable Object>> rows,
      long filtered,
      Map<String, Long> dropped,
      List<String> rejects,
      long rejectedRows,
      List<Long> held) {
    /** All that must not depend on where batches end. */
    List<Object> essence() {
      return List.of(rows.toString(), filtered, new TreeMap<>(dropped), rejectedRows);
    }

    List<@Nullable Object> column(String name) {
      List<@Nullable Object> values = new ArrayList<>();
      rows.forEach(row -> values.add(row.get(name)));
      return values;
    }
  }

  /** A sample; {@code value} may be null. */
  record Sample(String tag, long time, @Nullable Double value, int status) {}

  static Sample good(String tag, long time, double value) {
    return new Sample(tag, time, value, Quality.GOOD);
  }

  /** A frame of float64 fields; a null is missing and Bad. */
  record Frame(long time, List<@Nullable Double> values, List<Integer> statuses) {}

  static Frame frame(long time, @Nullable Double... values) {
    List<@Nullable Double> list = new ArrayList<>();
    List<Integer> statuses = new ArrayList<>();
    for (Double value : values) {
      list.add(value);
      statuses.add(value == null ? Quality.BAD_SENSOR_FAILURE : Quality.GOOD);
    }
    return new Frame(time, list, statuses);
  }

  static Schema schema(String... fields) {
    List<org.apache.arrow.vector.types.pojo.Field> all = new ArrayList<>();
    for (String field : fields) {
      all.add(Frames.field(field, Frames.DOUBLE, "", ""));
    }
    return Frames.schema(all);
  }

  static Batch frames(BufferAllocator allocator, Schema schema, List<Frame> frames) {
    try (FrameWriter writer = new FrameWriter(allocator, schema)) {
      for (Frame frame : frames) {
        writer.begin(frame.time);
        for (int i = 0; i < frame.values.size(); i++) {
          Double value = frame.values.get(i);
          if (value == null) {
            writer.missing(i, frame.statuses.get(i));
          } else {
            writer.set(i, value, frame.statuses.get(i));
          }
        }
      }
      return writer.take();
    }
  }

  /** Source time as given, arrival the same; a negative time means no source time. */
  static Batch samples(BufferAllocator allocator, List<Sample> samples) {
    try (SampleWriter writer = new SampleWriter(allocator)) {
      for (Sample sample : samples) {
        writer.receivedAt(Math.abs(sample.time));
        long source = sample.time < 0 ? SampleWriter.NO_TIME : sample.time;
        int tag = writer.tag(sample.tag);
        if (sample.value == null) {
          writer.bad(tag, sample.status, source);
        } else {
          writer.put(tag, sample.value, sample.status, source);
        }
      }
      return writer.take();
    }
  }

  /**
   * Runs a step to the end of its input.
   *
   * @param make a batch of some of the rows
   * @param sizes of the batches; the rest comes as one
   * @param restartAfter the number of batches after which the step is saved, closed and opened
   *     anew; negative means never
   */
  static <C, R> Outcome run(
      TransformFactory<C> factory,
      C config,
      Schema in,
      List<R> rows,
      BiFunction<BufferAllocator, List<R>, Batch> make,
      List<Integer> sizes,
      int restartAfter) {
    try (RootAllocator allocator = new RootAllocator(1L << 30);
        CollectedOutput out = new CollectedOutput()) {
      FakeTransformContext context = new FakeTransformContext(allocator);
      List<Long> held = new ArrayList<>();
      Transform step = factory.open(config, in, context);
      try {
        int batches = 0;
        for (int from = 0; from < rows.size(); batches++) {
          if (batches == restartAfter) {
            step = restarted(step, factory, config, in, context);
          }
          int size = batches < sizes.size() ? sizes.get(batches) : rows.size();
          int to = Math.min(rows.size(), from + Math.max(1, size));
          try (Batch batch = make.apply(allocator, rows.subList(from, to))) {
            step.apply(batch, out);
          }
          held.add(step.held());
          from = to;
        }
        step.flush(out);
        held.add(step.held());
      } finally {
        step.close();
      }
      out.batches().forEach(batch -> sameSchema(batch, factory, config, in, context));
      return new Outcome(
          out.rows(), out.filteredRows(), out.dropped(), out.rejects(), out.rejectedRows(), held);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static <C> void sameSchema(
      Batch batch, TransformFactory<C> factory, C config, Schema in, FakeTransformContext context) {
    try (Transform step = factory.open(config, in, context)) {
      if (!step.schema().equals(batch.schema())) {
        throw new AssertionError("declared " + step.schema() + " but emitted " + batch.schema());
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static <C> Transform restarted(
      Transform step,
      TransformFactory<C> factory,
      C config,
      Schema in,
      FakeTransformContext context)
      throws Exception {
    try (MemoryState state = new MemoryState()) {
      step.save(state);
      step.close();
      Transform fresh = factory.open(config, in, context);
      fresh.restore(state);
      return fresh;
    }
  }

  /** Sizes of batches, drawn from a seed. */
  static List<Integer> sizes(long seed, int rows) {
    Random random = new Random(seed);
    List<Integer> sizes = new ArrayList<>();
    for (int total = 0; total < rows; total += sizes.getLast()) {
      sizes.add(1 + random.nextInt(random.nextInt(4) == 0 ? 40 : 4));
    }
    return sizes;
  }
}
