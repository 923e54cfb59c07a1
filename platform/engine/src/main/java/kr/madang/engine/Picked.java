package kr.madang.engine;

import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;

/** Parts of batches. */
final class Picked {
  private Picked() {}

  /** Copies of some rows. */
  static Batch rows(Batch batch, int[] rows, BufferAllocator allocator) {
    List<FieldVector> vectors = new ArrayList<>();
    Batch held = batch.retain(); // The dictionaries live as long as a holder of the batch.
    try {
      for (FieldVector vector : batch.root().getFieldVectors()) {
        FieldVector copy = vector.getField().createVector(allocator);
        vectors.add(copy);
        copy.setInitialCapacity(rows.length);
        copy.allocateNew();
        for (int i = 0; i < rows.length; i++) {
          copy.copyFromSafe(rows[i], i, vector);
        }
        copy.setValueCount(rows.length);
      }
      VectorSchemaRoot root =
          new VectorSchemaRoot(batch.schema().getFields(), vectors, rows.length);
      return Batch.of(root, batch.dictionaries(), held::close);
    } catch (RuntimeException | Error e) {
      vectors.forEach(FieldVector::close);
      held.close();
      throw e;
    }
  }

  /** The rows from a place on, over the same memory. */
  static Batch from(Batch batch, int first) {
    Batch held = batch.retain();
    try {
      VectorSchemaRoot rest = batch.root().slice(first, batch.rows() - first);
      return Batch.of(rest, batch.dictionaries(), held::close);
    } catch (RuntimeException | Error e) {
      held.close();
      throw e;
    }
  }
}
