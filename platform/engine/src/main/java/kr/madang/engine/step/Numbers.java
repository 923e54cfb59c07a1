package kr.madang.engine.step;

import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;

/** Numbers of every type as float64; of a missing one whatever lies there. */
final class Numbers {
  private Numbers() {}

  static double read(FieldVector column, int row) {
    return switch (column) {
      case Float8Vector v -> v.getDataBuffer().getDouble((long) row << 3);
      case Float4Vector v -> v.getDataBuffer().getFloat((long) row << 2);
      default -> integer(column, row);
    };
  }

  static long integer(FieldVector column, int row) {
    return switch (column) {
      case BigIntVector v -> v.getDataBuffer().getLong((long) row << 3);
      case IntVector v -> v.getDataBuffer().getInt((long) row << 2);
      case SmallIntVector v -> v.getDataBuffer().getShort((long) row << 1);
      case TinyIntVector v -> v.getDataBuffer().getByte(row);
      case UInt8Vector v -> v.getDataBuffer().getLong((long) row << 3);
      case UInt4Vector v -> Integer.toUnsignedLong(v.getDataBuffer().getInt((long) row << 2));
      case UInt2Vector v -> Short.toUnsignedInt(v.getDataBuffer().getShort((long) row << 1));
      case UInt1Vector v -> Byte.toUnsignedInt(v.getDataBuffer().getByte(row));
      default -> throw new IllegalArgumentException("not a column of numbers: " + column);
    };
  }
}
