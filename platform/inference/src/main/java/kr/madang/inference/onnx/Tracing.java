package kr.madang.inference.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kr.madang.inference.onnx.OnnxModel.Attribute;
import kr.madang.inference.onnx.OnnxModel.Node;
import kr.madang.inference.onnx.OnnxModel.Weights;

/** Follows small numbers through a graph, as far as sizes may be made from them. */
final class Tracing {
  private static final Set<String> SAME =
      Set.of("Identity", "Cast", "Squeeze", "Unsqueeze", "Reshape", "Flatten", "Expand", "Tile");

  private static final Set<String> PICKED =
      Set.of(
          "Gather",
          "Slice",
          "Split",
          "Min",
          "Max",
          "Where",
          "Floor",
          "Ceil",
          "Round",
          "Abs",
          "Neg",
          "Transpose",
          "ReduceMax",
          "ReduceMin",
          "Mod",
          "Sqrt",
          "ScatterND",
          "ScatterElements",
          "GatherND",
          "GatherElements",
          "Pad",
          "Clip",
          "Not",
          "And",
          "Or",
          "Equal",
          "Less",
          "Greater",
          "LessOrEqual",
          "GreaterOrEqual",
          "Sign",
          "Range",
          "Relu");

  private static final Set<String> BOUNDED = Set.of("Shape", "Size", "NonZero", "ArgMax", "ArgMin");

  private Tracing() {}

  static Extent constant(Weights weights) {
    return weights.values() == null ? Extent.DATA : new Extent.Known(weights.values());
  }

  /**
   * What a node makes.
   *
   * @param known of what goes in
   * @param shapes that the file fixes
   */
  static Extent made(Node node, Map<String, Extent> known, Map<String, List<Long>> shapes) {
    if (!node.domain().isEmpty()) {
      return Extent.DATA;
    }
    String operator = node.operator();
    if (operator.equals("Constant")) {
      return literal(node);
    }
    if (operator.equals("Shape")
        && shapes.get(node.input(0)) instanceof List<Long> shape
        && !node.attributes().containsKey("start")
        && !node.attributes().containsKey("end")
        && shape.stream().allMatch(dimension -> dimension >= 0)) {
      return new Extent.Known(shape.stream().map(Long::doubleValue).toList());
    }
    if (BOUNDED.contains(operator)) {
      return new Extent.FromShapes(1, 1);
    }
    List<Extent> inputs =
        node.inputs().stream()
            .filter(name -> !name.isEmpty())
            .map(name -> known.getOrDefault(name, Extent.DATA))
            .toList();
    if (inputs.isEmpty()) {
      return Extent.DATA;
    }
    if (SAME.contains(operator)) {
      return inputs.getFirst();
    }
    return switch (operator) {
      case "ConstantOfShape" -> filling(node);
      case "Concat" -> Extent.row(inputs);
      case "Add", "Sum" -> Extent.sum(inputs, false);
      case "Sub" -> Extent.sum(inputs, true);
      case "Mul" -> inputs.size() == 2 ? Extent.times(inputs.get(0), inputs.get(1)) : Extent.DATA;
      case "Div" -> inputs.size() == 2 ? Extent.over(inputs.get(0), inputs.get(1)) : Extent.DATA;
      case "ReduceProd" -> reduced(inputs.getFirst());
      default -> PICKED.contains(operator) ? picked(inputs) : Extent.DATA;
    };
  }

  /** Parts of what goes in: the numbers are no longer known one by one. */
  private static Extent picked(List<Extent> inputs) {
    List<Extent> more = new ArrayList<>(inputs);
    more.add(new Extent.FromShapes(0, 1));
    return Extent.any(more);
  }

  private static Extent reduced(Extent of) {
    return switch (of) {
      case Extent.Known _ -> new Extent.FromShapes(0, of.product());
      case Extent.FromShapes(int degree, double factor) ->
          degree > 1 ? Extent.DATA : new Extent.FromShapes(degree + 1, factor);
      case Extent.FromData _ -> Extent.DATA;
    };
  }

  private static Extent filling(Node node) {
    Attribute value = node.attributes().get("value");
    if (value == null || value.tensors().isEmpty()) {
      return new Extent.FromShapes(0, 1);
    }
    Extent constant = constant(value.tensors().getFirst());
    return new Extent.FromShapes(0, Math.max(1, constant.product()));
  }

  private static Extent literal(Node node) {
    for (Map.Entry<String, Attribute> entry : node.attributes().entrySet()) {
      Attribute value = entry.getValue();
      switch (entry.getKey()) {
        case "value" -> {
          if (!value.tensors().isEmpty()) {
            return constant(value.tensors().getFirst());
          }
        }
        case "value_int" -> {
          return new Extent.Known(List.of((double) value.number()));
        }
        case "value_float" -> {
          return new Extent.Known(List.of((double) value.real()));
        }
        case "value_ints" -> {
          return new Extent.Known(value.numbers().stream().map(Long::doubleValue).toList());
        }
        case "value_floats" -> {
          return new Extent.Known(value.reals().stream().map(Float::doubleValue).toList());
        }
        default -> {}
      }
    }
    return new Extent.FromShapes(0, 1);
  }
}
