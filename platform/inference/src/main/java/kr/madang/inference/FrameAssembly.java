package kr.madang.inference;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.TransferPair;

/**
 * One output batch in the making. Nothing is zeroed that will be written anyway, and columns of the
 * same content share one buffer. Closing lets go of everything, unless the batch was finished.
 */
final class FrameAssembly implements AutoCloseable {
  private final BufferAllocator allocator;
  private final Schema schema;
  private final SharedBuffers shared;
  private final int rows;
  private final List<FieldVector> vectors = new ArrayList<>();
  private final List<ArrowBuf> buffers = new ArrayList<>();
  private boolean finished;

  FrameAssembly(BufferAllocator allocator, SharedBuffers shared, Schema schema, int rows) {
    this.shared = shared;
    this.allocator = allocator;
    this.schema = schema;
    this.rows = rows;
  }

  /** A buffer that lives until this is closed, and on in the columns made from it. */
  ArrowBuf buffer(long bytes) {
    ArrowBuf buffer = allocator.buffer(Math.max(8, bytes));
    buffers.add(buffer);
    return buffer;
  }

  /** A buffer of zeros, to be written. */
  ArrowBuf zeros(long bytes) {
    ArrowBuf zeros = buffer(bytes);
    zeros.setZero(0, zeros.capacity());
    return zeros;
  }

  /** The same rows as a column of the input, without a copy. */
  void pass(FieldVector column) {
    if (column instanceof BaseFixedWidthVector fixed && fixed.getValidityBuffer().capacity() > 0) {
      FieldVector vector = next();
      vector.loadFieldBuffers(
          new ArrowFieldNode(rows, -1), List.of(fixed.getValidityBuffer(), fixed.getDataBuffer()));
      return;
    }
    TransferPair pair = column.getTransferPair(column.getField(), allocator);
    vectors.add((FieldVector) pair.getTo());
    pair.splitAndTransfer(0, rows);
  }

  /** Some rows of a column of the input, copied. */
  void pick(FieldVector column, int[] selection) {
    FieldVector vector = next();
    vector.setInitialCapacity(rows);
    vector.allocateNew();
    for (int i = 0; i < rows; i++) {
      vector.copyFromSafe(selection[i], i, column);
    }
    vector.setValueCount(rows);
  }

  /** A column of fixed width, or of lists of it, over buffers of this assembly. */
  void fixed(ArrowBuf validity, ArrowBuf data) {
    FieldVector vector = next();
    ArrowFieldNode node = new ArrowFieldNode(rows, -1);
    if (vector instanceof FixedSizeListVector lists) {
      int elements = rows * lists.getListSize();
      lists.loadFieldBuffers(node, List.of(validity));
      lists
          .getDataVector()
          .loadFieldBuffers(new ArrowFieldNode(elements, 0), List.of(shared.ones(elements), data));
    } else {
      vector.loadFieldBuffers(node, List.of(validity, data));
    }
  }

  /** A status column in which all is Good. */
  void good() {
    fixed(shared.ones(rows), shared.zeros(rows * 4L));
  }

  /** A bitmap for the rows in which all bits are set; not to be written. */
  ArrowBuf allSet() {
    return shared.ones(rows);
  }

  /** A column of texts, or of lists of them. */
  void texts(ArrowBuf validity, String[] values) {
    FieldVector vector = next();
    VarCharVector texts;
    if (vector instanceof FixedSizeListVector lists) {
      lists.loadFieldBuffers(new ArrowFieldNode(rows, -1), List.of(validity));
      texts = (VarCharVector) lists.getDataVector();
    } else {
      texts = (VarCharVector) vector;
    }
    texts.allocateNew(values.length);
    for (int i = 0; i < values.length; i++) {
      texts.setSafe(i, values[i].getBytes(StandardCharsets.UTF_8));
    }
    if (texts == vector) {
      for (int i = 0; i < rows; i++) {
        if (!Memory.bit(validity.memoryAddress(), i)) {
          texts.setNull(i);
        }
      }
    }
    texts.setValueCount(values.length);
  }

  private FieldVector next() {
    Field field = schema.getFields().get(vectors.size());
    FieldVector vector = field.createVector(allocator);
    vectors.add(vector);
    return vector;
  }

  /** The batch, which the caller owns. */
  Batch finish() {
    VectorSchemaRoot root = new VectorSchemaRoot(schema, vectors, rows);
    finished = true;
    return Batch.of(root);
  }

  @Override
  public void close() {
    buffers.forEach(ArrowBuf::close);
    if (!finished) {
      vectors.forEach(FieldVector::close);
    }
  }
}
