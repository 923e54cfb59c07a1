package kr.madang.inference.onnx;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Finds and changes where the tensors of a file say that their bytes lie. */
final class Settling {
  private static final int LONGEST_ENTRY = 1 << 20;

  /** Bytes that the widest registers hold. */
  private static final long EVEN = 64;

  private final Wire wire;
  private final String weights;
  private final List<WeightFiles.Piece> pieces = new ArrayList<>();
  private final Map<Long, WeightFiles.Place> places;

  private Settling(Wire wire, String weights, Map<Long, WeightFiles.Place> places) {
    this.wire = wire;
    this.weights = weights;
    this.places = places;
  }

  /** The parts of the file of weights that tensors have. */
  static List<WeightFiles.Piece> pieces(Path model, String weights) throws IOException {
    try (Wire wire = new Wire(model)) {
      Settling settling = new Settling(wire, weights, Map.of());
      settling.message(wire.size(), 7, false);
      return settling.pieces;
    }
  }

  /** Writes the model with other places. */
  static void write(Path model, String weights, Map<Long, WeightFiles.Place> places, Path to)
      throws IOException {
    Rope rope;
    try (Wire wire = new Wire(model)) {
      rope = new Settling(wire, weights, places).message(wire.size(), 7, false);
    }
    try (FileChannel from = FileChannel.open(model, StandardOpenOption.READ);
        FileChannel out =
            FileChannel.open(to, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
      rope.write(from, out);
      out.force(true);
    }
  }

  /** A model (whose field 7 is a graph) or an attribute (6, 11); all else stays. */
  private Rope message(long end, int graph, boolean attribute) throws IOException {
    Rope out = new Rope();
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      if (wire.kind() == Wire.BYTES && (field == graph || attribute && field == 11)) {
        out.message(field, graph(wire.message(end)));
      } else {
        keep(out, end);
      }
    }
    return out;
  }

  private Rope graph(long end) throws IOException {
    Rope out = new Rope();
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      switch (field) {
        case 1 -> out.message(1, node(wire.message(end)));
        case 5 -> out.message(5, tensor(wire.message(end)));
        default -> keep(out, end);
      }
    }
    return out;
  }

  private Rope node(long end) throws IOException {
    Rope out = new Rope();
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      if (field == 5) {
        out.message(5, message(wire.message(end), 6, true));
      } else {
        keep(out, end);
      }
    }
    return out;
  }

  private void keep(Rope out, long end) throws IOException {
    long at = wire.fieldAt();
    wire.skip(end);
    out.part(at, wire.position());
  }

  /** The entries of a tensor's external data. */
  private static final class Entries {
    String location = "";
    long offset;
    long length;
    final List<String[]> others = new ArrayList<>();
  }

  private Rope tensor(long end) throws IOException {
    Rope out = new Rope();
    Entries entries = null;
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      if (field == 13) {
        entries = entries == null ? new Entries() : entries;
        entry(wire.message(end), entries);
      } else {
        keep(out, end);
      }
    }
    if (entries == null) {
      return out;
    }
    if (entries.location.equals(weights)) {
      settle(entries, out);
    } else {
      put(out, "location", entries.location);
      put(out, "offset", Long.toString(entries.offset));
      put(out, "length", Long.toString(entries.length));
      entries.others.forEach(other -> put(out, other[0], other[1]));
    }
    return out;
  }

  private void entry(long end, Entries into) throws IOException {
    String key = "";
    String value = "";
    for (int field = wire.next(end); field != 0; field = wire.next(end)) {
      switch (field) {
        case 1 -> key = wire.text(end, LONGEST_ENTRY, "a key of external data");
        case 2 -> value = wire.text(end, LONGEST_ENTRY, "a value of external data");
        default -> wire.skip(end);
      }
    }
    switch (key) {
      case "location" -> into.location = value;
      case "offset" -> into.offset = number(value);
      case "length" -> into.length = number(value);
      default -> into.others.add(new String[] {key, value});
    }
  }

  private static long number(String text) throws OnnxFault {
    if (!text.matches("[0-9]{1,18}")) {
      throw new OnnxFault("external data", "a number", "'" + text + "'");
    }
    return Long.parseLong(text);
  }

  private void settle(Entries entries, Rope out) throws IOException {
    long start = entries.offset;
    long last = entries.offset + entries.length;
    for (String[] other : entries.others) {
      for (long[] blob : blobs(other[1])) {
        start = Math.min(start, blob[0]);
        last = Math.max(last, blob[0] + blob[1]);
      }
    }
    pieces.add(new WeightFiles.Piece(start, last));
    WeightFiles.Place place = places.get(start);
    if (place == null) {
      return;
    }
    long move = place.start() - start;
    refuseUneven(entries, move);
    put(out, "location", place.file());
    put(out, "offset", Long.toString(entries.offset + move));
    put(out, "length", Long.toString(entries.length));
    for (String[] other : entries.others) {
      put(out, other[0], moved(other[1], move));
    }
  }

  /**
   * ONNX Runtime writes what it has packed right behind a tensor, however long that is, and its
   * kernels read it in steps that must lie even: anywhere else the process ends.
   */
  private static void refuseUneven(Entries entries, long move) throws OnnxFault {
    for (String[] other : entries.others) {
      for (long[] blob : blobs(other[1])) {
        if ((blob[0] + move) % EVEN != 0) {
          throw new PluginException(
              ErrorCode.CONFIG_INVALID,
              "packed weights behind a tensor of %d bytes would not lie even in memory"
                  .formatted(entries.length));
        }
      }
    }
  }

  /** Offset and length of each blob of {@code key|offset;length;checksum|…}. */
  private static List<long[]> blobs(String value) throws OnnxFault {
    List<long[]> blobs = new ArrayList<>();
    String[] parts = value.split("\\|", -1);
    for (int i = 1; i < parts.length; i++) {
      String[] numbers = parts[i].split(";", -1);
      if (numbers.length == 3) {
        blobs.add(new long[] {number(numbers[0]), number(numbers[1])});
      }
    }
    return blobs;
  }

  private static String moved(String value, long move) throws OnnxFault {
    String[] parts = value.split("\\|", -1);
    for (int i = 1; i < parts.length; i++) {
      String[] numbers = parts[i].split(";", -1);
      if (numbers.length == 3) {
        parts[i] = (number(numbers[0]) + move) + ";" + numbers[1] + ";" + numbers[2];
      }
    }
    return String.join("|", parts);
  }

  private static void put(Rope tensor, String key, String value) {
    tensor.message(13, new Rope().text(1, key).text(2, value));
  }
}
