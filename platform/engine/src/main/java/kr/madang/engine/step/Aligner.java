package kr.madang.engine.step;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.StateInput;
import kr.madang.sdk.transform.StateOutput;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Samples to frames. What is emitted depends on the order of the samples alone, never on where one
 * batch ends or on a clock: whether a frame is closed is asked after each sample.
 */
final class Aligner implements Transform {
  private static final String STATE = "align";
  private static final int ROWS_PER_BATCH = 4096;
  private static final long LATEST_TIME = 1L << 62;
  private static final int NOT_ASKED_FOR = -1;

  private final TransformContext context;
  private final long every;
  private final long lateness;
  private final long maxGap;
  private final long maxAhead;
  private final boolean coverage;

  private final Map<String, Integer> signalByTag = new HashMap<>();
  private final Signal[] signals;
  private final boolean[] waits;
  private final int[] source;
  private final AlignStep.Fill[] fill;
  private final long[] maxAge;
  private final long longestWait;
  private final FrameRows frames;

  private @Nullable Object knownTags;
  private int[] signalByNumber = new int[0];

  /** Input rows so far; the last {@code held} begin with one that no closed frame has seen. */
  private long total;

  private long held;

  private boolean started;
  private long next;
  private long watermark = Long.MIN_VALUE;

  /** The watermark that closes the next frame. */
  private long due = Long.MAX_VALUE;

  /** Whether frames are being left out; for the log alone. */
  private boolean gap;

  private int behind;
  private int behindAndWaitedFor;

  Aligner(AlignStep.Config config, DeclaredTags tags, TransformContext context) {
    this.context = context;
    every = config.every().toNanos();
    lateness = config.lateness().toNanos();
    maxGap = config.maxGap().toNanos();
    maxAhead = config.maxAhead().toNanos();
    coverage = config.coverage();
    int count = config.fields().size();
    source = new int[count];
    fill = new AlignStep.Fill[count];
    maxAge = new long[count];
    List<Field> fields = new ArrayList<>();
    List<Signal> found = new ArrayList<>();
    boolean[] waiting = new boolean[count];
    long longest = 0;
    for (Map.Entry<String, AlignStep.Point> entry : config.fields().entrySet()) {
      AlignStep.Point point = entry.getValue();
      int field = fields.size();
      String unit = tags.unit(point.tag());
      fields.add(Frames.field(entry.getKey(), Frames.DOUBLE, unit, point.tag()));
      Integer signal = signalByTag.get(point.tag());
      if (signal == null) {
        signal = found.size();
        signalByTag.put(point.tag(), signal);
        found.add(new Signal(config.buffer()));
      }
      source[field] = signal;
      fill[field] = point.fill();
      Duration limit = point.maxAge().orElse(config.every().multipliedBy(10));
      maxAge[field] = limit.toNanos();
      if (point.fill() != AlignStep.Fill.HOLD) {
        waiting[signal] = true;
        longest = Math.max(longest, maxAge[field]);
      }
    }
    if (coverage) {
      fields.add(Frames.field(AlignStep.COVERAGE, Frames.DOUBLE, "1", ""));
    }
    signals = found.toArray(Signal[]::new);
    waits = Arrays.copyOf(waiting, signals.length);
    longestWait = longest;
    frames = new FrameRows(context.allocator(), Frames.schema(fields));
  }

  @Override
  public Schema schema() {
    return frames.schema();
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // the identity of the tags is what says they are the same
  public void apply(Batch in, BatchOutput out) throws InterruptedException {
    Samples samples = Samples.of(in);
    int rows = samples.rows();
    if (rows == 0) {
      return;
    }
    if (samples.tagsIdentity() != knownTags) {
      learn(samples);
    }
    VectorSchemaRoot root = in.root();
    ArrowBuf tags = root.getVector(0).getDataBuffer();
    FieldVector valueColumn = root.getVector(1);
    ArrowBuf values = valueColumn.getDataBuffer();
    ArrowBuf valueSet = valueColumn.getValidityBuffer();
    boolean allValues = valueColumn.getNullCount() == 0;
    ArrowBuf statuses = root.getVector(5).getDataBuffer();
    FieldVector sourceColumn = root.getVector(6);
    ArrowBuf sourceTimes = sourceColumn.getDataBuffer();
    ArrowBuf sourceSet = sourceColumn.getValidityBuffer();
    boolean allSource = sourceColumn.getNullCount() == 0;
    boolean noSource = sourceColumn.getNullCount() == rows;
    ArrowBuf receiveTimes = root.getVector(7).getDataBuffer();

    long firstRow = total;
    total += rows;
    long filtered = 0;
    long late = 0;
    long overflowed = 0;
    for (int row = 0; row < rows; row++) {
      long received = Math.max(0, receiveTimes.getLong((long) row << 3));
      long time = received;
      boolean believed = true;
      if (!noSource && (allSource || BitVectorHelper.get(sourceSet, row) == 1)) {
        time = sourceTimes.getLong((long) row << 3);
        if (time < 0 || time > LATEST_TIME || received > 0 && time - received > maxAhead) {
          time = received;
          believed = false;
        }
      }
      int number = signalByNumber[tags.getInt((long) row << 2)];
      if (number == NOT_ASKED_FOR) {
        filtered++;
      } else {
        int status = statuses.getInt((long) row << 2);
        double value = Double.NaN;
        if (allValues || BitVectorHelper.get(valueSet, row) == 1) {
          value = values.getDouble((long) row << 3);
        } else if (!Quality.isBad(status)) {
          Long whole = samples.longValue(row);
          if (whole != null) {
            value = whole;
          } else {
            status = noNumber(root, row);
          }
        }
        if (Double.isNaN(value) && !Quality.isBad(status)) {
          status = Quality.BAD_OUT_OF_RANGE;
        }
        if (!believed && Quality.isGood(status)) {
          status = Quality.UNCERTAIN;
        }
        switch (add(number, time, value, status, firstRow + row)) {
          case Signal.LATE -> late++;
          case Signal.OVERFLOWED -> overflowed++;
          default -> {}
        }
      }
      if (time - lateness > watermark) {
        watermark = time - lateness;
      }
      if (watermark >= due) {
        closeFrames(out);
      }
    }
    emit(out);
    held = total - Math.min(total, oldestHeldRow());
    if (filtered > 0) {
      out.filtered(filtered);
    }
    if (late > 0) {
      out.dropped("late", late);
    }
    if (overflowed > 0) {
      out.dropped("overflow", overflowed);
    }
  }

  private static int noNumber(VectorSchemaRoot root, int row) {
    boolean other = !root.getVector(3).isNull(row) || !root.getVector(4).isNull(row);
    return other ? Quality.BAD_TYPE_MISMATCH : Quality.BAD_NO_DATA;
  }

  private void learn(Samples samples) {
    signalByNumber = new int[samples.tagCount()];
    for (int tag = 0; tag < signalByNumber.length; tag++) {
      signalByNumber[tag] = signalByTag.getOrDefault(samples.tagName(tag), NOT_ASKED_FOR);
    }
    knownTags = samples.tagsIdentity();
  }

  private int add(int number, long time, double value, int status, long row) {
    Signal signal = signals[number];
    if (!started) {
      started = true;
      advance(ceiling(time));
    }
    boolean wasBehind = !signal.reaches(next);
    int result = signal.add(time, value, status, row, next, every);
    if (wasBehind && time >= next) {
      behind--;
      if (waits[number]) {
        behindAndWaitedFor--;
      }
      findDue();
    }
    return result;
  }

  /** The first instant of the grid at or after a time. */
  private long ceiling(long time) {
    return -Math.floorDiv(-time, every) * every;
  }

  private void advance(long to) {
    next = to;
    behind = 0;
    behindAndWaitedFor = 0;
    for (int i = 0; i < signals.length; i++) {
      signals[i].forget(next);
      if (!signals[i].reaches(next)) {
        behind++;
        if (waits[i]) {
          behindAndWaitedFor++;
        }
      }
    }
    findDue();
  }

  private void findDue() {
    if (behind == 0) {
      due = next;
    } else {
      due = next + 1 + (behindAndWaitedFor == 0 ? 0 : longestWait);
    }
  }

  private void closeFrames(BatchOutput out) throws InterruptedException {
    while (watermark >= due) {
      if (write(next)) {
        advance(next + every);
      } else {
        // Here every signal is behind, so the frames up to this instant are due as well.
        long undecided = Math.max(next + every, ceiling(watermark - longestWait));
        skip(Math.min(undecided, nextSample()));
      }
      if (frames.rows() == ROWS_PER_BATCH) {
        emit(out);
      }
    }
  }

  /** Writes a frame, unless no field has a value and the last sample is long ago. */
  private boolean write(long time) {
    frames.begin(time);
    int present = 0;
    for (int field = 0; field < source.length; field++) {
      Signal signal = signals[source[field]];
      signal.read(fill[field], maxAge[field], time);
      if (Quality.isBad(signal.status)) {
        frames.missing(field, signal.status);
      } else {
        frames.set(field, signal.value, signal.status);
        present++;
      }
    }
    if (coverage) {
      frames.set(source.length, (double) present / source.length, Quality.GOOD);
    }
    if (present == 0 && inGap(time)) {
      frames.undo();
      return false;
    }
    gap = false;
    return true;
  }

  private boolean inGap(long time) {
    for (Signal signal : signals) {
      long before = signal.before(time);
      if (before != Long.MIN_VALUE && time - before <= maxGap) {
        return false;
      }
    }
    return true;
  }

  private void skip(long to) {
    if (!gap) {
      gap = true;
      context
          .logger()
          .info(
              "no samples for longer than maxGap: frames from {} on are left out until one comes",
              Instant.ofEpochSecond(0, next));
    }
    advance(to);
  }

  /** The first frame after the next sample that is known, or the greatest long. */
  private long nextSample() {
    long first = Long.MAX_VALUE;
    for (Signal signal : signals) {
      first = Math.min(first, signal.after(next));
    }
    return first == Long.MAX_VALUE ? first : ceiling(first);
  }

  private void emit(BatchOutput out) throws InterruptedException {
    if (frames.rows() > 0) {
      out.emit(frames.take());
    }
  }

  private long oldestHeldRow() {
    long oldest = Long.MAX_VALUE;
    for (Signal signal : signals) {
      oldest = Math.min(oldest, signal.oldestRowAfter(next - every));
    }
    return oldest;
  }

  @Override
  public long held() {
    return held;
  }

  @Override
  public void flush(BatchOutput out) throws InterruptedException {
    long last = Long.MIN_VALUE;
    for (Signal signal : signals) {
      if (!signal.isEmpty()) {
        last = Math.max(last, signal.newest());
      }
    }
    while (started && next <= last) {
      if (write(next)) {
        advance(next + every);
      } else {
        skip(nextSample());
      }
      if (frames.rows() == ROWS_PER_BATCH) {
        emit(out);
      }
    }
    emit(out);
    held = 0;
  }

  @Override
  public void save(StateOutput out) {
    int bytes = 1 + 4 * Long.BYTES;
    for (Signal signal : signals) {
      bytes += signal.bytes();
    }
    ByteBuffer state = ByteBuffer.allocate(bytes);
    state.put((byte) (started ? 1 : 0)).putLong(next).putLong(watermark);
    state.putLong(total).putLong(held);
    for (Signal signal : signals) {
      signal.save(state);
    }
    out.putBytes(STATE, state.array());
  }

  @Override
  public void restore(StateInput in) {
    byte[] saved = in.getBytes(STATE).orElse(null);
    if (saved == null) {
      return;
    }
    ByteBuffer state = ByteBuffer.wrap(saved);
    started = state.get() == 1;
    next = state.getLong();
    watermark = state.getLong();
    total = state.getLong();
    held = state.getLong();
    for (Signal signal : signals) {
      signal.restore(state);
    }
    if (started) {
      advance(next);
    }
  }

  @Override
  public void close() {
    frames.close();
  }
}
