package kr.madang.gateway.arrow;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import kr.madang.gateway.arrow.ColumnType.Kind;
import kr.madang.inference.ModelInfo;
import kr.madang.inference.Slabs;
import kr.madang.inference.Tensor;
import kr.madang.sdk.error.PluginException;

/**
 * The tensors that columns make: for each input of a graph the column of its name. A row of {@code
 * [n, k]} is a FixedSizeList of k values; closing gives the memory back.
 */
public final class ColumnTensors implements AutoCloseable {
  /** Of one tensor; dictionaries let few bytes stand for many. */
  private static final long MOST_BYTES = 256L << 20;

  private final Slabs memory;
  private final List<Slabs.Slab> slabs = new ArrayList<>(2);
  private final List<Tensor> tensors = new ArrayList<>(2);
  private long rows;

  private ColumnTensors(Slabs memory) {
    this.memory = memory;
  }

  /**
   * Copies columns into native memory.
   *
   * @param parts at least one; the rows of all, one behind the other
   * @throws PluginException SCHEMA_MISFIT that names column, expected and got; EXHAUSTED
   */
  public static ColumnTensors of(
      List<Map<String, Column>> parts, List<ModelInfo.Signature> inputs, Slabs memory) {
    ColumnTensors made = new ColumnTensors(memory);
    try {
      names(parts.getFirst(), inputs);
      for (ModelInfo.Signature input : inputs) {
        List<Column> columns = new ArrayList<>(parts.size());
        for (Map<String, Column> part : parts) {
          Column column = part.get(input.name());
          if (column != null) {
            columns.add(column);
          }
        }
        made.add(input, columns);
      }
      return made;
    } catch (Throwable t) {
      made.close();
      throw t;
    }
  }

  private static void names(Map<String, Column> columns, List<ModelInfo.Signature> inputs) {
    List<String> wanted = inputs.stream().map(ModelInfo.Signature::name).toList();
    List<String> missing = new ArrayList<>(wanted);
    missing.removeAll(columns.keySet());
    if (!missing.isEmpty() || columns.size() != wanted.size()) {
      throw Refused.because(
          "expected a column for each of the inputs %s, got %s, missing %s",
          wanted, columns.keySet(), missing);
    }
  }

  /** In the order of the graph. */
  public List<Tensor> tensors() {
    return tensors;
  }

  /** Of each. */
  public long rows() {
    return rows;
  }

  private void add(ModelInfo.Signature input, List<Column> columns) {
    ColumnType type = columns.getFirst().type();
    List<Long> lists = new ArrayList<>(2);
    ColumnType leaf = type;
    while (leaf.child() != null) {
      lists.add((long) leaf.size());
      leaf = leaf.child();
    }
    fits(input, type, leaf);
    rows = 0;
    for (Column column : columns) {
      rows += column.rows();
    }
    long[] shape = shape(input, type, lists);
    List<Column> leaves = new ArrayList<>(columns.size());
    for (Column column : columns) {
      leaves.add(leaf(input.name(), column));
    }
    long bytes = bytes(input, leaves);
    if (bytes > MOST_BYTES) {
      throw Refused.because(
          "column '%s': expected a tensor of at most %,d bytes, got %,d",
          input.name(), MOST_BYTES, bytes);
    }
    Slabs.Slab slab = memory.take(bytes);
    slabs.add(slab);
    ByteBuffer data = slab.part(0, (int) bytes);
    int at = 0;
    for (Column column : leaves) {
      at = copy(input.type(), column, data, at);
    }
    tensors.add(new Tensor(input.name(), input.type(), shape, data));
  }

  private static void fits(ModelInfo.Signature input, ColumnType type, ColumnType leaf) {
    String wanted =
        switch (input.type()) {
          case "bfloat16" -> "bytes2";
          case "string" -> leaf.element().equals("binary") ? "binary" : "string";
          default -> input.type();
        };
    if (!leaf.element().equals(wanted)) {
      throw Refused.because(
          "column '%s': expected values of %s, got %s", input.name(), wanted, type);
    }
  }

  /** What the lists say where they say as much as the graph, else what the graph says. */
  private long[] shape(ModelInfo.Signature input, ColumnType type, List<Long> lists) {
    List<Long> graph = input.shape();
    if (graph.isEmpty()) {
      throw Refused.because(
          "input '%s' is a scalar, which no column carries: send it as JSON or as bytes",
          input.name());
    }
    long values = 1;
    for (long size : lists) {
      values *= size;
    }
    long[] shape = new long[graph.size()];
    shape[0] = rows;
    int open = -1;
    long known = 1;
    for (int i = 1; i < shape.length; i++) {
      shape[i] = lists.size() == shape.length - 1 ? lists.get(i - 1) : graph.get(i);
      if (shape[i] >= 0) {
        known *= shape[i];
      } else if (open < 0) {
        open = i;
      } else {
        open = Integer.MAX_VALUE;
      }
    }
    if (open > 0 && open < shape.length && known > 0 && values % known == 0) {
      shape[open] = values / known;
      known = values;
    }
    if (open == Integer.MAX_VALUE || known != values) {
      throw Refused.because(
          "column '%s': expected rows of %s values as the shape %s has, got %s",
          input.name(), open < 0 ? Long.toString(known) : "so many", graph, type);
    }
    return shape;
  }

  /** The values within all lists, none of which is missing. */
  private static Column leaf(String name, Column column) {
    Column leaf = column;
    int each = 1;
    while (true) {
      for (int row = 0; leaf.mayBeNull() && row < leaf.rows(); row++) {
        if (leaf.isNull(row)) {
          throw Refused.because(
              "column '%s': row %d: expected a value, got null", name, row / each);
        }
      }
      if (leaf.type().kind() != Kind.LIST || !leaf.isPlain()) {
        if (leaf.type().kind() == Kind.LIST) {
          throw Refused.because(
              "column '%s': expected lists as they are, got a dictionary of them", name);
        }
        return leaf;
      }
      each *= leaf.type().size();
      leaf = leaf.child();
    }
  }

  private static long bytes(ModelInfo.Signature input, List<Column> leaves) {
    long bytes = 0;
    for (Column leaf : leaves) {
      if (!input.type().equals("string")) {
        bytes += (long) leaf.rows() * Math.max(1, leaf.type().width());
        continue;
      }
      for (int row = 0; row < leaf.rows(); row++) {
        bytes += 4L + leaf.length(row);
      }
    }
    return bytes;
  }

  private static int copy(String type, Column column, ByteBuffer to, int from) {
    int at = from;
    if (type.equals("string")) {
      byte[] bytes = column.textBytes();
      to.order(ByteOrder.LITTLE_ENDIAN);
      for (int row = 0; row < column.rows(); row++) {
        int length = column.length(row);
        to.putInt(at, length).put(at + 4, bytes, column.from(row), length);
        at += 4 + length;
      }
    } else if (type.equals("bool")) {
      for (int row = 0; row < column.rows(); row++) {
        to.put(at++, (byte) column.whole(row));
      }
    } else if (column.isPlain() && column.rows() > 0) {
      int length = column.rows() * column.type().width();
      to.put(at, column.bytes, column.from(0), length);
      at += length;
    } else {
      byte[] bytes = column.textBytes();
      int width = column.type().width();
      for (int row = 0; row < column.rows(); row++) {
        to.put(at, bytes, column.from(row), width);
        at += width;
      }
    }
    return at;
  }

  @Override
  public void close() {
    slabs.forEach(Slabs.Slab::close);
    slabs.clear();
  }

  @Override
  public String toString() {
    return tensors.stream()
        .map(one -> one.name() + Arrays.toString(one.shape()))
        .toList()
        .toString();
  }
}
