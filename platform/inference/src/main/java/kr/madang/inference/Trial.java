package kr.madang.inference;

import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.error.PluginException;

/**
 * Tries a model out before others depend on it: how long runs of 1, 2, 8 and 32 rows take, whether
 * the shapes of its outputs follow from the rows, and whether rows do not see one another, so that
 * calls may share a run.
 */
final class Trial {
  private static final int[] SIZES = {2, 8, 32};
  private static final long ENOUGH_NANOS = 250_000_000;
  private static final int SINGLE_RUNS = 20;

  private final LoadedModel model;
  private final MadeUp input;

  Trial(LoadedModel model) {
    this.model = model;
    this.input = new MadeUp(model.info());
  }

  /** Does nothing for a model whose inputs cannot be made up, or that does not run on them. */
  void run() throws InterruptedException {
    if (input.misfit().isPresent()) {
      return;
    }
    try {
      shapes();
    } catch (PluginException e) {
      // it is a matter of what it is given; callers will be told
    }
  }

  private void shapes() throws InterruptedException {
    boolean rows = input.hasRows();
    List<Tensor> one = input.rows(1);
    long began = System.nanoTime();
    List<Tensor> first = model.run(one);
    if (!fit(first, rows, 1) || System.nanoTime() - began > ENOUGH_NANOS) {
      return;
    }
    boolean follow = true;
    boolean apart = rows && !first.isEmpty();
    long took = 0;
    for (int size : rows ? SIZES : new int[0]) {
      List<Tensor> many = input.rows(size);
      long start = System.nanoTime();
      List<Tensor> together = model.run(many);
      took = System.nanoTime() - start;
      follow &= fit(together, rows, size);
      apart &= follow && alike(together, many, size);
      if (took * 4 > ENOUGH_NANOS || !follow || !input.isHandy(size * 4)) {
        break;
      }
    }
    if (follow) {
      model.tensors().follows();
    }
    if (apart && follow) {
      model.tensors().stacks();
    }
    long end = System.nanoTime() + ENOUGH_NANOS / 10;
    for (int i = 0; i < SINGLE_RUNS && System.nanoTime() < end; i++) {
      model.run(one);
    }
  }

  /** Whether each row comes out as it does by itself. */
  private boolean alike(List<Tensor> together, List<Tensor> inputs, int size)
      throws InterruptedException {
    for (int row = 0; row < size; row++) {
      List<Tensor> alone = new ArrayList<>();
      for (Tensor tensor : inputs) {
        alone.add(Rows.of(tensor, row, 1));
      }
      List<Tensor> outputs = model.run(alone);
      for (int i = 0; i < outputs.size(); i++) {
        if (!MadeUp.same(outputs.get(i), Rows.of(together.get(i), row, 1))) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * Whether the outputs have the shapes that the file says, with the rows in front; without rows in
   * the inputs nothing may be open, since who knows what it follows.
   */
  private boolean fit(List<Tensor> outputs, boolean byRows, int rows) {
    int at = 0;
    for (ModelInfo.Signature output : model.info().outputs()) {
      ElementType type = ElementType.labelled(output.type()).orElse(null);
      if (type == null) {
        continue;
      }
      long[] shape = outputs.get(at++).shape();
      List<Long> said = output.shape();
      if (!type.wraps() || said.isEmpty() || shape.length != said.size()) {
        return false;
      }
      for (int i = 0; i < shape.length; i++) {
        if (said.get(i) < 0 && (i > 0 || !byRows)
            || shape[i] != (said.get(i) < 0 ? rows : said.get(i))) {
          return false;
        }
      }
    }
    return true;
  }
}
