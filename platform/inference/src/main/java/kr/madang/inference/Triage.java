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
  private static final byte RUN = 0;
  private static final byte SKIP = 1;
  private static final byte REJECT = 2;

  private final String model;
  private final Map<String, BitSet> rejected = new TreeMap<>();
  private int[] worst = {};
  private byte[] fate = {};
  private int[] run = {};
  private int[] kept = {};

  Triage(String model) {
    this.model = model;
  }

  /** Looks at a batch that the inputs are bound to. */
  void look(List<InputTensor> inputs, int rows) {
    rejected.clear();
    worst = new int[rows];
    fate = new byte[rows];
    for (InputTensor input : inputs) {
      Substitutes[] substitutes = input.substitutes();
      for (int i = 0; i < input.sources().length; i++) {
        FieldSource source = input.sources()[i];
        if (!source.clean(rows)) {
          new Look(input, source).over(substitutes, i, rows);
        } else if (substitutes.length > 0) {
          substitutes[i].remember(rows - 1);
        }
      }
    }
    sort(rows);
  }

  /** One field of one input. */
  private final class Look {
    private final InputTensor input;
    private final FieldSource source;
    private final OnBad policy;

    /** The rows that are rejected for the status that was met last. */
    private BitSet same = new BitSet();

    private int sameStatus;

    Look(InputTensor input, FieldSource source) {
      this.input = input;
      this.source = source;
      this.policy = input.spec().onBad();
    }

    void over(Substitutes[] substitutes, int index, int rows) {
      for (int row = 0; row < rows; row++) {
        int status = source.status(row);
        if (!Quality.isBad(status)) {
          worst[row] = Quality.worst(worst[row], status);
        } else {
          bad(row, status, substitutes, index);
        }
        if (substitutes.length > 0) {
          substitutes[index].remember(row);
        }
      }
    }

    private void bad(int row, int status, Substitutes[] substitutes, int index) {
      int becomes = status;
      byte what = RUN;
      switch (policy) {
        case OnBad.Reject _ -> what = REJECT;
        case OnBad.Skip _ -> what = SKIP;
        case OnBad.Hold _ -> {
          becomes = Quality.UNCERTAIN_LAST_USABLE_VALUE;
          what = substitutes[index].fill(row) ? RUN : REJECT;
        }
        case OnBad.Impute _ -> {
          becomes = Quality.UNCERTAIN_SUBSTITUTE_VALUE;
          what = substitutes[index].fill(row) ? RUN : REJECT;
        }
        case OnBad.MarkUncertain _ -> {
          becomes = Quality.UNCERTAIN_SUB_NORMAL;
          what = source.filled(row) ? RUN : REJECT;
        }
      }
      worst[row] = Quality.worst(worst[row], what == REJECT ? status : becomes);
      if (what == REJECT && fate[row] != REJECT) {
        reject(row, status);
      }
      fate[row] = (byte) Math.max(fate[row], what);
    }

    private void reject(int row, int status) {
      if (same.isEmpty() || status != sameStatus) {
        same = rejected.computeIfAbsent(why(status), _ -> new BitSet());
        sameStatus = status;
      }
      same.set(row);
    }

    private String why(int status) {
      return "model %s, input '%s': field '%s' is %s, and its onBad is %s%s"
          .formatted(
              model,
              input.spec().tensor(),
              source.field,
              Quality.name(status),
              Policies.text(policy),
              switch (policy) {
                case OnBad.Hold _ -> ", but no Good value of that time came before it";
                case OnBad.MarkUncertain _ -> ", but it has no value";
                default -> "";
              });
    }
  }

  private void sort(int rows) {
    int running = 0;
    int keeping = 0;
    int[] runRows = new int[rows];
    int[] keptRows = new int[rows];
    for (int row = 0; row < rows; row++) {
      if (fate[row] == REJECT) {
        continue;
      }
      keptRows[keeping++] = row;
      if (fate[row] != SKIP) {
        runRows[running++] = row;
      }
    }
    run = Arrays.copyOf(runRows, running);
    kept = Arrays.copyOf(keptRows, keeping);
  }

  /** The rows that are run, in order. */
  int[] run() {
    return run;
  }

  /** The rows that have a row in the output, in order: those that are run or skipped. */
  int[] kept() {
    return kept;
  }

  /** The status of the outputs of a row. */
  int status(int row) {
    return worst[row];
  }

  /** Whether the row is kept but not run. */
  boolean skipped(int row) {
    return fate[row] == SKIP;
  }

  /** Rejected rows by reason. */
  Map<String, BitSet> rejected() {
    return rejected;
  }
}
