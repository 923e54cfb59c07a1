package kr.madang.engine;

import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.FieldVector;

/** How much memory a batch keeps from others: what its columns took, not what they filled. */
final class Footprint {
  private Footprint() {}

  static long of(Batch batch) {
    long bytes = 0;
    for (FieldVector vector : batch.root().getFieldVectors()) {
      for (ArrowBuf buffer : vector.getBuffers(false)) {
        bytes += buffer.capacity();
      }
    }
    return bytes;
  }
}
