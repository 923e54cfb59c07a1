package kr.madang.inference;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What one workspace has had of one version of a model. Counted without locks and without making
 * anything: each thread adds to one of a few stripes. Any thread; times are nanoseconds.
 */
public final class Use {
  private static final long[] BOUNDS = {
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000L,
    5_000_000_000L,
    10_000_000_000L
  };
  private static final int BUCKETS = BOUNDS.length + 1;
  private static final int STAGES = Stage.values().length;

  private static final int CALLS = 0;
  private static final int FAILED = 1;
  private static final int REJECTED = 2;
  private static final int ROWS = 3;
  private static final int COMPUTE = 4;
  private static final int BYTES_IN = 5;
  private static final int BYTES_OUT = 6;
  private static final int SUMS = 7;
  private static final int SPREADS = SUMS + STAGES;

  /** Of one stripe, so wide that two stripes share no cache line. */
  private static final int WIDTH = (SPREADS + STAGES * BUCKETS + 15) / 8 * 8;

  private static final int STRIPES =
      Math.min(8, Integer.highestOneBit(Runtime.getRuntime().availableProcessors() * 2 - 1));

  private final Key key;
  private final AtomicLongArray cells = new AtomicLongArray(WIDTH * STRIPES);

  /** Nothing was used yet. */
  Use(Key key) {
    this.key = key;
  }

  /** Who had a model run. */
  public enum By {
    /** Callers from outside. */
    CALLERS,
    /** Steps of pipelines; a batch is a call. */
    PIPELINES
  }

  /** Where the time of a call goes. */
  public enum Stage {
    /** It waits for a core. */
    QUEUE,
    /** It has one: others that go along are found, and the rows laid together. */
    BATCH,
    /** The graph runs. */
    RUN,
    /** The answer is written down for the caller. */
    RENDER
  }

  /**
   * Whose use of what.
   *
   * @param workspace that pays
   * @param model {@code *} where too many are told apart already
   * @param version exact; empty with {@code *}
   */
  public record Key(String workspace, String model, String version, By by) {}

  /**
   * The use until a moment.
   *
   * @param calls that were answered
   * @param failed calls that did not fit the model, or whose run failed
   * @param rejected calls that were not run: limits, overload, deadlines, cancelled
   * @param rows of the calls that were answered
   * @param computeNanos on cores; of a run for several callers the part of one's own rows
   * @param bytesIn of the tensors that came
   * @param bytesOut of the tensors that went
   * @param stages how long each took, in the order of {@link Stage}
   */
  public record Snapshot(
      Key key,
      long calls,
      long failed,
      long rejected,
      long rows,
      long computeNanos,
      long bytesIn,
      long bytesOut,
      List<Spread> stages) {

    /** Makes the list unmodifiable. */
    public Snapshot {
      stages = List.copyOf(stages);
    }
  }

  /**
   * How often something took how long.
   *
   * @param counts one for each of {@link #bounds}, and one for what took longer; not cumulative
   * @param sumNanos of all
   */
  public record Spread(List<Long> counts, long sumNanos) {
    /** Makes the list unmodifiable. */
    public Spread {
      counts = List.copyOf(counts);
    }

    /** The upper ends of the buckets, nanoseconds, each of which still belongs to its bucket. */
    public static List<Long> bounds() {
      return Arrays.stream(BOUNDS).boxed().toList();
    }
  }

  /** The use until now. */
  public Snapshot now() {
    long[] sums = new long[SPREADS + STAGES * BUCKETS];
    for (int stripe = 0; stripe < STRIPES; stripe++) {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += cells.get(stripe * WIDTH + i);
      }
    }
    Spread[] stages = new Spread[STAGES];
    for (int stage = 0; stage < STAGES; stage++) {
      int from = SPREADS + stage * BUCKETS;
      stages[stage] =
          new Spread(
              Arrays.stream(sums, from, from + BUCKETS).boxed().toList(), sums[SUMS + stage]);
    }
    return new Snapshot(
        key,
        sums[CALLS],
        sums[FAILED],
        sums[REJECTED],
        sums[ROWS],
        sums[COMPUTE],
        sums[BYTES_IN],
        sums[BYTES_OUT],
        List.of(stages));
  }

  /** A call was answered, or a batch of a pipeline run. */
  void answered(long rows, long computeNanos, long bytesIn, long bytesOut) {
    int at = stripe();
    cells.getAndAdd(at + CALLS, 1);
    cells.getAndAdd(at + ROWS, rows);
    cells.getAndAdd(at + COMPUTE, computeNanos);
    cells.getAndAdd(at + BYTES_IN, bytesIn);
    cells.getAndAdd(at + BYTES_OUT, bytesOut);
  }

  /** Cores were used, whatever comes of it. */
  void computed(long nanos) {
    cells.getAndAdd(stripe() + COMPUTE, nanos);
  }

  /** A stage of a call is over. */
  void took(Stage stage, long nanos) {
    int at = stripe();
    cells.getAndAdd(at + SUMS + stage.ordinal(), nanos);
    cells.getAndAdd(at + SPREADS + stage.ordinal() * BUCKETS + bucket(nanos), 1);
  }

  void failed(long computeNanos) {
    int at = stripe();
    cells.getAndAdd(at + FAILED, 1);
    cells.getAndAdd(at + COMPUTE, computeNanos);
  }

  void rejected() {
    cells.getAndAdd(stripe() + REJECTED, 1);
  }

  /** Most are short: the first bounds are met first. */
  private static int bucket(long nanos) {
    int bucket = 0;
    while (bucket < BOUNDS.length && nanos > BOUNDS[bucket]) {
      bucket++;
    }
    return bucket;
  }

  private static int stripe() {
    return ((int) Thread.currentThread().threadId() & STRIPES - 1) * WIDTH;
  }
}
