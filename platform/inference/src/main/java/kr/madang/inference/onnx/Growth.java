package kr.madang.inference.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kr.madang.inference.onnx.OnnxModel.Attribute;
import kr.madang.inference.onnx.OnnxModel.Graph;
import kr.madang.inference.onnx.OnnxModel.Node;
import kr.madang.inference.onnx.OnnxModel.Value;
import kr.madang.inference.onnx.OnnxModel.Weights;

/**
 * Finds what could make tensors without bound. Some operators give as much as a number says that
 * they are given: that number must be small, or follow from the shapes of inputs, which callers pay
 * for in bytes; if it comes from data, the model must declare what it may take. Growth that is
 * inherent in shapes (an outer product, a mask) is left to what the trial measures.
 */
final class Growth {
  private static final int MOST_REASONS = 20;
  private static final String DECLARED = "'limits: {peakBytes: …, runMillis: …}' in model.yaml";

  /** Which inputs say how much comes out. */
  private static final Map<String, int[]> SIZED =
      Map.ofEntries(
          Map.entry("ConstantOfShape", new int[] {0}),
          Map.entry("Expand", new int[] {1}),
          Map.entry("Tile", new int[] {1}),
          Map.entry("Range", new int[] {0, 1, 2}),
          Map.entry("Resize", new int[] {2, 3}),
          Map.entry("Upsample", new int[] {1}),
          Map.entry("Pad", new int[] {1}),
          Map.entry("OneHot", new int[] {1}),
          Map.entry("CenterCropPad", new int[] {1}),
          Map.entry("HannWindow", new int[] {0}),
          Map.entry("HammingWindow", new int[] {0}),
          Map.entry("BlackmanWindow", new int[] {0}),
          Map.entry("MelWeightMatrix", new int[] {0, 1}),
          Map.entry("DFT", new int[] {1}),
          Map.entry("AffineGrid", new int[] {1}),
          Map.entry("MaxUnpool", new int[] {2}),
          Map.entry("Col2Im", new int[] {0}));

  private static final Set<String> MULTIPLIES = Set.of("Tile", "Resize", "Upsample", "OneHot");

  private static final Set<String> SIZE_ATTRIBUTES =
      Set.of("pads", "output_shape", "output_padding", "dilations", "repeats", "sample_size");

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

  private final OnnxModel model;
  private final long most;
  private final boolean declared;
  private final List<Reason> reasons = new ArrayList<>();

  /** The elements of tensors whose shape is said and fixed, with 1 where a dimension varies. */
  private final Map<String, List<Long>> shapes = new HashMap<>();

  Growth(OnnxModel model, long most, boolean declared) {
    this.model = model;
    this.most = most;
    this.declared = declared;
  }

  List<Reason> refused() {
    graph(model.graph(), new HashMap<>());
    model.functions().forEach(function -> nodes(function.nodes(), new HashMap<>()));
    return reasons;
  }

  private void graph(Graph graph, Map<String, Extent> known) {
    for (Value input : graph.inputs()) {
      if (input.shape() != null) {
        shapes.put(input.name(), input.shape());
      }
    }
    for (Weights weights : graph.initializers()) {
      shapes.put(weights.name(), weights.shape());
      known.put(weights.name(), constant(weights));
    }
    nodes(graph.nodes(), known);
  }

  private static Extent constant(Weights weights) {
    return weights.values() == null ? Extent.DATA : new Extent.Known(weights.values());
  }

  private void nodes(List<Node> nodes, Map<String, Extent> known) {
    for (Node node : nodes) {
      check(node, known);
      Extent made = made(node, known);
      node.outputs().forEach(output -> known.put(output, made));
      node.graphs().forEach(inner -> graph(inner, new HashMap<>(known)));
    }
  }

  private void check(Node node, Map<String, Extent> known) {
    if (reasons.size() >= MOST_REASONS) {
      return;
    }
    if (node.operator().equals("Loop") && node.domain().isEmpty() && !declared) {
      reasons.add(
          new Reason(
              node.label(), DECLARED, "a loop, whose memory and time nothing bounds beforehand"));
    }
    attributes(node);
    int[] inputs = SIZED.get(node.operator());
    if (inputs == null || !node.domain().isEmpty()) {
      return;
    }
    List<Extent> sizes = new ArrayList<>();
    for (int input : inputs) {
      if (!node.input(input).isEmpty()) {
        sizes.add(known.getOrDefault(node.input(input), Extent.DATA));
      }
    }
    if (sizes.isEmpty()) {
      // older forms say it in attributes; others are no valid node
      return;
    }
    if (sizes.contains(Extent.DATA)) {
      if (!declared) {
        reasons.add(
            new Reason(
                node.label(),
                "a size that is constant or follows from the shapes of inputs, or else " + DECLARED,
                "one that is computed from data"));
      }
      return;
    }
    double elements = elements(node, sizes);
    if (elements * 4 > most) {
      tooLarge(node, elements);
    }
  }

  private void tooLarge(Node node, double elements) {
    reasons.add(
        new Reason(
            node.label(),
            "to make at most %,d bytes (limits.peakBytes of model.yaml)".formatted(most),
            elements < 1e18
                ? "about %,.0f elements".formatted(elements)
                : "more than any machine has"));
  }

  private double elements(Node node, List<Extent> sizes) {
    if (node.operator().equals("Range")) {
      return range(sizes);
    }
    double product = 1;
    for (Extent size : sizes) {
      product *= size.product();
    }
    if (node.operator().equals("Pad") && sizes.getFirst() instanceof Extent.Known(var pads)) {
      return padded(pads, shapes.getOrDefault(node.input(0), List.of()));
    }
    if (MULTIPLIES.contains(node.operator())) {
      // a Resize to given sizes asks nothing of its input
      boolean resized = node.operator().equals("Resize") && !node.input(3).isEmpty();
      for (long dimension : shapes.getOrDefault(node.input(0), List.of())) {
        product *= resized ? 1 : Math.max(1, dimension);
      }
    }
    return product;
  }

  private static double range(List<Extent> sizes) {
    double step = 1;
    if (sizes.getLast() instanceof Extent.Known(var delta) && delta.size() == 1) {
      step = delta.getFirst();
    }
    if (sizes.get(0) instanceof Extent.Known(var start)
        && sizes.size() == 3
        && sizes.get(1) instanceof Extent.Known(var limit)
        && start.size() == 1
        && limit.size() == 1) {
      double count = (limit.getFirst() - start.getFirst()) / step;
      return Double.isNaN(count) ? 0 : Math.max(0, count);
    }
    double ends = sizes.stream().limit(2).mapToDouble(Extent::product).sum();
    return ends / Math.min(1, Math.abs(step));
  }

  private static double padded(List<Double> pads, List<Long> shape) {
    double product = 1;
    int rank = pads.size() / 2;
    for (int i = 0; i < rank; i++) {
      double size = i < shape.size() ? Math.max(1, shape.get(i)) : 1;
      product *= Math.max(1, size + pads.get(i) + pads.get(i + rank));
    }
    return product;
  }

  private void attributes(Node node) {
    node.attributes()
        .forEach((name, attribute) -> {
          boolean sizes =
              SIZE_ATTRIBUTES.contains(name)
                  || name.equals("shape") && node.operator().startsWith("Random")
                  || name.equals("strides") && node.operator().equals("ConvTranspose");
          if (sizes) {
            double product = Math.max(1, Math.abs((double) attribute.number()));
            for (long number : attribute.numbers()) {
              product *= Math.max(1, Math.abs((double) number));
            }
            if (product * 4 > most) {
              tooLarge(node, product);
            }
          }
        });
  }

  private Extent made(Node node, Map<String, Extent> known) {
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
