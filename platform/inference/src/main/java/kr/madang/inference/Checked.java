package kr.madang.inference;

import java.util.List;

/**
 * A call that fits its model.
 *
 * @param inputs in the order of the graph
 * @param wanted for each thing asked for, its number among the outputs of the model
 * @param rows of its first dimension that varies; 1 if none does
 */
record Checked(List<Tensor> inputs, int[] wanted, long rows) {

  /** Whether another one could be stacked on it: same types, same shapes beside the rows. */
  boolean like(Checked other) {
    for (int i = 0; i < inputs.size(); i++) {
      long[] mine = inputs.get(i).shape();
      long[] theirs = other.inputs.get(i).shape();
      if (mine.length != theirs.length) {
        return false;
      }
      for (int j = 1; j < mine.length; j++) {
        if (mine[j] != theirs[j]) {
          return false;
        }
      }
    }
    return true;
  }
}
