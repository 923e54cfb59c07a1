package kr.madang.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kr.madang.inference.Baseline.Side;
import kr.madang.sdk.model.ModelSpec;

/** The fields of a model as they lie in its tensors, for what looks at values. */
final class Columns {
  /** More are not looked at: a picture is one, a row of 16 sensors 16. */
  static final int MOST = 48;

  private static final int APART = 16;

  private Columns() {}

  /**
   * One of them: elements {@code offset}, {@code offset + stride} … of a row.
   *
   * @param name the field, or one element of it: {@code field[3]}
   * @param tensor its number among the inputs or the outputs of the binding
   * @param elements of a row of the tensor
   * @param count of a row of the column
   * @param mean taken from the values before they were put into the tensor
   * @param deviation that they were divided by then
   */
  record Column(
      Side side,
      String field,
      String name,
      int tensor,
      int elements,
      int offset,
      int stride,
      int count,
      double mean,
      double deviation) {

    double inTensor(double value) {
      return (value - mean) / deviation;
    }

    double inField(double value) {
      return value * deviation + mean;
    }
  }

  /**
   * Those of a model whose rows have so many elements.
   *
   * @param in elements of a row, by input
   * @param out elements of a row, by output
   */
  static List<Column> of(Binding binding, int[] in, int[] out) {
    List<Column> all = new ArrayList<>();
    for (int i = 0; i < in.length; i++) {
      InputSpec input = binding.inputs().get(i);
      if (input.type() != ElementType.STRING && in[i] > 0) {
        long[] rowShape = input.shape().isEmpty() ? new long[0] : Shapes.rowShape(input.shape());
        add(all, Side.INPUT, i, input.fields(), in[i], rowShape, binding.scale());
      }
    }
    for (int i = 0; i < out.length; i++) {
      OutputSpec output = binding.outputs().get(i);
      if (output.type() != ElementType.STRING && out[i] > 0) {
        add(all, Side.OUTPUT, i, output.fields(), out[i], new long[0], Map.of());
      }
    }
    return all.size() <= MOST ? all : List.copyOf(all.subList(0, MOST));
  }

  private static void add(
      List<Column> to,
      Side side,
      int tensor,
      List<String> fields,
      int elements,
      long[] rowShape,
      Map<String, ModelSpec.Scale> scale) {
    int each = elements / fields.size();
    if (each * fields.size() != elements) {
      // fields of several lengths: which element is whose only a pipeline knows
      return;
    }
    boolean alternate = fields.size() > 1 && each > 1 && alternates(rowShape, each, fields.size());
    for (int f = 0; f < fields.size(); f++) {
      String field = fields.get(f);
      ModelSpec.Scale standard = scale.get(field);
      double mean = standard == null ? 0 : standard.mean();
      double deviation = standard == null ? 1 : standard.deviation();
      int offset = alternate ? f : f * each;
      int stride = alternate ? fields.size() : 1;
      if (fields.size() == 1 && each > 1 && each <= APART && rowShape.length <= 1) {
        for (int e = 0; e < each; e++) {
          to.add(
              new Column(
                  side, field, field + "[" + e + "]", tensor, elements, e, 1, 1, mean, deviation));
        }
      } else {
        to.add(
            new Column(
                side, field, field, tensor, elements, offset, stride, each, mean, deviation));
      }
    }
  }

  /** As {@link Layout} has it: {@code [n, length, fields]} unless that is square. */
  private static boolean alternates(long[] rowShape, int length, int fields) {
    long[] wide = java.util.Arrays.stream(rowShape).filter(d -> d != 1).toArray();
    return wide.length == 2 && wide[0] == length && wide[1] == fields && length != fields;
  }
}
