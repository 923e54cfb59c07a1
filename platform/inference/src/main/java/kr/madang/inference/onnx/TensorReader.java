package kr.madang.inference.onnx;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import kr.madang.inference.onnx.OnnxModel.External;
import kr.madang.inference.onnx.OnnxModel.Weights;
import org.jspecify.annotations.Nullable;

/** Reads a tensor of the file: all but its numbers, of which only a few are taken. */
final class TensorReader {
  private static final int FEW = 64;
  private static final int LONGEST_NOTE = 4096;

  private final Wire wire;
  private final Limits limits;
  private final List<Long> shape = new ArrayList<>();
  private final List<Double> few = new ArrayList<>();
  private int type;
  private String name = "";
  private long rawAt;
  private long rawBytes = -1;

  /** How many elements the typed fields can hold at most. */
  private long room;

  private boolean outside;
  private String location = "";
  private long offset;
  private long length = -1;
  private boolean prepacked;

  private TensorReader(Wire wire, Limits limits) {
    this.wire = wire;
    this.limits = limits;
  }

  static Weights read(Wire wire, Limits limits, long end) throws IOException {
    return new TensorReader(wire, limits).read(end);
  }

  /** A sparse tensor counts by what it is when it is written out. */
  static Weights sparse(Wire wire, Limits limits, long end) throws IOException {
    Weights values = null;
    List<Long> dense = new ArrayList<>();
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      switch (field) {
        case 1 -> values = read(wire, limits, wire.message(end));
        case 2 -> read(wire, limits, wire.message(end));
        case 3 -> numbers(wire, end, dense, limits.dimensions(), "the shape of a sparse tensor");
        default -> wire.skip(end);
      }
    }
    if (values == null) {
      throw new OnnxFault("a sparse tensor", "values", "none");
    }
    long bytes = bytes("tensor '" + values.name() + "'", dense, values.type());
    return new Weights(
        values.name(), values.type(), List.copyOf(dense), bytes, values.external(), null, true);
  }

  private Weights read(long end) throws IOException {
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      switch (field) {
        case 1 -> numbers(wire, end, shape, limits.dimensions(), "the shape of a tensor");
        case 2 -> type = Math.clamp(wire.number(end), 0, Integer.MAX_VALUE);
        case 4 -> room += wide(end, 4);
        case 5, 7, 11 -> integers(end);
        case 6 -> {
          room++;
          wire.to(wire.message(end));
        }
        case 8 -> name = wire.text(end, limits.nameBytes(), "a tensor's name");
        case 9 -> {
          long to = wire.message(end);
          rawAt = wire.position();
          rawBytes = to - rawAt;
          wire.to(to);
        }
        case 10 -> room += wide(end, 8);
        case 13 -> entry(wire.message(end));
        case 14 -> outside = wire.number(end) == 1;
        default -> wire.skip(end);
      }
    }
    return made(end);
  }

  /** Elements of a fixed width, packed or one by one. */
  private long wide(long end, int bytes) throws IOException {
    if (wire.kind() != Wire.BYTES) {
      if (bytes == 4) {
        keep(wire.real(end));
      } else {
        wire.skip(end);
      }
      return 1;
    }
    long to = wire.message(end);
    long count = (to - wire.position()) / bytes;
    for (long i = 0; bytes == 4 && i < count && few.size() <= FEW; i++) {
      keep(Float.intBitsToFloat((int) wire.fixed(4, to)));
    }
    wire.to(to);
    return count;
  }

  private void integers(long end) throws IOException {
    if (wire.kind() != Wire.BYTES) {
      room++;
      keep(wire.number(end));
      return;
    }
    long to = wire.message(end);
    room += to - wire.position();
    while (wire.position() < to && few.size() <= FEW) {
      keep(wire.varint(to));
    }
    wire.to(to);
  }

  private void keep(double value) {
    if (few.size() <= FEW) {
      few.add(value);
    }
  }

  /** Numbers of a repeated field, packed or one by one. */
  static void numbers(Wire wire, long end, List<Long> into, int most, String what)
      throws IOException {
    long to = wire.kind() == Wire.BYTES ? wire.message(end) : -1;
    do {
      if (to >= 0 && wire.position() >= to) {
        return;
      }
      if (into.size() == most) {
        throw new OnnxFault(what, "at most " + most + " numbers", "more");
      }
      into.add(to < 0 ? wire.number(end) : wire.varint(to));
    } while (to >= 0);
  }

  private void entry(long end) throws IOException {
    String key = "";
    String value = "";
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      switch (field) {
        case 1 -> key = wire.text(end, LONGEST_NOTE, "a key of external data");
        case 2 -> value = wire.text(end, LONGEST_NOTE, "external data of tensor '" + name + "'");
        default -> wire.skip(end);
      }
    }
    switch (key) {
      case "location" -> location = value;
      case "offset" -> offset = place(value, "offset");
      case "length" -> length = place(value, "length");
      default -> prepacked |= key.startsWith("prepacked");
    }
  }

  private long place(String value, String what) throws OnnxFault {
    if (!value.matches("[0-9]{1,18}")) {
      throw new OnnxFault(
          "tensor '" + name + "', external data", "a number from 0 as " + what, "'" + value + "'");
    }
    return Long.parseLong(value);
  }

  private Weights made(long end) throws IOException {
    String where = "tensor '" + name + "'";
    if (!Elements.isKnown(type)) {
      throw new OnnxFault(where, "a known element type", "number " + type);
    }
    long bytes = bytes(where, shape, type);
    long count = Elements.count(shape);
    List<Double> values = null;
    External external = null;
    if (outside) {
      external = new External(location, offset, length, prepacked);
      if (length >= 0 && length != bytes) {
        throw new OnnxFault(
            where,
            "%,d bytes for shape %s".formatted(bytes, shape),
            "external data of %,d".formatted(length));
      }
    } else if (rawBytes >= 0 && type != Elements.STRING) {
      if (rawBytes != bytes) {
        throw new OnnxFault(
            where, "%,d bytes for shape %s".formatted(bytes, shape), "%,d".formatted(rawBytes));
      }
      values = raw(count, end);
    } else if (count * Math.max(1, parts()) > room * perByte()) {
      throw new OnnxFault(where, "%,d elements for shape %s".formatted(count, shape), "fewer");
    } else if (count <= FEW && few.size() == count) {
      values = List.copyOf(few);
    }
    return new Weights(name, type, List.copyOf(shape), bytes, external, values, false);
  }

  /** Complex numbers are written as two. */
  private int parts() {
    return type == 14 || type == 15 ? 2 : 1;
  }

  /** Elements of 4 and 2 bits share one number. */
  private int perByte() {
    int bits = Elements.bits(type);
    return bits == 4 || bits == 2 ? 8 / bits : 1;
  }

  private @Nullable List<Double> raw(long count, long end) throws IOException {
    if (count > FEW || type != Elements.INT64 && type != Elements.INT32 && type != Elements.FLOAT) {
      return null;
    }
    List<Double> values = new ArrayList<>();
    wire.to(rawAt);
    for (int i = 0; i < count; i++) {
      long bits = wire.fixed(type == Elements.INT64 ? 8 : 4, end);
      values.add(
          type == Elements.INT64
              ? (double) bits
              : type == Elements.INT32 ? (double) (int) bits : Float.intBitsToFloat((int) bits));
    }
    wire.to(end);
    return values;
  }

  private static long bytes(String where, List<Long> shape, int type) throws OnnxFault {
    long count = Elements.count(shape);
    int bits = Elements.bits(type);
    if (count < 0 || bits > 0 && count > (1L << 46)) {
      throw new OnnxFault(where, "a shape that fits into memory", shape.toString());
    }
    return (count * bits + 7) / 8;
  }
}
