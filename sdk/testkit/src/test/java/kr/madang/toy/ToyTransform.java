package kr.madang.toy;

import java.util.BitSet;
import java.util.List;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.StateInput;
import kr.madang.sdk.transform.StateOutput;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import kr.madang.sdk.transform.TransformFactory;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.TimeStampNanoTZVector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** Sums up x as {@code sum}; leaves out what is below 0 and rejects what is no number. */
final class ToyTransform implements TransformFactory<ToyConfig> {
  static final Schema IN = Frames.schema(List.of(Frames.field("x", Frames.DOUBLE, "", "")));
  static final Schema OUT = Frames.schema(List.of(Frames.field("sum", Frames.DOUBLE, "", "")));

  @Override
  public String name() {
    return "toy";
  }

  @Override
  public Class<ToyConfig> config() {
    return ToyConfig.class;
  }

  @Override
  public Transform open(ToyConfig config, Schema in, TransformContext context) {
    if (in.findField("time") == null
        || Frames.fields(in).stream().noneMatch(field -> field.getName().equals("x"))) {
      if (!TransformFlaw.TAKES_ANYTHING.here()) {
        throw new PluginException(ErrorCode.SCHEMA_MISFIT, "expected a field x, got " + in);
      }
    }
    ToySource.leave();
    return new Summing(new FrameWriter(context.allocator(), OUT));
  }

  private static final class Summing implements Transform {
    private final FrameWriter writer;
    private @Nullable Batch kept;
    private double sum;
    private int count;
    private boolean closed;

    Summing(FrameWriter writer) {
      this.writer = writer;
    }

    @Override
    public Schema schema() {
      return TransformFlaw.DECLARES_ANOTHER_SCHEMA.here() ? IN : OUT;
    }

    @Override
    public void apply(Batch in, BatchOutput out) throws InterruptedException {
      if (in.rows() == 0 && TransformFlaw.FAILS_ON_NO_ROWS.here()) {
        throw new IndexOutOfBoundsException("0");
      }
      if (kept != null && kept.rows() < 0) {
        throw new IllegalStateException();
      }
      if (TransformFlaw.KEEPS_WHAT_IS_BORROWED.here()) {
        kept = in;
      }
      if (TransformFlaw.BEGINS_ANEW_IN_EACH_BATCH.here()) {
        sum = 0;
      }
      TimeStampNanoTZVector time = (TimeStampNanoTZVector) in.root().getVector("time");
      Float8Vector x = (Float8Vector) in.root().getVector("x");
      UInt4Vector status = (UInt4Vector) in.root().getVector("x#status");
      BitSet rejected = new BitSet();
      for (int row = 0; row < in.rows(); row++) {
        if (TransformFlaw.LOSES_ROWS.here() && ++count % 5 == 0) {
          continue;
        }
        double value = x.get(row);
        if (Double.isNaN(value)) {
          rejected.set(row);
        } else if (value < 0) {
          out.filtered(1);
        } else {
          sum += value + (TransformFlaw.BY_CHANCE.here() ? System.nanoTime() : 0);
          writer.begin(time.get(row));
          writer.set(0, sum, TransformFlaw.ALWAYS_GOOD.here() ? Quality.GOOD : status.get(row));
        }
      }
      if (!rejected.isEmpty()) {
        out.reject(in, rejected, "x: expected a number, got NaN");
      }
      if (writer.rows() > 0) {
        out.emit(writer.take());
      }
    }

    @Override
    public void save(StateOutput out) {
      if (!TransformFlaw.FORGETS_ITS_STATE.here()) {
        out.putDouble("sum", sum);
      }
    }

    @Override
    public void restore(StateInput in) {
      sum = in.getDouble("sum").orElse(0);
    }

    @Override
    public void close() {
      if (closed && TransformFlaw.CLOSES_ONCE.here()) {
        throw new IllegalStateException("closed before");
      }
      closed = true;
      writer.close();
    }
  }
}
