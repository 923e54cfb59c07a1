package kr.madang.inference;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import kr.madang.inference.Baseline.Side;
import kr.madang.inference.Columns.Column;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * What the inputs and outputs of one model in memory look like, for each workspace whose callers
 * and each pipeline whose step has it run, beside what they looked like when it was made. Any
 * thread. A run never waits for it: a batch that meets another one here is not looked at, and of
 * each column 16 values a batch are, spread evenly.
 */
public final class Drift {
  /** Values after which bins are laid where there is no baseline. */
  static final int LEARNT = 1_000;

  private static final int ENOUGH = 100;
  private static final int MOST_PLACES = 64;

  private final Binding binding;
  private final String[] outputs;
  private final LongSupplier ticks;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Place, Watch> watches = new LinkedHashMap<>();
  private volatile @Nullable Watch[] callers = {};
  private Baseline baseline = Baseline.NONE;
  private long windowNanos = Duration.ofHours(1).toNanos();
  private List<Column> columns = List.of();
  private @Nullable Bins[] bins = {};
  private double[][] learning = {};
  private int[] learnt = {};
  private int[] rowsIn = {};
  private int[] rowsOut = {};

  Drift(Binding binding, LongSupplier ticks) {
    this.binding = binding;
    this.ticks = ticks;
    this.outputs = binding.outputs().stream().map(OutputSpec::tensor).toArray(String[]::new);
  }

  /**
   * Where a model is used.
   *
   * @param workspace {@code *} for all that came after 64 others
   * @param pipeline empty for callers from outside
   * @param step of the pipeline
   */
  public record Place(String workspace, String pipeline, String step) {}

  /**
   * How a column has moved.
   *
   * @param index the population stability index; NaN while nothing was seen, or without a baseline
   * @param expected whether there is a baseline of it
   * @param missing share of the values; NaN while nothing was seen
   * @param usuallyMissing share in the baseline; 0 without one
   * @param outside share of the values below or above the range of the baseline
   * @param seen values that came, those that were missing too
   * @param sampled values that were looked at
   */
  public record Moved(
      Side side,
      String name,
      boolean expected,
      double index,
      double missing,
      double usuallyMissing,
      double outside,
      long seen,
      long sampled) {}

  /** The columns of a place within the window. */
  public record Figures(Place place, List<Moved> columns) {
    /** Makes the list unmodifiable. */
    public Figures {
      columns = List.copyOf(columns);
    }
  }

  /** One place; used under the lock. */
  final class Watch {
    private final Place place;
    private @Nullable Sightings sightings;

    private Watch(Place place) {
      this.place = place;
    }

    /** Looks at the tensors of a call. */
    void call(Checked call, List<Tensor> answers) {
      if (!lock.tryLock()) {
        return;
      }
      try {
        int rows = Math.toIntExact(call.rows());
        if (rows == 0) {
          return;
        }
        Sightings seen = begin(call, answers, rows);
        for (int c = 0; c < columns.size(); c++) {
          Column column = columns.get(c);
          Tensor tensor =
              column.side() == Side.INPUT
                  ? call.inputs().get(column.tensor())
                  : named(answers, outputs[column.tensor()]);
          if (tensor != null && elements(tensor) == (long) rows * column.elements()) {
            seen.seen(c, (long) rows * column.count());
            look(seen, c, type(column), MemorySegment.ofBuffer(tensor.data()).address(), rows);
          }
        }
      } finally {
        lock.unlock();
      }
    }

    private Sightings begin(Checked call, List<Tensor> answers, int rows) {
      if (columns.isEmpty()) {
        int[] in = new int[binding.inputs().size()];
        int[] out = new int[outputs.length];
        for (int i = 0; i < in.length; i++) {
          in[i] = (int) (elements(call.inputs().get(i)) / rows);
        }
        for (int i = 0; i < out.length; i++) {
          Tensor tensor = named(answers, outputs[i]);
          out[i] = tensor == null ? 0 : (int) (elements(tensor) / rows);
        }
        plan(in, out);
      }
      return sightings();
    }

    /**
     * Looks at a batch of a pipeline.
     *
     * @param rows of the batch
     * @param running rows that were run; where some are not the inputs are bound to the batch
     */
    void batch(Execution execution, int rows, int running, boolean clean) {
      if (!lock.tryLock()) {
        return;
      }
      try {
        if (columns.isEmpty()) {
          plan(
              execution.inputs().stream().mapToInt(InputTensor::elements).toArray(),
              execution.outputs().stream().mapToInt(OutputTensor::elements).toArray());
        }
        Sightings seen = sightings();
        for (int c = 0; c < columns.size(); c++) {
          Column column = columns.get(c);
          if (column.side() == Side.INPUT) {
            InputTensor input = execution.inputs().get(column.tensor());
            if (input.elements() == column.elements()) {
              seen.seen(c, (long) rows * column.count());
              if (!clean) {
                seen.missing(c, input.absent(column.field(), rows) * column.count());
              }
              if (running > 0) {
                look(seen, c, input.spec().type(), input.base(), running);
              }
            }
          } else if (running > 0) {
            OutputTensor output = execution.outputs().get(column.tensor());
            if (output.elements() == column.elements()) {
              seen.seen(c, (long) running * column.count());
              look(seen, c, output.spec().type(), output.base(), running);
            }
          }
        }
      } finally {
        lock.unlock();
      }
    }

    private Sightings sightings() {
      Sightings known = sightings;
      if (known == null) {
        known = new Sightings(columns, windowNanos);
        sightings = known;
      }
      known.at(ticks.getAsLong());
      return known;
    }

    private void look(Sightings seen, int c, ElementType type, long base, int rows) {
      Bins known = bins[c];
      if (known == null) {
        learn(c, type, base, rows);
      } else {
        seen.look(c, known, type, base, rows);
      }
    }
  }

  /** What somebody's callers send. */
  Watch of(Tenant tenant) {
    int number = tenant.number();
    @Nullable Watch[] known = callers;
    Watch found = number >= 0 && number < known.length ? known[number] : null;
    return found == null ? first(tenant) : found;
  }

  private Watch first(Tenant tenant) {
    lock.lock();
    try {
      Watch made = watch(new Place(tenant.name(), "", ""));
      int number = Math.max(0, tenant.number());
      @Nullable Watch[] more = Arrays.copyOf(callers, Math.max(callers.length, number + 1));
      more[number] = made;
      callers = more;
      return made;
    } finally {
      lock.unlock();
    }
  }

  /** What a step of a pipeline sees; the same again for the same place. */
  Watch of(Place place) {
    lock.lock();
    try {
      return watch(place);
    } finally {
      lock.unlock();
    }
  }

  private Watch watch(Place place) {
    Place kept =
        watches.size() < MOST_PLACES || watches.containsKey(place) ? place : new Place("*", "", "");
    return watches.computeIfAbsent(kept, Watch::new);
  }

  /** What is compared with from now on, over a window of so long; what was seen is forgotten. */
  public void expect(Baseline newBaseline, Duration window) {
    lock.lock();
    try {
      baseline = newBaseline;
      windowNanos = Math.max(1, window.toNanos());
      watches.values().forEach(watch -> watch.sightings = null);
      if (!columns.isEmpty()) {
        plan(rowsIn, rowsOut);
      }
    } finally {
      lock.unlock();
    }
  }

  /** What is compared with. */
  public Baseline expected() {
    lock.lock();
    try {
      return baseline;
    } finally {
      lock.unlock();
    }
  }

  /** What was seen within the window, by place. */
  public List<Figures> figures() {
    lock.lock();
    try {
      List<Figures> all = new ArrayList<>();
      for (Watch watch : watches.values()) {
        if (watch.sightings != null) {
          all.add(new Figures(watch.place, moved(watch.sightings())));
        }
      }
      return all;
    } finally {
      lock.unlock();
    }
  }

  private List<Moved> moved(Sightings sightings) {
    List<Moved> moved = new ArrayList<>();
    for (int c = 0; c < columns.size(); c++) {
      Sightings.Sum sum = sightings.sum(c);
      Bins known = bins[c];
      boolean expected = known != null && known.expected() != null;
      double values = sum.values();
      moved.add(
          new Moved(
              columns.get(c).side(),
              columns.get(c).name(),
              expected,
              known == null ? Double.NaN : known.index(sum),
              sum.seen() == 0 ? Double.NaN : Math.min(1, sum.missing() / (double) sum.seen()),
              known == null ? 0 : known.usuallyMissing(),
              values == 0 || !expected ? Double.NaN : sum.outside() / values,
              sum.seen(),
              sum.sampled()));
    }
    return moved;
  }

  /**
   * What was seen within the window, as a baseline.
   *
   * @param which places count
   * @throws PluginException EXHAUSTED while fewer than 100 values of a column were seen
   */
  public Baseline seen(Predicate<Place> which) {
    lock.lock();
    try {
      List<Baseline.Column> made = new ArrayList<>();
      for (int c = 0; c < columns.size(); c++) {
        Column column = columns.get(c);
        Bins known = bins[c];
        if (known == null) {
          require(column, learnt[c]);
          made.add(Reference.baseline(column, learning[c].clone(), learnt[c], 0));
          continue;
        }
        Sightings.Sum sum = null;
        for (Watch watch : watches.values()) {
          if (watch.sightings != null && which.test(watch.place)) {
            Sightings.Sum mine = watch.sightings().sum(c);
            sum = sum == null ? mine : sum.with(mine);
          }
        }
        require(column, sum == null ? 0 : sum.sampled());
        made.add(known.baseline(column, java.util.Objects.requireNonNull(sum)));
      }
      if (made.isEmpty()) {
        throw new PluginException(
            ErrorCode.EXHAUSTED,
            "model %s: nothing was seen yet; a baseline needs 100 values of each column"
                .formatted(binding.model()));
      }
      return new Baseline(made);
    } finally {
      lock.unlock();
    }
  }

  private void require(Column column, long values) {
    if (values < ENOUGH) {
      throw new PluginException(
          ErrorCode.EXHAUSTED,
          "model %s: expected 100 values of '%s' within the window for a baseline, got %d"
              .formatted(binding.model(), column.name(), values));
    }
  }

  /** The columns of a model whose rows have so many elements. */
  private void plan(int[] in, int[] out) {
    rowsIn = in;
    rowsOut = out;
    columns = Columns.of(binding, in, out);
    bins = new Bins[columns.size()];
    learning = new double[columns.size()][];
    learnt = new int[columns.size()];
    for (int c = 0; c < bins.length; c++) {
      Column column = columns.get(c);
      for (Baseline.Column known : baseline.columns()) {
        if (known.side() == column.side() && known.name().equals(column.name())) {
          bins[c] = Bins.of(column, known);
        }
      }
    }
  }

  private void learn(int c, ElementType type, long base, int rows) {
    double[] values = learning[c];
    if (values == null) {
      values = new double[LEARNT];
      learning[c] = values;
    }
    Column column = columns.get(c);
    for (int r = 0; r < rows && learnt[c] < LEARNT; r++) {
      for (int i = 0; i < column.count() && learnt[c] < LEARNT; i++) {
        long index = (long) r * column.elements() + column.offset() + (long) i * column.stride();
        double value = Cells.number(type, base, index);
        if (Double.isFinite(value)) {
          values[learnt[c]++] = value;
        }
      }
    }
    if (learnt[c] == LEARNT) {
      bins[c] = Bins.learnt(Stability.edges(values, LEARNT));
      learning[c] = new double[0];
    }
  }

  private ElementType type(Column column) {
    return column.side() == Side.INPUT
        ? binding.inputs().get(column.tensor()).type()
        : binding.outputs().get(column.tensor()).type();
  }

  private static @Nullable Tensor named(List<Tensor> tensors, String name) {
    for (int i = 0; i < tensors.size(); i++) {
      if (tensors.get(i).name().equals(name)) {
        return tensors.get(i);
      }
    }
    return null;
  }

  private static long elements(Tensor tensor) {
    long product = 1;
    for (long dimension : tensor.shape()) {
      product *= dimension;
    }
    return product;
  }
}
