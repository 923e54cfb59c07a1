package kr.madang.engine.step;

import java.util.BitSet;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import kr.madang.sdk.transform.TransformFactory;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.pojo.Schema;

/** Keeps the rows for which a condition holds. */
final class WhereStep implements TransformFactory<WhereStep.Config> {

  record Config(
      @Doc("CEL condition over the fields: current > 4.2 && row[\"oil temperature\"] < 80")
          String expression) {}

  @Override
  public String name() {
    return "where";
  }

  @Override
  public String title() {
    return "Keep the rows for which a condition holds";
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Transform open(Config config, Schema in, TransformContext context) {
    FrameFields fields = new FrameFields(name(), in);
    return new Filter(Expression.condition(name(), config.expression(), fields), in, context);
  }

  private static final class Filter implements Transform {
    private final Expression condition;
    private final Schema schema;
    private final TransformContext context;
    private int[] kept = new int[0];

    Filter(Expression condition, Schema schema, TransformContext context) {
      this.condition = condition;
      this.schema = schema;
      this.context = context;
    }

    @Override
    public Schema schema() {
      return schema;
    }

    @Override
    public void apply(Batch in, BatchOutput out) throws InterruptedException {
      int rows = in.rows();
      if (kept.length < rows) {
        kept = new int[rows];
      }
      int count = 0;
      BitSet failed = new BitSet();
      String failure = "";
      for (int from = 0; from < rows; from += Expression.ROWS) {
        int part = Math.min(Expression.ROWS, rows - from);
        condition.evaluate(in.root().getFieldVectors(), from, part);
        for (int row = 0; row < part; row++) {
          kept[count] = from + row;
          count += condition.holds(row) ? 1 : 0;
          if (condition.outcome[row] == Expression.FAILED) {
            failed.set(from + row);
            failure = failure.isEmpty() ? condition.failure : failure;
          }
        }
      }
      int rejected = failed.cardinality();
      if (rejected > 0) {
        out.reject(in, failed, failure);
      }
      if (rows - count - rejected > 0) {
        out.filtered(rows - count - rejected);
      }
      if (count > 0) {
        out.emit(rows(in, count));
      }
    }

    private Batch rows(Batch in, int count) {
      if (kept[count - 1] - kept[0] == count - 1) {
        return Assembly.slice(in, kept[0], count, context.allocator());
      }
      try (Assembly assembly = new Assembly(context.allocator())) {
        for (FieldVector vector : in.root().getFieldVectors()) {
          assembly.gather(vector, kept, count);
        }
        return assembly.take(schema, count);
      }
    }
  }
}
