package kr.madang.inference.onnx;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kr.madang.inference.onnx.OnnxModel.Value;
import org.jspecify.annotations.Nullable;

/** Walks over a file and says what stands where afterwards; what is not touched is not read. */
final class Rewriter {
  private final Wire wire;
  private final ValueReader values;
  private final Map<String, Rewrite.Cast> casts = new HashMap<>();
  private final Map<String, Rewrite.Maps> maps = new HashMap<>();
  private final Limits limits = Limits.usual();

  Rewriter(Wire wire, List<Rewrite.Cast> casts, List<Rewrite.Maps> maps) {
    this.wire = wire;
    this.values = new ValueReader(wire, limits);
    casts.forEach(cast -> this.casts.put(cast.input(), cast));
    maps.forEach(one -> this.maps.put(one.output(), one));
  }

  Rope model(Rope notes) throws IOException {
    Rope out = new Rope();
    long end = wire.size();
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      if (field == 7) {
        out.message(7, graph(wire.message(end)));
      } else {
        keep(out, end);
      }
    }
    return out.join(notes);
  }

  private void keep(Rope out, long end) throws IOException {
    long at = wire.fieldAt();
    wire.skip(end);
    out.part(at, wire.position());
  }

  private Rope graph(long end) throws IOException {
    Rope out = new Rope();
    casts.values().forEach(cast -> casting(cast, out));
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      switch (field) {
        case 1 -> node(out, end, casts, true);
        case 11 -> input(out, end);
        case 12 -> output(out, end);
        default -> keep(out, end);
      }
    }
    return out;
  }

  /**
   * The bits as they are: by the specification a cast between integers of one size keeps them. ONNX
   * Runtime would merge the cast with one that follows it in the graph, so that the sign counts;
   * Abs stands between, which changes no unsigned number.
   */
  private static void casting(Rewrite.Cast cast, Rope out) {
    String bits = cast.inner() + "/cast";
    out.message(
        1,
        new Rope()
            .text(1, cast.input())
            .text(2, bits)
            .text(3, bits)
            .text(4, "Cast")
            .message(5, new Rope().text(1, "to").number(3, cast.from()).number(20, 2)));
    out.message(
        1, new Rope().text(1, bits).text(2, cast.inner()).text(3, cast.inner()).text(4, "Abs"));
  }

  private void input(Rope out, long end) throws IOException {
    long at = wire.fieldAt();
    long to = wire.message(end);
    long start = wire.position();
    Value value = values.read(to);
    Rewrite.Cast cast = casts.get(value.name());
    if (cast == null) {
      out.part(at, to);
    } else {
      wire.to(start);
      out.message(11, retyped(to, cast.to(), 2));
    }
  }

  /** A value with another element type: two messages further in. */
  private Rope retyped(long end, int type, int levels) throws IOException {
    Rope out = new Rope();
    int inner = levels == 2 ? 2 : 1;
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      if (levels == 0 && field == 1) {
        wire.skip(end);
        out.number(1, type);
      } else if (levels > 0 && field == inner) {
        out.message(field, retyped(wire.message(end), type, levels - 1));
      } else {
        keep(out, end);
      }
    }
    return out;
  }

  private void output(Rope out, long end) throws IOException {
    long at = wire.fieldAt();
    long to = wire.message(end);
    Value value = values.read(to);
    Rewrite.Maps one = maps.get(value.name());
    if (one == null) {
      out.part(at, to);
      return;
    }
    Rope shape = new Rope().message(1, new Rope());
    Rope columns = one.labels().isEmpty() ? new Rope() : new Rope().number(1, one.labels().size());
    shape.message(1, columns);
    Rope tensor = new Rope().number(1, Elements.FLOAT).message(2, shape);
    out.message(12, new Rope().text(1, value.name()).message(2, new Rope().message(1, tensor)));
  }

  /** A node of a graph, with its inputs under their new names. */
  private void node(Rope out, long end, Map<String, Rewrite.Cast> renamed, boolean top)
      throws IOException {
    long to = wire.message(end);
    long start = wire.position();
    Rewrite.Maps zipped = top && !maps.isEmpty() ? zipped(to) : null;
    if (zipped != null) {
      out.message(
          1,
          new Rope()
              .text(1, zipped.probabilities())
              .text(2, zipped.output())
              .text(3, zipped.output() + "/identity")
              .text(4, "Identity"));
      wire.to(to);
      return;
    }
    wire.to(start);
    Rope node = new Rope();
    for (int field = wire.next(to); field != 0; field = wire.next(to)) {
      switch (field) {
        case 1 -> {
          long at = wire.fieldAt();
          String name = wire.text(to, limits.nameBytes(), "an input of a node");
          Rewrite.Cast cast = renamed.get(name);
          if (cast == null) {
            node.part(at, wire.position());
          } else {
            node.text(1, cast.inner());
          }
        }
        case 5 -> attribute(node, to, renamed);
        default -> keep(node, to);
      }
    }
    out.message(1, node);
  }

  private Rewrite.@Nullable Maps zipped(long end) throws IOException {
    String operator = "";
    String output = "";
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      switch (field) {
        case 2 -> output = wire.text(end, limits.nameBytes(), "an output of a node");
        case 4 -> operator = wire.text(end, limits.nameBytes(), "a node's operator");
        default -> wire.skip(end);
      }
    }
    return operator.equals("ZipMap") ? maps.get(output) : null;
  }

  private void attribute(Rope out, long end, Map<String, Rewrite.Cast> renamed) throws IOException {
    long to = wire.message(end);
    Rope attribute = new Rope();
    for (int field = wire.next(to); field != 0; field = wire.next(to)) {
      if (field == 6 || field == 11) {
        attribute.message(field, inner(wire.message(to), renamed));
      } else {
        keep(attribute, to);
      }
    }
    out.message(5, attribute);
  }

  /** A graph within a node sees the names around it unless it has such a name itself. */
  private Rope inner(long end, Map<String, Rewrite.Cast> around) throws IOException {
    long start = wire.position();
    Map<String, Rewrite.Cast> renamed = new HashMap<>(around);
    renamed.keySet().removeAll(own(end));
    wire.to(start);
    Rope out = new Rope();
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      if (field == 1) {
        node(out, end, renamed, false);
      } else {
        keep(out, end);
      }
    }
    return out;
  }

  private Set<String> own(long end) throws IOException {
    Set<String> names = new HashSet<>();
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      switch (field) {
        case 1 -> {
          long to = wire.message(end);
          for (int part = wire.next(to); part != 0; part = wire.next(to)) {
            if (part == 2) {
              names.add(wire.text(to, limits.nameBytes(), "an output of a node"));
            } else {
              wire.skip(to);
            }
          }
        }
        case 5 -> names.add(TensorReader.read(wire, limits, wire.message(end)).name());
        case 11 -> names.add(values.read(wire.message(end)).name());
        default -> wire.skip(end);
      }
    }
    return names;
  }
}
