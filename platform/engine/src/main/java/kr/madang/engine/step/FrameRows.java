package kr.madang.engine.step;

import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** Writes frames of float64 fields straight into the buffers of their columns. */
final class FrameRows implements AutoCloseable {
  private static final int FIRST_CAPACITY = 16;

  private final BufferAllocator allocator;
  private final Schema schema;
  private final ArrowBuf[] data;
  private final ArrowBuf[] validity;
  private @Nullable VectorSchemaRoot root;
  private int rows;
  private int capacity;
  private int expected = FIRST_CAPACITY;

  FrameRows(BufferAllocator allocator, Schema schema) {
    this.allocator = allocator;
    this.schema = schema;
    data = new ArrowBuf[schema.getFields().size()];
    validity = new ArrowBuf[schema.getFields().size()];
  }

  Schema schema() {
    return schema;
  }

  int rows() {
    return rows;
  }

  /** Begins a row; all of its fields must be written then. */
  void begin(long time) {
    if (rows == capacity) {
      grow();
    }
    data[0].setLong((long) rows << 3, time);
    rows++;
  }

  /** Takes the row begun last back. */
  void undo() {
    rows--;
    for (int column = 1; column < validity.length; column += 2) {
      BitVectorHelper.setBit(validity[column], rows);
    }
  }

  void set(int field, double value, int status) {
    int row = rows - 1;
    data[2 * field + 1].setDouble((long) row << 3, value);
    data[2 * field + 2].setInt((long) row << 2, status);
  }

  void missing(int field, int status) {
    int row = rows - 1;
    BitVectorHelper.unsetBit(validity[2 * field + 1], row);
    data[2 * field + 2].setInt((long) row << 2, status);
  }

  /** The rows so far; the caller owns the batch. */
  Batch take() {
    VectorSchemaRoot taken = root;
    if (taken == null) {
      throw new IllegalStateException("no row was begun");
    }
    taken.setRowCount(rows);
    expected = Math.max(FIRST_CAPACITY, rows);
    root = null;
    rows = 0;
    capacity = 0;
    return Batch.of(taken);
  }

  private void grow() {
    VectorSchemaRoot current = root;
    if (current == null) {
      current = VectorSchemaRoot.create(schema, allocator);
      root = current;
      for (FieldVector vector : current.getFieldVectors()) {
        vector.setInitialCapacity(expected);
        vector.allocateNew();
      }
    } else {
      for (FieldVector vector : current.getFieldVectors()) {
        if (vector.getValueCapacity() <= rows) {
          vector.reAlloc();
        }
      }
    }
    capacity = Integer.MAX_VALUE;
    for (int i = 0; i < data.length; i++) {
      FieldVector vector = current.getVector(i);
      capacity = Math.min(capacity, vector.getValueCapacity());
      data[i] = vector.getDataBuffer();
      validity[i] = vector.getValidityBuffer();
      // All set from here on; a missing value clears its bit. The byte of row - 1 is half used.
      for (int row = rows; row < vector.getValueCapacity() && (row & 7) != 0; row++) {
        BitVectorHelper.setBit(validity[i], row);
      }
      int used = (rows + 7) >> 3;
      int bytes = BitVectorHelper.getValidityBufferSizeFromCount(vector.getValueCapacity());
      if (bytes > used) {
        validity[i].setOne((long) used, (long) bytes - used);
      }
    }
  }

  @Override
  public void close() {
    if (root != null) {
      root.close();
      root = null;
    }
    rows = 0;
    capacity = 0;
  }
}
