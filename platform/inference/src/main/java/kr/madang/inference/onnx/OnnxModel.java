package kr.madang.inference.onnx;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What an ONNX file says, without its weights.
 *
 * @param opsets version by domain; the standard one is empty
 * @param metadata what the producer noted, by key
 * @param functions of the file itself, by domain and name
 * @param fileBytes of the file, without external data
 */
public record OnnxModel(
    long irVersion,
    String producer,
    String producerVersion,
    Map<String, Long> opsets,
    Map<String, String> metadata,
    Graph graph,
    List<Function> functions,
    long fileBytes) {

  /** A graph: that of the model, or one within a node. */
  public record Graph(
      List<Node> nodes,
      List<Weights> initializers,
      List<Value> inputs,
      List<Value> outputs,
      List<Value> values) {}

  /** An operator made of others. */
  public record Function(String domain, String name, List<String> inputs, List<Node> nodes) {}

  /** One operator at its place. The standard domain is empty. */
  public record Node(
      String operator,
      String domain,
      String name,
      List<String> inputs,
      List<String> outputs,
      Map<String, Attribute> attributes) {

    /** How people find it. */
    public String label() {
      return "node '%s' (%s)"
          .formatted(name, domain.isEmpty() ? operator : domain + "." + operator);
    }

    /** The name of an input; empty where it is left out. */
    String input(int at) {
      return at < inputs.size() ? inputs.get(at) : "";
    }

    /** The graphs within. */
    List<Graph> graphs() {
      List<Graph> graphs = new ArrayList<>();
      attributes.values().forEach(attribute -> graphs.addAll(attribute.graphs()));
      return graphs;
    }
  }

  /**
   * An attribute of a node; what is long is left out.
   *
   * @param count of its numbers, texts or reals, also of those left out
   */
  public record Attribute(
      long number,
      float real,
      String text,
      List<Long> numbers,
      List<Float> reals,
      List<String> texts,
      List<Weights> tensors,
      List<Graph> graphs,
      long count) {}

  /**
   * A constant tensor.
   *
   * @param type as the format numbers it
   * @param bytes in the file or outside
   * @param external where its bytes are if not in the file
   * @param values of a short tensor of integers or floats
   * @param sparse whether only the places that are not zero are written
   */
  public record Weights(
      String name,
      int type,
      List<Long> shape,
      long bytes,
      @Nullable External external,
      @Nullable List<Double> values,
      boolean sparse) {}

  /**
   * Bytes in another file.
   *
   * @param length -1 where the file does not say it
   */
  public record External(String location, long offset, long length, boolean prepacked) {}

  /**
   * A named value.
   *
   * @param type of a tensor's elements as the format numbers it; 0 for what is no tensor
   * @param kind {@code tensor}, {@code sequence}, {@code map}, {@code optional}, {@code sparse} or
   *     empty
   * @param shape -1 where a dimension varies; null where the file says none
   * @param symbols names of dimensions that vary, else empty
   */
  public record Value(
      String name, int type, String kind, @Nullable List<Long> shape, List<String> symbols) {}

  /** All nodes, those within others and in functions too. */
  public void forEachNode(Consumer<Node> to) {
    nodes(graph.nodes(), to);
    functions.forEach(function -> nodes(function.nodes(), to));
  }

  static void nodes(List<Node> nodes, Consumer<Node> to) {
    for (Node node : nodes) {
      to.accept(node);
      node.graphs().forEach(inner -> nodes(inner.nodes(), to));
    }
  }

  /** All constant tensors, in attributes too. */
  public void forEachWeights(Consumer<Weights> to) {
    graph.initializers().forEach(to);
    forEachNode(node -> {
      node.graphs().forEach(inner -> inner.initializers().forEach(to));
      node.attributes().values().forEach(attribute -> attribute.tensors().forEach(to));
    });
  }

  /** Every name of a value, so that a new one can be found. */
  Set<String> names() {
    Set<String> names = new HashSet<>();
    graph.inputs().forEach(value -> names.add(value.name()));
    graph.outputs().forEach(value -> names.add(value.name()));
    forEachWeights(weights -> names.add(weights.name()));
    forEachNode(node -> {
      names.add(node.name());
      names.addAll(node.inputs());
      names.addAll(node.outputs());
      node.graphs().forEach(inner -> inner.inputs().forEach(value -> names.add(value.name())));
    });
    return names;
  }
}
