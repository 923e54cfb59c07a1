package kr.madang.engine.step;

import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VariableWidthVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.TransferPair;

/** The columns of a batch in the making; gives back their memory if it never becomes one. */
final class Assembly implements AutoCloseable {
  private final BufferAllocator allocator;
  private final List<FieldVector> vectors = new ArrayList<>();

  Assembly(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /** Adds rows of a column that stays as it is, under the name and metadata of a field. */
  void share(FieldVector from, Field as, int start, int rows) {
    TransferPair pair = from.getTransferPair(as, allocator);
    FieldVector to = (FieldVector) pair.getTo();
    vectors.add(to);
    pair.splitAndTransfer(start, rows);
  }

  /**
   * Adds a column for so many rows, all of them set; its caller fills it, and sets the number of
   * values if they are of variable width.
   */
  FieldVector add(Field field, int rows) {
    FieldVector vector = field.createVector(allocator);
    vectors.add(vector);
    vector.setInitialCapacity(rows);
    vector.allocateNew();
    fillValidity(vector, rows);
    if (vector instanceof FixedSizeListVector list) {
      fillValidity(list.getDataVector(), rows * list.getListSize());
    }
    if (!(vector instanceof VariableWidthVector)) {
      vector.setValueCount(rows);
    }
    return vector;
  }

  /** Adds some rows of a column, in the order given. */
  void gather(FieldVector from, int[] rows, int count) {
    int width = width(from);
    if (width == 8 || width == 4) {
      FieldVector to = add(from.getField(), count);
      copyValidity(from, to, rows, count);
      ArrowBuf source = from.getDataBuffer();
      ArrowBuf target = to.getDataBuffer();
      if (width == 8) {
        for (int i = 0; i < count; i++) {
          target.setLong((long) i << 3, source.getLong((long) rows[i] << 3));
        }
      } else {
        for (int i = 0; i < count; i++) {
          target.setInt((long) i << 2, source.getInt((long) rows[i] << 2));
        }
      }
      return;
    }
    if (from instanceof FixedSizeListVector lists
        && width(lists.getDataVector()) > 0
        && lists.getDataVector().getNullCount() == 0) {
      FieldVector to = add(from.getField(), count);
      copyValidity(from, to, rows, count);
      long bytes = (long) width(lists.getDataVector()) * lists.getListSize();
      ArrowBuf source = lists.getDataVector().getDataBuffer();
      ArrowBuf target = ((FixedSizeListVector) to).getDataVector().getDataBuffer();
      for (int i = 0; i < count; i++) {
        target.setBytes(i * bytes, source, rows[i] * bytes, bytes);
      }
      return;
    }
    FieldVector to = from.getField().createVector(allocator);
    vectors.add(to);
    to.setInitialCapacity(count);
    to.allocateNew();
    for (int i = 0; i < count; i++) {
      to.copyFromSafe(rows[i], i, from);
    }
    to.setValueCount(count);
  }

  private static int width(FieldVector vector) {
    return vector instanceof BaseFixedWidthVector fixed && !(vector instanceof BitVector)
        ? fixed.getTypeWidth()
        : 0;
  }

  private static void copyValidity(FieldVector from, FieldVector to, int[] rows, int count) {
    if (from.getNullCount() > 0) {
      for (int i = 0; i < count; i++) {
        if (from.isNull(rows[i])) {
          BitVectorHelper.unsetBit(to.getValidityBuffer(), i);
        }
      }
    }
  }

  /** The columns so far. */
  List<FieldVector> vectors() {
    return vectors;
  }

  /** The finished batch; the caller owns it. */
  Batch take(Schema schema, int rows) {
    Batch batch = Batch.of(new VectorSchemaRoot(schema, new ArrayList<>(vectors), rows));
    vectors.clear();
    return batch;
  }

  /** The rows of a batch as a batch of its own over the same memory. */
  static Batch slice(Batch in, int start, int rows, BufferAllocator allocator) {
    if (start == 0 && rows == in.rows()) {
      return in.retain();
    }
    try (Assembly assembly = new Assembly(allocator)) {
      for (FieldVector vector : in.root().getFieldVectors()) {
        assembly.share(vector, vector.getField(), start, rows);
      }
      return assembly.take(in.schema(), rows);
    }
  }

  private static void fillValidity(FieldVector vector, int rows) {
    vector
        .getValidityBuffer()
        .setOne(0L, (long) BitVectorHelper.getValidityBufferSizeFromCount(rows));
  }

  @Override
  public void close() {
    vectors.forEach(FieldVector::close);
    vectors.clear();
  }
}
