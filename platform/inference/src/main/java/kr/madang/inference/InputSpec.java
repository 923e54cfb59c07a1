package kr.madang.inference;

import java.util.List;
import java.util.Map;
import kr.madang.sdk.model.TensorBinding.OnBad;

/**
 * An input tensor as graph and declaration together give it.
 *
 * @param tensor its name in the graph
 * @param type of its elements
 * @param shape -1 where neither of the two says more; empty for a scalar
 * @param fields that it is made from
 * @param onBad what happens to a row with a Bad or missing value
 * @param units of the fields that declare one
 */
record InputSpec(
    String tensor,
    ElementType type,
    List<Long> shape,
    List<String> fields,
    OnBad onBad,
    Map<String, String> units) {

  /** The rows that one run takes; -1 for any number. */
  long batch() {
    return shape.isEmpty() ? -1 : shape.getFirst();
  }

  /** The same for rows that are Good. */
  InputSpec bare() {
    return new InputSpec(tensor, type, shape, List.of(tensor), OnBad.REJECT, Map.of());
  }

  InputSpec with(OnBad other) {
    return new InputSpec(tensor, type, shape, fields, other, units);
  }
}
