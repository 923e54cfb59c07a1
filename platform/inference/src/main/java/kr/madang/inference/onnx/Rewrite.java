package kr.madang.inference.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import kr.madang.inference.onnx.OnnxModel.Attribute;
import kr.madang.inference.onnx.OnnxModel.Node;
import kr.madang.inference.onnx.OnnxModel.Value;
import org.jspecify.annotations.Nullable;

/**
 * What is changed in a file so that Java can carry its tensors: inputs of wide unsigned integers
 * become signed ones of the same size, with a Cast behind them that takes the bits as they are; a
 * ZipMap at an output is taken out, so that the tensor of probabilities comes. The file notes it.
 */
public final class Rewrite {
  /** The key of a note starts with it; no other file may have one. */
  public static final String MARK = "madang.";

  private static final String CAST = MARK + "unsigned.";
  private static final String MAPS = MARK + "zipmap.";
  private static final int OLDEST_CAST = 6;

  private final List<Cast> casts;
  private final List<Maps> maps;
  private final boolean imports;

  /**
   * An input with another type than its name promises.
   *
   * @param type that callers send, as ONNX spells it in lower case
   * @param carrier that the graph takes
   */
  public record Cast(String input, String type, String carrier, String inner, int from, int to) {}

  /**
   * An output that was a list of maps.
   *
   * @param labels the keys, in the order of the columns
   */
  public record Maps(String output, List<String> labels, String probabilities) {}

  private Rewrite(List<Cast> casts, List<Maps> maps, boolean imports) {
    this.casts = List.copyOf(casts);
    this.maps = List.copyOf(maps);
    this.imports = imports;
  }

  /** What a model needs. */
  public static Rewrite plan(OnnxModel model) {
    List<Cast> casts = new ArrayList<>();
    Set<String> names = model.names();
    Set<String> fixed = new HashSet<>();
    model.graph().initializers().forEach(weights -> fixed.add(weights.name()));
    model.graph().outputs().forEach(output -> fixed.add(output.name()));
    long opset = model.opsets().getOrDefault("", Long.MAX_VALUE);
    for (Value input : model.graph().inputs()) {
      int carrier = carrier(input.type());
      if (carrier != 0
          && input.kind().equals("tensor")
          && !fixed.contains(input.name())
          && opset >= OLDEST_CAST) {
        String inner = input.name() + "/unsigned";
        while (!names.add(inner)) {
          inner += "_";
        }
        names.add(inner + "/cast");
        casts.add(
            new Cast(
                input.name(),
                Elements.label(input.type()),
                Elements.label(carrier),
                inner,
                input.type(),
                carrier));
      }
    }
    return new Rewrite(casts, maps(model), !casts.isEmpty() && !model.opsets().containsKey(""));
  }

  private static int carrier(int type) {
    return switch (type) {
      case Elements.UINT16 -> Elements.INT16;
      case Elements.UINT32 -> Elements.INT32;
      case Elements.UINT64 -> Elements.INT64;
      default -> 0;
    };
  }

  private static List<Maps> maps(OnnxModel model) {
    List<Maps> maps = new ArrayList<>();
    for (Value output : model.graph().outputs()) {
      zipMap(model, output)
          .ifPresent(node -> {
            List<String> texts = texts(node.attributes().get("classlabels_strings"));
            List<String> labels =
                texts.isEmpty() ? numbers(node.attributes().get("classlabels_int64s")) : texts;
            maps.add(new Maps(output.name(), labels, node.input(0)));
          });
    }
    return maps;
  }

  private static List<String> texts(@Nullable Attribute labels) {
    return labels == null ? List.of() : List.copyOf(labels.texts());
  }

  private static List<String> numbers(@Nullable Attribute labels) {
    return labels == null ? List.of() : labels.numbers().stream().map(String::valueOf).toList();
  }

  /** The ZipMap that makes an output, if nothing else takes what it makes. */
  private static Optional<Node> zipMap(OnnxModel model, Value output) {
    if (!output.kind().equals("sequence")) {
      return Optional.empty();
    }
    boolean[] used = {false};
    model.forEachNode(node -> used[0] |= node.inputs().contains(output.name()));
    return used[0]
        ? Optional.empty()
        : model.graph().nodes().stream().filter(node -> isZipMap(node, output.name())).findFirst();
  }

  private static boolean isZipMap(Node node, String output) {
    return node.operator().equals("ZipMap")
        && node.domain().equals("ai.onnx.ml")
        && node.inputs().size() == 1
        && node.outputs().equals(List.of(output));
  }

  /** Whether anything is changed. */
  public boolean isNeeded() {
    return !casts.isEmpty() || !maps.isEmpty();
  }

  /** The inputs with another type. */
  public List<Cast> casts() {
    return casts;
  }

  /** The outputs that were maps. */
  public List<Maps> maps() {
    return maps;
  }

  /** The types that callers send, by input, as a rewritten file notes it. */
  public static Map<String, String> types(OnnxModel model) {
    return notes(model, CAST);
  }

  /** The labels of the columns, by output that was a list of maps, as a rewritten file notes it. */
  public static Map<String, String> labels(OnnxModel model) {
    return notes(model, MAPS);
  }

  private static Map<String, String> notes(OnnxModel model, String kind) {
    Map<String, String> notes = new TreeMap<>();
    model
        .metadata()
        .forEach((key, value) -> {
          if (key.startsWith(kind)) {
            notes.put(key.substring(kind.length()), value);
          }
        });
    return notes;
  }

  /** Writes the changed file to a place where there is none. */
  public void write(Path file, Path to) throws IOException {
    Rope rope = rope(file);
    try (FileChannel from = FileChannel.open(file, StandardOpenOption.READ);
        FileChannel out =
            FileChannel.open(to, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
      rope.write(from, out);
      out.force(true);
    }
  }

  /** The changed file in memory that the collector frees. */
  public ByteBuffer read(Path file) throws IOException {
    Rope rope = rope(file);
    if (rope.size() > Integer.MAX_VALUE) {
      throw new OnnxFault("the file", "at most 2 GiB", "%,d bytes".formatted(rope.size()));
    }
    ByteBuffer bytes = ByteBuffer.allocateDirect((int) rope.size());
    try (FileChannel from = FileChannel.open(file, StandardOpenOption.READ)) {
      rope.write(from, bytes);
    }
    return bytes.flip();
  }

  private Rope rope(Path file) throws IOException {
    try (Wire wire = new Wire(file)) {
      return new Rewriter(wire, casts, maps).model(notes());
    }
  }

  private Rope notes() {
    Rope notes = new Rope();
    if (imports) {
      notes.message(8, new Rope().text(1, "").number(2, 13));
    }
    for (Cast cast : casts) {
      notes.message(14, new Rope().text(1, CAST + cast.input()).text(2, cast.type()));
    }
    for (Maps one : maps) {
      notes.message(
          14, new Rope().text(1, MAPS + one.output()).text(2, String.join("\n", one.labels())));
    }
    return notes;
  }
}
