package kr.madang.engine.step;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import kr.madang.engine.step.FrameFields.FrameField;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.StateInput;
import kr.madang.sdk.transform.StateOutput;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * Standardises by the first good rows, which wait until there are enough of them. Rows that are not
 * good wait along; when ten times as many rows wait as are needed, all of them are rejected and the
 * fit begins anew, so that memory is bounded.
 */
final class FittedScaler implements Transform {
  private static final int PATIENCE = 10;

  private final int needed;
  private final List<FrameField> fields;
  private final Scaling scaling;
  private final TransformContext context;

  /** The values of the good rows that wait, field by field. */
  private double[][] values;

  private final List<Batch> waiting = new ArrayList<>();
  private long waitingRows;
  private int good;
  private boolean fitted;

  FittedScaler(int needed, List<FrameField> fields, Scaling scaling, TransformContext context) {
    this.needed = needed;
    this.fields = fields;
    this.scaling = scaling;
    this.context = context;
    values = new double[fields.size()][needed];
  }

  @Override
  public Schema schema() {
    return scaling.schema();
  }

  @Override
  public void apply(Batch in, BatchOutput out) throws InterruptedException {
    if (in.rows() == 0) {
      return;
    }
    if (fitted) {
      release(out);
      out.emit(scaling.scaled(in));
      return;
    }
    int start = 0;
    for (int row = 0; row < in.rows(); row++) {
      take(in.root(), row);
      if (good == needed) {
        hold(in, start, in.rows());
        fit();
        release(out);
        return;
      }
      if (waitingRows + row + 1 - start == (long) PATIENCE * needed) {
        hold(in, start, row + 1);
        giveUp(out, "among %d rows; the fit begins anew".formatted(waitingRows));
        start = row + 1;
      }
    }
    hold(in, start, in.rows());
  }

  private void hold(Batch in, int from, int to) {
    if (to > from) {
      waiting.add(Assembly.slice(in, from, to - from, context.allocator()));
      waitingRows += to - from;
    }
  }

  private void take(VectorSchemaRoot root, int row) {
    for (int i = 0; i < fields.size(); i++) {
      FrameField field = fields.get(i);
      FieldVector column = root.getVector(field.value());
      int status = root.getVector(field.status()).getDataBuffer().getInt((long) row << 2);
      double value = Numbers.read(column, row);
      if (!Quality.isGood(status) || column.isNull(row) || !Double.isFinite(value)) {
        return;
      }
      values[i][good] = value;
    }
    good++;
  }

  private void fit() {
    for (int i = 0; i < fields.size(); i++) {
      double mean = Aggregate.MEAN.of(values[i], needed);
      double deviation = Aggregate.STD.of(values[i], needed);
      if (deviation == 0) {
        context
            .logger()
            .warn(
                "field '{}' was {} in all of the {} rows of the fit; it is divided by 1",
                fields.get(i).name(),
                mean,
                needed);
        deviation = 1;
      }
      scaling.set(i, mean, deviation);
    }
    fitted = true;
    values = new double[0][];
  }

  private void release(BatchOutput out) throws InterruptedException {
    while (!waiting.isEmpty()) {
      Batch scaled = scaling.scaled(waiting.getFirst());
      Batch done = waiting.removeFirst();
      waitingRows -= done.rows();
      done.close();
      out.emit(scaled);
    }
  }

  private void giveUp(BatchOutput out, String why) {
    for (Batch batch : waiting) {
      BitSet rows = new BitSet();
      rows.set(0, batch.rows());
      out.reject(batch, rows, "only %d of %d good rows %s".formatted(good, needed, why));
    }
    forget();
  }

  private void forget() {
    waiting.forEach(Batch::close);
    waiting.clear();
    waitingRows = 0;
    good = 0;
  }

  @Override
  public void flush(BatchOutput out) {
    if (!fitted) {
      giveUp(out, "before the end");
    }
  }

  @Override
  public long held() {
    return waitingRows;
  }

  @Override
  public void save(StateOutput out) {
    out.putLong("fitted", fitted ? 1 : 0);
    if (fitted) {
      for (int i = 0; i < fields.size(); i++) {
        out.putDouble("mean." + i, scaling.mean(i));
        out.putDouble("deviation." + i, scaling.deviation(i));
      }
      return;
    }
    out.putLong("batches", waiting.size());
    for (int i = 0; i < waiting.size(); i++) {
      out.putBatch("batch." + i, waiting.get(i));
    }
  }

  @Override
  public void restore(StateInput in) {
    if (in.getLong("fitted").orElse(0) == 1) {
      for (int i = 0; i < fields.size(); i++) {
        scaling.set(
            i,
            in.getDouble("mean." + i).orElseThrow(),
            in.getDouble("deviation." + i).orElseThrow());
      }
      fitted = true;
      return;
    }
    long batches = in.getLong("batches").orElse(0);
    for (int i = 0; i < batches; i++) {
      Batch batch = in.getBatch("batch." + i).orElseThrow();
      waiting.add(batch);
      waitingRows += batch.rows();
      for (int row = 0; row < batch.rows(); row++) {
        take(batch.root(), row);
      }
    }
  }

  @Override
  public void close() {
    forget();
  }
}
