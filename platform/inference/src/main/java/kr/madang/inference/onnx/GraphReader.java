package kr.madang.inference.onnx;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kr.madang.inference.onnx.OnnxModel.Attribute;
import kr.madang.inference.onnx.OnnxModel.Function;
import kr.madang.inference.onnx.OnnxModel.Graph;
import kr.madang.inference.onnx.OnnxModel.Node;
import kr.madang.inference.onnx.OnnxModel.Value;
import kr.madang.inference.onnx.OnnxModel.Weights;

/** Reads graphs, nodes and what is in them. */
final class GraphReader {
  private static final int SOME = 4096;
  private static final int LONGEST_TEXT = 1 << 16;

  private final Wire wire;
  private final Limits limits;
  private final ValueReader values;
  private int nodes;
  private int tensors;

  GraphReader(Wire wire, Limits limits) {
    this.wire = wire;
    this.limits = limits;
    this.values = new ValueReader(wire, limits);
  }

  Graph graph(long end, int depth) throws IOException {
    if (depth > limits.depth()) {
      throw new OnnxFault(
          "a graph", "at most " + limits.depth() + " graphs within one another", "more");
    }
    List<Node> found = new ArrayList<>();
    List<Weights> initializers = new ArrayList<>();
    List<Value> inputs = new ArrayList<>();
    List<Value> outputs = new ArrayList<>();
    List<Value> inner = new ArrayList<>();
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      switch (field) {
        case 1 -> found.add(node(wire.message(end), depth));
        case 5 -> initializers.add(tensor(wire.message(end)));
        case 11 -> inputs.add(value(end));
        case 12 -> outputs.add(value(end));
        case 13 -> inner.add(value(end));
        case 15 -> {
          counted();
          initializers.add(TensorReader.sparse(wire, limits, wire.message(end)));
        }
        default -> wire.skip(end);
      }
    }
    return new Graph(found, initializers, inputs, outputs, inner);
  }

  Function function(long end) throws IOException {
    String name = "";
    String domain = "";
    List<String> inputs = new ArrayList<>();
    List<Node> found = new ArrayList<>();
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      switch (field) {
        case 1 -> name = name(end, "a function's name");
        case 4 -> inputs.add(name(end, "an input of function '" + name + "'"));
        case 7 -> found.add(node(wire.message(end), 1));
        case 10 -> domain = name(end, "a function's domain");
        default -> wire.skip(end);
      }
    }
    return new Function(domain(domain), name, List.copyOf(inputs), found);
  }

  static String domain(String written) {
    return written.equals("ai.onnx") ? "" : written;
  }

  private Value value(long end) throws IOException {
    counted();
    return values.read(wire.message(end));
  }

  private Weights tensor(long end) throws IOException {
    counted();
    return TensorReader.read(wire, limits, end);
  }

  private void counted() throws OnnxFault {
    if (++tensors > limits.tensors()) {
      throw new OnnxFault("the graph", "at most %,d tensors".formatted(limits.tensors()), "more");
    }
  }

  private String name(long end, String what) throws IOException {
    return wire.text(end, limits.nameBytes(), what);
  }

  private Node node(long end, int depth) throws IOException {
    if (++nodes > limits.nodes()) {
      throw new OnnxFault("the graph", "at most %,d nodes".formatted(limits.nodes()), "more");
    }
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    String name = "";
    String operator = "";
    String domain = "";
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      switch (field) {
        case 1 -> inputs.add(name(end, "an input of a node"));
        case 2 -> outputs.add(name(end, "an output of a node"));
        case 3 -> name = name(end, "a node's name");
        case 4 -> operator = name(end, "a node's operator");
        case 5 -> attribute(wire.message(end), depth, attributes);
        case 7 -> domain = name(end, "a node's domain");
        default -> wire.skip(end);
      }
      if (inputs.size() > limits.tensors() || outputs.size() > limits.tensors()) {
        throw new OnnxFault("node '" + name + "'", "fewer inputs and outputs", "very many");
      }
    }
    return new Node(
        operator, domain(domain), name, List.copyOf(inputs), List.copyOf(outputs), attributes);
  }

  private void attribute(long end, int depth, Map<String, Attribute> into) throws IOException {
    long start = wire.position();
    String name = "";
    long number = 0;
    float real = 0;
    String text = "";
    long count = 0;
    List<Long> numbers = new ArrayList<>();
    List<Float> reals = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    List<Weights> constants = new ArrayList<>();
    List<Graph> graphs = new ArrayList<>();
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      switch (field) {
        case 1 -> name = name(end, "an attribute's name");
        case 2 -> real = wire.real(end);
        case 3 -> number = wire.number(end);
        case 4 -> text = shortText(end);
        case 5 -> constants.add(tensor(wire.message(end)));
        case 6, 11 -> graphs.add(graph(wire.message(end), depth + 1));
        case 7 -> count += reals(end, reals);
        case 8 -> count += numbers(end, numbers);
        case 9 -> {
          count++;
          String one = shortText(end);
          if (texts.size() < SOME) {
            texts.add(one);
          }
        }
        case 10 -> constants.add(tensor(wire.message(end)));
        case 22, 23 -> {
          counted();
          constants.add(TensorReader.sparse(wire, limits, wire.message(end)));
        }
        default -> wire.skip(end);
      }
    }
    if (graphs.isEmpty() && constants.isEmpty() && end - start > limits.attributeBytes()) {
      throw new OnnxFault(
          "attribute '" + name + "'",
          "at most %,d bytes".formatted(limits.attributeBytes()),
          "%,d".formatted(end - start));
    }
    into.put(
        name, new Attribute(number, real, text, numbers, reals, texts, constants, graphs, count));
  }

  /** A text, or nothing where it is long or no text at all. */
  private String shortText(long end) throws IOException {
    long to = wire.message(end);
    String text = to - wire.position() <= LONGEST_TEXT ? wire.shown(to) : "";
    wire.to(to);
    return text;
  }

  private long numbers(long end, List<Long> into) throws IOException {
    if (wire.kind() != Wire.BYTES) {
      long value = wire.number(end);
      if (into.size() < SOME) {
        into.add(value);
      }
      return 1;
    }
    long to = wire.message(end);
    long count = 0;
    while (wire.position() < to && into.size() < SOME) {
      into.add(wire.varint(to));
      count++;
    }
    count += to - wire.position();
    wire.to(to);
    return count;
  }

  private long reals(long end, List<Float> into) throws IOException {
    if (wire.kind() != Wire.BYTES) {
      float value = wire.real(end);
      if (into.size() < SOME) {
        into.add(value);
      }
      return 1;
    }
    long to = wire.message(end);
    long count = (to - wire.position()) / 4;
    for (long i = 0; i < count && into.size() < SOME; i++) {
      into.add(Float.intBitsToFloat((int) wire.fixed(4, to)));
    }
    wire.to(to);
    return count;
  }
}
