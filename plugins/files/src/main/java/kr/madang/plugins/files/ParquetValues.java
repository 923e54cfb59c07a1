package kr.madang.plugins.files;

import java.io.IOException;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/** Moves the values of one Parquet column into a vector. */
final class ParquetValues {
  private interface Move {
    void move(int row);
  }

  private final ColumnDescriptor column;
  private final ColumnReader reader;
  private final FieldVector vector;
  private final Move move;

  private ParquetValues(
      ColumnDescriptor column, ColumnReader reader, FieldVector vector, Move move) {
    this.column = column;
    this.reader = reader;
    this.vector = vector;
    this.move = move;
  }

  static ParquetValues of(ColumnDescriptor column, ColumnReader reader, FieldVector vector) {
    return new ParquetValues(column, reader, vector, move(column, reader, innermost(vector)));
  }

  private static FieldVector innermost(FieldVector vector) {
    return vector instanceof FixedSizeListVector list ? innermost(list.getDataVector()) : vector;
  }

  private static Move move(ColumnDescriptor column, ColumnReader reader, FieldVector vector) {
    PrimitiveTypeName type = column.getPrimitiveType().getPrimitiveTypeName();
    return switch (vector) {
      case Float8Vector doubles ->
          switch (type) {
            case INT32, INT64 -> {
              double unit = Math.pow(10, ParquetColumn.scale(column.getPrimitiveType()));
              boolean small = type == PrimitiveTypeName.INT32;
              yield row ->
                  doubles.setSafe(
                      row, (small ? reader.getInteger() : (double) reader.getLong()) / unit);
            }
            default -> row -> doubles.setSafe(row, reader.getDouble());
          };
      case Float4Vector floats -> row -> floats.setSafe(row, reader.getFloat());
      case BitVector bits -> row -> bits.setSafe(row, reader.getBoolean() ? 1 : 0);
      case VarCharVector texts -> row -> texts.setSafe(row, reader.getBinary().getBytes());
      case VarBinaryVector bytes -> row -> bytes.setSafe(row, reader.getBinary().getBytes());
      case BaseFixedWidthVector fixed ->
          switch (type) {
            case INT96 -> row -> set(fixed, row, ParquetColumn.int96(reader.getBinary()));
            case INT64 -> row -> set(fixed, row, reader.getLong());
            default -> row -> set(fixed, row, reader.getInteger());
          };
      default -> row -> {};
    };
  }

  private static void set(BaseFixedWidthVector vector, int row, long value) {
    while (row >= vector.getValueCapacity()) {
      vector.reAlloc();
    }
    BitVectorHelper.setBit(vector.getValidityBuffer(), row);
    if (vector.getTypeWidth() == 8) {
      vector.getDataBuffer().setLong((long) row << 3, value);
    } else {
      vector.getDataBuffer().setInt((long) row << 2, (int) value);
    }
  }

  /** Reads the next rows; the vector is empty before. */
  void read(int rows) throws IOException {
    if (vector instanceof NullVector) {
      throw new IOException("column " + vector.getName() + " has a type that is not read");
    }
    vector.setInitialCapacity(rows);
    vector.allocateNew();
    int full = column.getMaxDefinitionLevel();
    if (vector instanceof FixedSizeListVector list) {
      for (int row = 0; row < rows; row++) {
        list(list, row, full);
      }
      return;
    }
    if (column.getMaxRepetitionLevel() > 0) {
      throw new IOException("column " + vector.getName() + " has lists of no fixed size");
    }
    for (int row = 0; row < rows; row++) {
      if (reader.getCurrentDefinitionLevel() == full) {
        move.move(row);
      }
      reader.consume();
    }
  }

  private void list(FixedSizeListVector list, int row, int full) throws IOException {
    int size = 1;
    FieldVector level = list;
    while (level instanceof FixedSizeListVector nested) {
      size *= nested.getListSize();
      level = nested.getDataVector();
    }
    // an optional list that is null ends at the level of its own presence
    if (reader.getCurrentDefinitionLevel() == 0 && column.getMaxDefinitionLevel() > 1) {
      reader.consume();
      return;
    }
    for (int i = 0; i < size; i++) {
      if (i > 0 && reader.getCurrentRepetitionLevel() == 0) {
        throw new IOException(
            "column " + list.getName() + ": expected lists of " + size + ", got one of " + i);
      }
      if (reader.getCurrentDefinitionLevel() == full) {
        move.move(row * size + i);
      }
      reader.consume();
    }
    if (reader.getCurrentRepetitionLevel() != 0) {
      throw new IOException(
          "column " + list.getName() + ": expected lists of " + size + ", got a longer one");
    }
    present(list, row);
  }

  private static void present(FixedSizeListVector list, int row) {
    list.setNotNull(row);
    if (list.getDataVector() instanceof FixedSizeListVector nested) {
      for (int i = 0; i < list.getListSize(); i++) {
        present(nested, row * list.getListSize() + i);
      }
    }
  }
}
