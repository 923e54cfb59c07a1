package kr.madang.inference;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.model.TensorBinding.OnBad;

/** Decides row by row what happens to a batch in which not every value is Good. */
final class Triage {
  private final String model;
  private final Map<String, BitSet> rejected = new TreeMap<>();
  private int[] worst = {};
  private OnBad[] bad = {};
  private int[] run = {};
  private int[] kept = {};
  private boolean[] marked = {};

  Triage(String model) {
    this.model = model;
  }

  /** Looks at a batch that the inputs are bound to. */
  void look(List<InputTensor> inputs, int rows) {
    rejected.clear();
    worst = new int[rows];
    bad = new OnBad[rows];
    for (InputTensor input : inputs) {
      for (FieldSource source : input.sources()) {
        if (!source.clean(rows)) {
          look(input, source, rows);
        }
      }
    }
    sort(rows);
  }

  private void look(InputTensor input, FieldSource source, int rows) {
    OnBad policy = input.spec().onBad();
    for (int row = 0; row < rows; row++) {
      int status = source.status(row);
      if (!Quality.isBad(status)) {
        worst[row] = Quality.worst(worst[row], status);
        continue;
      }
      worst[row] =
          Quality.worst(
              worst[row], policy == OnBad.MARK_UNCERTAIN ? Quality.UNCERTAIN_SUB_NORMAL : status);
      OnBad before = bad[row];
      if (policy == OnBad.REJECT && before != OnBad.REJECT) {
        rejected.computeIfAbsent(why(input, source, status), _ -> new BitSet()).set(row);
      }
      if (before == null || policy.ordinal() < before.ordinal()) {
        bad[row] = policy;
      }
    }
  }

  private String why(InputTensor input, FieldSource source, int status) {
    return "model %s, input '%s': field '%s' is %s, and its onBad is reject"
        .formatted(model, input.spec().tensor(), source.field, Quality.name(status));
  }

  private void sort(int rows) {
    int running = 0;
    int keeping = 0;
    boolean anyMarked = false;
    int[] runRows = new int[rows];
    int[] keptRows = new int[rows];
    for (int row = 0; row < rows; row++) {
      if (bad[row] == OnBad.REJECT) {
        continue;
      }
      keptRows[keeping++] = row;
      if (bad[row] != OnBad.SKIP) {
        runRows[running++] = row;
        anyMarked |= bad[row] == OnBad.MARK_UNCERTAIN;
      }
    }
    run = Arrays.copyOf(runRows, running);
    kept = Arrays.copyOf(keptRows, keeping);
    marked = new boolean[anyMarked ? rows : 0];
    for (int row = 0; row < marked.length; row++) {
      marked[row] = bad[row] == OnBad.MARK_UNCERTAIN;
    }
  }

  /** The rows that are run, in order. */
  int[] run() {
    return run;
  }

  /** The rows that have a row in the output, in order: those that are run or skipped. */
  int[] kept() {
    return kept;
  }

  /** The rows that are run with NaN where a value is missing; empty if there are none. */
  boolean[] marked() {
    return marked;
  }

  /** The status of the outputs of a row. */
  int status(int row) {
    return worst[row];
  }

  /** Whether the row is kept but not run. */
  boolean skipped(int row) {
    return bad[row] == OnBad.SKIP;
  }

  /** Rejected rows by reason. */
  Map<String, BitSet> rejected() {
    return rejected;
  }
}
