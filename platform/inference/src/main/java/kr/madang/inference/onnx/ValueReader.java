package kr.madang.inference.onnx;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import kr.madang.inference.onnx.OnnxModel.Value;

/** Reads what a file says of a named value. */
final class ValueReader {
  private static final int MOST_DEPTH = 8;

  private final Wire wire;
  private final Limits limits;

  ValueReader(Wire wire, Limits limits) {
    this.wire = wire;
    this.limits = limits;
  }

  Value read(long end) throws IOException {
    String name = "";
    Value typed = new Value("", 0, "", null, List.of());
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      switch (field) {
        case 1 -> name = wire.text(end, limits.nameBytes(), "the name of a value");
        case 2 -> typed = type(wire.message(end), 0);
        default -> wire.skip(end);
      }
    }
    return new Value(name, typed.type(), typed.kind(), typed.shape(), typed.symbols());
  }

  private Value type(long end, int depth) throws IOException {
    if (depth > MOST_DEPTH) {
      throw new OnnxFault("the type of a value", "fewer types within one another", "more");
    }
    Value found = new Value("", 0, "", null, List.of());
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      switch (field) {
        case 1 -> found = tensor(wire.message(end), "tensor");
        case 8 -> found = tensor(wire.message(end), "sparse");
        case 4 -> found = holder(wire.message(end), "sequence", 1, depth);
        case 5 -> found = holder(wire.message(end), "map", 2, depth);
        case 9 -> found = holder(wire.message(end), "optional", 1, depth);
        default -> wire.skip(end);
      }
    }
    return found;
  }

  private Value holder(long end, String kind, int inner, int depth) throws IOException {
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      if (field == inner && wire.kind() == Wire.BYTES) {
        type(wire.message(end), depth + 1);
      } else {
        wire.skip(end);
      }
    }
    return new Value("", 0, kind, null, List.of());
  }

  private Value tensor(long end, String kind) throws IOException {
    int type = 0;
    List<Long> shape = null;
    List<String> symbols = new ArrayList<>();
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      switch (field) {
        case 1 -> type = Math.clamp(wire.number(end), 0, Integer.MAX_VALUE);
        case 2 -> shape = shape(wire.message(end), symbols);
        default -> wire.skip(end);
      }
    }
    return new Value("", type, kind, shape, List.copyOf(symbols));
  }

  private List<Long> shape(long end, List<String> symbols) throws IOException {
    List<Long> shape = new ArrayList<>();
    symbols.clear();
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      if (field == 1) {
        if (shape.size() == limits.dimensions()) {
          throw new OnnxFault(
              "the shape of a value", "at most " + limits.dimensions() + " dimensions", "more");
        }
        dimension(wire.message(end), shape, symbols);
      } else {
        wire.skip(end);
      }
    }
    return List.copyOf(shape);
  }

  private void dimension(long end, List<Long> shape, List<String> symbols) throws IOException {
    long size = -1;
    String symbol = "";
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      switch (field) {
        case 1 -> size = Math.max(-1, wire.number(end));
        case 2 -> symbol = wire.text(end, limits.nameBytes(), "the name of a dimension");
        default -> wire.skip(end);
      }
    }
    shape.add(size);
    symbols.add(symbol);
  }
}
