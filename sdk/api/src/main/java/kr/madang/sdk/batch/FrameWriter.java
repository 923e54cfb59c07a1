package kr.madang.sdk.batch;

import java.nio.charset.StandardCharsets;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.TimeStampNanoTZVector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames of float64, int64 and utf8 fields; a row costs no object. One thread at a time.
 * {@link #begin} starts a row in which every field is missing as {@link Quality#BAD_NO_DATA}; the
 * {@code set} methods fill it.
 */
public final class FrameWriter implements AutoCloseable {
  private static final int FIRST_CAPACITY = 64;

  private final BufferAllocator allocator;
  private final Schema schema;
  private final int fields;
  private @Nullable VectorSchemaRoot root;
  private FieldVector[] columns = new FieldVector[0];
  private int rows;
  private int capacity = FIRST_CAPACITY;

  /**
   * A writer with no rows.
   *
   * @param schema made by {@link Frames#schema}
   */
  public FrameWriter(BufferAllocator allocator, Schema schema) {
    if (!Frames.matches(schema)) {
      throw new IllegalArgumentException("not a schema of frames: " + schema);
    }
    this.allocator = allocator;
    this.schema = schema;
    this.fields = (schema.getFields().size() - 1) / 2;
  }

  /** The schema of the frames. */
  public Schema schema() {
    return schema;
  }

  /** Begins a row; {@code time} in ns since 1970 UTC. */
  public void begin(long time) {
    open();
    if (rows == capacity) {
      grow();
    }
    int row = rows++;
    ((TimeStampNanoTZVector) columns[0]).set(row, time);
    for (int field = 0; field < fields; field++) {
      ((UInt4Vector) columns[2 * field + 2]).set(row, Quality.BAD_NO_DATA);
    }
  }

  /** Sets a float64 field, counted from 0, of the row begun last. */
  public void set(int field, double value, int status) {
    ((Float8Vector) columns[2 * field + 1]).set(rows - 1, value);
    ((UInt4Vector) columns[2 * field + 2]).set(rows - 1, status);
  }

  /** Sets an int64 field of the row begun last. */
  public void setLong(int field, long value, int status) {
    ((BigIntVector) columns[2 * field + 1]).set(rows - 1, value);
    ((UInt4Vector) columns[2 * field + 2]).set(rows - 1, status);
  }

  /** Sets a utf8 field of the row begun last. */
  public void setText(int field, String value, int status) {
    ((VarCharVector) columns[2 * field + 1])
        .setSafe(rows - 1, value.getBytes(StandardCharsets.UTF_8));
    ((UInt4Vector) columns[2 * field + 2]).set(rows - 1, status);
  }

  /** Says why a field of the row begun last has no value. */
  public void missing(int field, int status) {
    ((UInt4Vector) columns[2 * field + 2]).set(rows - 1, status);
  }

  /** The number of rows since the last batch was taken. */
  public int rows() {
    return rows;
  }

  /** Takes the rows out as a batch that the caller owns; the writer goes on empty. */
  public Batch take() {
    VectorSchemaRoot taken = open();
    taken.setRowCount(rows);
    root = null;
    if (rows < capacity / 8) {
      // one long batch does not make all short ones after it as big
      capacity = Math.max(FIRST_CAPACITY, capacity / 2);
    }
    rows = 0;
    return Batch.of(taken);
  }

  /** Throws the rows away that were written since the last batch was taken. */
  @Override
  public void close() {
    if (root != null) {
      root.close();
      root = null;
    }
    rows = 0;
  }

  private VectorSchemaRoot open() {
    VectorSchemaRoot current = root;
    if (current == null) {
      current = VectorSchemaRoot.create(schema, allocator);
      try {
        for (FieldVector vector : current.getFieldVectors()) {
          vector.setInitialCapacity(capacity);
          vector.allocateNew();
        }
      } catch (RuntimeException e) {
        current.close();
        throw e;
      }
      root = current;
      columns = current.getFieldVectors().toArray(FieldVector[]::new);
      capacity = smallest();
    }
    return current;
  }

  private int smallest() {
    int smallest = Integer.MAX_VALUE;
    for (FieldVector vector : columns) {
      smallest = Math.min(smallest, vector.getValueCapacity());
    }
    return smallest;
  }

  private void grow() {
    while (smallest() <= rows) {
      for (FieldVector vector : columns) {
        if (vector.getValueCapacity() <= rows) {
          vector.reAlloc();
        }
      }
    }
    capacity = smallest();
  }
}
