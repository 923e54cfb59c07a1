package kr.madang.inference.onnx;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kr.madang.inference.onnx.OnnxModel.Function;
import kr.madang.inference.onnx.OnnxModel.Graph;
import org.jspecify.annotations.Nullable;

/** Reads an ONNX file within bounds, before native code sees it. Weights stay where they are. */
public final class OnnxReader {
  private static final int LONGEST_TEXT = 1 << 16;
  private static final int MOST_ENTRIES = 4096;

  private final Wire wire;
  private final Limits limits;
  private long irVersion;
  private String producer = "";
  private String producerVersion = "";
  private final Map<String, Long> opsets = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final List<Function> functions = new ArrayList<>();
  private @Nullable Graph graph;

  private OnnxReader(Wire wire, Limits limits) {
    this.wire = wire;
    this.limits = limits;
  }

  /**
   * Reads a file.
   *
   * @throws OnnxFault a file that is damaged, is something else, or passes a limit
   */
  public static OnnxModel read(Path file, Limits limits) throws IOException {
    try (Wire wire = new Wire(file)) {
      return new OnnxReader(wire, limits).model();
    }
  }

  private OnnxModel model() throws IOException {
    long end = wire.size();
    if (end == 0) {
      throw new OnnxFault("the file", "a model", "nothing: it is empty");
    }
    if (end > limits.fileBytes()) {
      throw new OnnxFault(
          "the file", "at most %,d bytes".formatted(limits.fileBytes()), "%,d".formatted(end));
    }
    GraphReader graphs = new GraphReader(wire, limits);
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      switch (field) {
        case 1 -> irVersion = wire.number(end);
        case 2 -> producer = wire.text(end, LONGEST_TEXT, "the producer");
        case 3 -> producerVersion = wire.text(end, LONGEST_TEXT, "the producer's version");
        case 7 -> {
          if (graph != null) {
            throw new OnnxFault("the file", "one graph", "two");
          }
          graph = graphs.graph(wire.message(end), 1);
        }
        case 8 -> opset(wire.message(end));
        case 14 -> note(wire.message(end));
        case 20 -> throw new OnnxFault("the file", "a model to run", "one with training steps");
        case 25 -> functions.add(graphs.function(wire.message(end)));
        default -> wire.skip(end);
      }
    }
    Graph found = graph;
    if (irVersion <= 0 || found == null) {
      throw new OnnxFault(
          "the file", "an ONNX model", found == null ? "no graph" : "no version of the format");
    }
    return new OnnxModel(
        irVersion, producer, producerVersion, opsets, metadata, found, functions, end);
  }

  private void opset(long end) throws IOException {
    String domain = "";
    long version = 0;
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      switch (field) {
        case 1 -> domain = wire.text(end, limits.nameBytes(), "an operator set");
        case 2 -> version = wire.number(end);
        default -> wire.skip(end);
      }
    }
    opsets.merge(GraphReader.domain(domain), version, Math::max);
    room(opsets.size(), "operator sets");
  }

  private void note(long end) throws IOException {
    String key = "";
    String value = "";
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      switch (field) {
        case 1 -> key = wire.text(end, limits.nameBytes(), "a key of metadata");
        case 2 -> value = value(end);
        default -> wire.skip(end);
      }
    }
    metadata.put(key, value);
    room(metadata.size(), "entries of metadata");
  }

  /** A long note, such as a whole configuration, is none that anybody here needs. */
  private String value(long end) throws IOException {
    long to = wire.message(end);
    String text = to - wire.position() <= LONGEST_TEXT ? wire.shown(to) : "";
    wire.to(to);
    return text;
  }

  private static void room(int size, String what) throws OnnxFault {
    if (size > MOST_ENTRIES) {
      throw new OnnxFault("the file", "at most %,d %s".formatted(MOST_ENTRIES, what), "more");
    }
  }
}
