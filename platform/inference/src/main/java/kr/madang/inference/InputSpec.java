package kr.madang.inference;

import java.util.List;
import kr.madang.sdk.model.TensorBinding.OnBad;

/**
 * An input tensor as graph and declaration together give it.
 *
 * @param tensor its name in the graph
 * @param type of its elements
 * @param shape -1 where neither of the two says more; empty for a scalar
 * @param fields that it is made from
 * @param onBad what happens to a row with a Bad or missing value
 */
record InputSpec(
    String tensor, ElementType type, List<Long> shape, List<String> fields, OnBad onBad) {

  /** The rows that one run takes; -1 for any number. */
  long batch() {
    return shape.isEmpty() ? -1 : shape.getFirst();
  }
}
