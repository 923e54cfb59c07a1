package kr.madang.inference;

import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.jspecify.annotations.Nullable;

/** One column on its way into a tensor; bound to the memory of one batch after another. */
final class FieldSource {
  /** Where the column's elements go within a row of the tensor. */
  record Place(long offset, long stride) {}

  final String field;
  final ElementType type;
  final int length;
  final boolean list;
  final Place place;
  final double mean;
  final double deviation;
  private final int column;
  private final int statusColumn;

  private long values;
  private long validity;
  private long inner;
  private long statuses;
  private @Nullable VarCharVector texts;

  FieldSource(ColumnRef ref, Place place, double mean, double deviation) {
    this.field = ref.field();
    this.type = ref.type();
    this.length = ref.length();
    this.list = ref.list();
    this.column = ref.column();
    this.statusColumn = ref.statusColumn();
    this.place = place;
    this.mean = mean;
    this.deviation = deviation;
  }

  boolean scaled() {
    return mean != 0 || deviation != 1;
  }

  /** Takes the addresses of a batch, which stays open until the run is over. */
  void bind(VectorSchemaRoot root) {
    long rows = root.getRowCount();
    FieldVector vector = root.getVector(column);
    FieldVector elements =
        list && vector instanceof FixedSizeListVector lists ? lists.getDataVector() : vector;
    validity = bits(vector.getValidityBuffer(), rows);
    inner = list ? bits(elements.getValidityBuffer(), rows * length) : 0;
    if (type == ElementType.STRING) {
      texts = (VarCharVector) elements;
    } else {
      long bits = type == ElementType.BOOL ? 1 : type.size * 8L;
      values = address(elements.getDataBuffer(), (rows * length * bits + 7) / 8);
    }
    statuses =
        statusColumn < 0 ? 0 : address(root.getVector(statusColumn).getDataBuffer(), rows * 4);
  }

  private long bits(ArrowBuf buffer, long count) {
    return buffer.capacity() == 0 ? 0 : address(buffer, (count + 7) / 8);
  }

  private long address(ArrowBuf buffer, long bytes) {
    if (buffer.capacity() < bytes) {
      throw new PluginException(
          ErrorCode.BUG,
          "field %s: the batch holds %d bytes where %d are needed; the step before made it wrong"
              .formatted(field, buffer.capacity(), bytes));
    }
    return buffer.memoryAddress();
  }

  long values() {
    return values;
  }

  /** Whether every value of the batch is there and Good. */
  boolean clean(int rows) {
    return (statuses == 0 || Memory.anyOf(statuses, rows) >>> 30 == 0)
        && (validity == 0 || Memory.allSet(validity, rows))
        && (inner == 0 || Memory.allSet(inner, (long) rows * length));
  }

  /** The status of a row; Bad where a value is missing. */
  int status(int row) {
    int status = statuses == 0 ? Quality.GOOD : Memory.getInt(statuses + ((long) row << 2));
    if (Quality.isBad(status) || whole(row)) {
      return status;
    }
    return Quality.BAD_NO_DATA;
  }

  private boolean whole(int row) {
    return (validity == 0 || Memory.bit(validity, row))
        && (inner == 0 || Memory.allSet(inner, (long) row * length, length));
  }

  /** Whether an element of a Bad row is missing: null, or NaN as windows have it. */
  boolean gap(int row, int element) {
    long index = (long) row * length + element;
    return validity != 0 && !Memory.bit(validity, row)
        || inner != 0 && !Memory.bit(inner, index)
        || type.isFloat() && Double.isNaN(number(index));
  }

  /** Whether some elements of a Bad row are missing, so that the others can be believed. */
  boolean holed(int row) {
    if (validity != 0 && !Memory.bit(validity, row)) {
      return false;
    }
    for (int element = 0; element < length; element++) {
      if (gap(row, element)) {
        return true;
      }
    }
    return false;
  }

  /** Whether every element of a Bad row has a value. */
  boolean filled(int row) {
    return (validity == 0 || Memory.bit(validity, row)) && !holed(row);
  }

  /** An element of the column as a number. */
  double number(long index) {
    return type == ElementType.BOOL
        ? (Memory.bit(values, index) ? 1 : 0)
        : Cells.number(type, values, index);
  }

  /** An element of an integer or bool column. */
  long integer(long index) {
    return type == ElementType.BOOL
        ? (Memory.bit(values, index) ? 1 : 0)
        : Cells.integer(type, values, index);
  }

  /** An element of a text column; empty where it is missing. */
  String text(long index) {
    VarCharVector vector = texts;
    if (vector == null || vector.isNull((int) index)) {
      return "";
    }
    return new String(vector.get((int) index), java.nio.charset.StandardCharsets.UTF_8);
  }
}
