package kr.madang.inference;

import java.util.List;

/**
 * An output tensor as graph and declaration together give it.
 *
 * @param tensor its name in the graph
 * @param type of its elements
 * @param shape -1 where neither of the two says more; empty for a scalar
 * @param fields that it becomes: one, or one for each element of a row
 * @param unit of these fields; may be empty
 */
record OutputSpec(
    String tensor, ElementType type, List<Long> shape, List<String> fields, String unit) {}
