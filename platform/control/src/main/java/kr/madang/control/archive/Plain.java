package kr.madang.control.archive;

import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.util.TransferPair;

/** Batches whose texts stand in the rows instead of in a dictionary, which may grow. */
final class Plain {
  private Plain() {}

  /** The same rows under the same key; the caller closes both. */
  static Batch of(Batch batch, BufferAllocator allocator) {
    List<FieldVector> columns = new ArrayList<>();
    try (VectorSchemaRoot slice = batch.root().slice(0, batch.rows())) {
      for (FieldVector column : slice.getFieldVectors()) {
        columns.add(
            column.getField().getDictionary() == null
                ? moved(column, allocator)
                : decoded(column, batch, allocator));
      }
    }
    VectorSchemaRoot root = new VectorSchemaRoot(columns);
    root.setRowCount(batch.rows());
    try (Batch unkeyed = Batch.of(root)) {
      return unkeyed.retainAs(batch.stream(), batch.epoch(), batch.sequence());
    }
  }

  private static FieldVector moved(FieldVector column, BufferAllocator allocator) {
    TransferPair pair = column.getTransferPair(column.getField(), allocator);
    pair.transfer();
    return (FieldVector) pair.getTo();
  }

  private static FieldVector decoded(FieldVector codes, Batch batch, BufferAllocator allocator) {
    Dictionary dictionary = batch.dictionaries().lookup(codes.getField().getDictionary().getId());
    TransferPair pair =
        dictionary.getVector().getTransferPair(codes.getField().getName(), allocator);
    FieldVector texts = (FieldVector) pair.getTo();
    texts.setInitialCapacity(batch.rows());
    texts.allocateNew();
    for (int row = 0; row < batch.rows(); row++) {
      if (!codes.isNull(row)) {
        pair.copyValueSafe((int) ((BaseIntVector) codes).getValueAsLong(row), row);
      }
    }
    texts.setValueCount(batch.rows());
    return texts;
  }
}
