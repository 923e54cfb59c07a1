package kr.madang.inference.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
      known.put(weights.name(), Tracing.constant(weights));
    }
    nodes(graph.nodes(), known);
  }

  private void nodes(List<Node> nodes, Map<String, Extent> known) {
    for (Node node : nodes) {
      check(node, known);
      Extent made = Tracing.made(node, known, shapes);
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
}
