package kr.madang.inference;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import kr.madang.sdk.error.ErrorCode;
import org.jspecify.annotations.Nullable;

/**
 * What an old and a new version of a model answer, held against one another: call by call where
 * both have run the same rows, and by how the values are spread. Any thread.
 */
public final class Comparison {
  private static final int MOST_ROWS = 64;
  private static final long PAUSE_NANOS = 1_000_000;

  private final List<ModelInfo.Signature> declared;
  private final double tolerance;
  private final Map<String, Double> tolerances;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, OutputPair> outputs = new LinkedHashMap<>();
  private final long[] rows = new long[2];
  private final long[] unsound = new long[2];
  private final long[] looked = {System.nanoTime() - PAUSE_NANOS, System.nanoTime() - PAUSE_NANOS};
  private long compared;
  private long agreed;
  private long misshapen;
  private String shape = "";

  /**
   * Starts with nothing seen.
   *
   * @param declared the outputs of the old version, as its file says
   * @param tolerance the greatest difference of two numbers that agree, times the greater of both
   *     where that is above 1
   * @param tolerances of single outputs, by name
   */
  public Comparison(
      List<ModelInfo.Signature> declared, double tolerance, Map<String, Double> tolerances) {
    this.declared = List.copyOf(declared);
    this.tolerance = tolerance;
    this.tolerances = Map.copyOf(tolerances);
  }

  /**
   * What was seen until now.
   *
   * @param compared rows that both have run
   * @param agreed of these, rows of which all outputs agree: numbers within the tolerance, labels
   *     and texts equal
   * @param misshapen calls answered in another type or shape than the old version declares
   * @param shape what was misshapen, for people; else empty
   * @param oldRows looked at
   * @param freshRows looked at
   * @param oldUnsound of these, with something that is no number
   * @param freshUnsound of these, with something that is no number
   * @param shift the greatest population stability index of all outputs
   * @param outputs each by itself
   */
  public record Figures(
      long compared,
      long agreed,
      long misshapen,
      String shape,
      long oldRows,
      long freshRows,
      long oldUnsound,
      long freshUnsound,
      double shift,
      List<Output> outputs) {

    /** The share of rows that agree; 1 while none was compared. */
    public double agreement() {
      return compared == 0 ? 1 : agreed / (double) compared;
    }
  }

  /**
   * One output.
   *
   * @param agreement the share of rows that agree; 1 while none was compared
   * @param difference the greatest of two numbers; 0 for labels and texts
   * @param shift the greatest population stability index of its columns
   * @param values of the new version that the index rests on
   * @param oldMean of its numbers
   * @param freshMean of its numbers
   */
  public record Output(
      String name,
      double agreement,
      double difference,
      double shift,
      long values,
      double oldMean,
      double freshMean) {}

  /** What was seen until now. */
  public Figures figures() {
    lock.lock();
    try {
      List<Output> each = new ArrayList<>();
      double shift = 0;
      for (OutputPair pair : outputs.values()) {
        Output one = pair.figures();
        shift = Math.max(shift, one.shift());
        each.add(one);
      }
      return new Figures(
          compared,
          agreed,
          misshapen,
          shape,
          rows[Spread.OLD],
          rows[Spread.FRESH],
          unsound[Spread.OLD],
          unsound[Spread.FRESH],
          shift,
          List.copyOf(each));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Also looks at what is answered to a caller, now and then, before the caller has it.
   *
   * @param fresh whether the new version answers
   */
  public Reply looking(boolean fresh, Reply reply) {
    int side = fresh ? Spread.FRESH : Spread.OLD;
    if (System.nanoTime() - looked[side] < PAUSE_NANOS) {
      return reply;
    }
    return new Reply() {
      @Override
      public void answered(Answer answer) {
        look(side, answer.outputs());
        reply.answered(answer);
      }

      @Override
      public void failed(ErrorCode code, String message, Duration after) {
        reply.failed(code, message, after);
      }
    };
  }

  private void look(int side, List<Tensor> tensors) {
    // who asks does not wait for this
    if (!lock.tryLock()) {
      return;
    }
    try {
      looked[side] = System.nanoTime();
      see(side, tensors);
      if (side == Spread.FRESH) {
        shapes(tensors);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Both have run the same rows. */
  void both(List<Tensor> old, List<Tensor> fresh) {
    lock.lock();
    try {
      see(Spread.OLD, old);
      see(Spread.FRESH, fresh);
      shapes(fresh);
      long all = rows(old);
      boolean[] agree = new boolean[(int) Math.min(MOST_ROWS, all)];
      Arrays.fill(agree, true);
      for (Tensor was : old) {
        Tensor is = named(fresh, was.name());
        if (is == null
            || !is.type().equals(was.type())
            || !Arrays.equals(was.shape(), is.shape())) {
          Arrays.fill(agree, false);
          pair(was).apart(agree.length);
        } else {
          pair(was).compare(was, is, all, agree);
        }
      }
      compared += agree.length;
      for (boolean one : agree) {
        agreed += one ? 1 : 0;
      }
    } finally {
      lock.unlock();
    }
  }

  /** Counts an answer that is not shaped as the old version says that its outputs are. */
  private void shapes(List<Tensor> fresh) {
    for (Tensor tensor : fresh) {
      for (ModelInfo.Signature output : declared) {
        if (output.name().equals(tensor.name()) && !fits(output, tensor)) {
          misshapen++;
          if (shape.isEmpty()) {
            shape =
                "output '%s': expected %s %s, got %s %s"
                    .formatted(
                        output.name(),
                        output.type(),
                        Shapes.text(output.shape()),
                        tensor.type(),
                        Shapes.text(tensor.shape()));
          }
          return;
        }
      }
    }
  }

  private static boolean fits(ModelInfo.Signature output, Tensor tensor) {
    long[] shape = tensor.shape();
    boolean fits = output.type().equals(tensor.type()) && shape.length == output.shape().size();
    for (int i = 0; fits && i < shape.length; i++) {
      fits = output.shape().get(i) < 0 || output.shape().get(i) == shape[i];
    }
    return fits;
  }

  private void see(int side, List<Tensor> tensors) {
    int some = (int) Math.min(MOST_ROWS, rows(tensors));
    boolean[] sound = new boolean[some];
    Arrays.fill(sound, true);
    for (Tensor tensor : tensors) {
      pair(tensor).see(side, tensor, sound);
    }
    rows[side] += some;
    for (boolean one : sound) {
      unsound[side] += one ? 0 : 1;
    }
  }

  private OutputPair pair(Tensor tensor) {
    return outputs.computeIfAbsent(
        tensor.name(),
        name -> new OutputPair(name, tensor.type(), tolerances.getOrDefault(name, tolerance)));
  }

  private static @Nullable Tensor named(List<Tensor> tensors, String name) {
    for (Tensor tensor : tensors) {
      if (tensor.name().equals(name)) {
        return tensor;
      }
    }
    return null;
  }

  /** The first dimension that all have; else each is one row. */
  private static long rows(List<Tensor> tensors) {
    long rows = -1;
    for (Tensor tensor : tensors) {
      long mine = tensor.shape().length == 0 ? 1 : tensor.shape()[0];
      rows = rows < 0 || rows == mine ? mine : 1;
    }
    return Math.max(0, rows);
  }
}
