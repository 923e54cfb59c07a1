package kr.madang.engine.step;

import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.Transform;
import org.apache.arrow.vector.types.pojo.Schema;

/** Standardises by what the config says. */
final class Scaler implements Transform {
  private final Scaling scaling;

  Scaler(Scaling scaling) {
    this.scaling = scaling;
  }

  @Override
  public Schema schema() {
    return scaling.schema();
  }

  @Override
  public void apply(Batch in, BatchOutput out) throws InterruptedException {
    if (in.rows() > 0) {
      out.emit(scaling.scaled(in));
    }
  }
}
