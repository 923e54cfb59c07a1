package kr.madang.engine.step;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.StateInput;
import kr.madang.sdk.transform.StateOutput;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import kr.madang.sdk.transform.TransformFactory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.pojo.Schema;

/** Raises and clears an alarm by a condition; the rows pass on as they are. */
final class AlarmStep implements TransformFactory<AlarmStep.Config> {

  record Config(
      @Doc("Name of the alarm within the pipeline") String id,
      @Doc("CEL condition over the fields: score > 0.8") String when,
      @Doc("How bad it is") @Default("high") Severity severity,
      @Doc("One line for people; the condition if left out") Optional<String> message,
      @Doc("Rows in a row for which the condition holds before the alarm is raised")
          @Default("1")
          @Range(min = 1, max = 1_000_000)
          int after,
      @Doc("Rows in a row for which it does not hold before the alarm is cleared")
          @Default("1")
          @Range(min = 1, max = 1_000_000)
          int clearAfter) {}

  enum Severity {
    LOW,
    MEDIUM,
    HIGH,
    CRITICAL
  }

  private final AlarmListener listener;

  AlarmStep(AlarmListener listener) {
    this.listener = listener;
  }

  @Override
  public String name() {
    return "alarm";
  }

  @Override
  public String title() {
    return "Raise and clear an alarm";
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Transform open(Config config, Schema in, TransformContext context) {
    if (!config.id().matches("[a-z0-9][a-z0-9._-]{0,62}")) {
      throw Misfit.config(
          name(),
          "id: expected 1 to 63 of a-z, 0-9, '.', '_', '-', beginning with a letter or digit; got '"
              + config.id()
              + "'");
    }
    if (config.after() < 1 || config.clearAfter() < 1) {
      throw Misfit.config(
          name(),
          "after and clearAfter: expected 1 or more, got %d and %d"
              .formatted(config.after(), config.clearAfter()));
    }
    FrameFields fields = new FrameFields(name(), in);
    return new Watch(
        config, Expression.condition(name(), config.when(), fields), in, context, listener);
  }

  private static final class Watch implements Transform {
    private final Config config;
    private final Expression condition;
    private final Schema schema;
    private final TransformContext context;
    private final AlarmListener listener;
    private boolean active;
    private long against;

    Watch(
        Config config,
        Expression condition,
        Schema schema,
        TransformContext context,
        AlarmListener listener) {
      this.config = config;
      this.condition = condition;
      this.schema = schema;
      this.context = context;
      this.listener = listener;
    }

    @Override
    public Schema schema() {
      return schema;
    }

    @Override
    public void apply(Batch in, BatchOutput out) throws InterruptedException {
      List<FieldVector> columns = in.root().getFieldVectors();
      ArrowBuf times = columns.get(0).getDataBuffer();
      for (int from = 0; from < in.rows(); from += Expression.ROWS) {
        int part = Math.min(Expression.ROWS, in.rows() - from);
        condition.evaluate(columns, from, part);
        for (int row = 0; row < part; row++) {
          if (condition.outcome[row] == Expression.DONE) {
            see(condition.holds(row), times.getLong((long) (from + row) << 3));
          }
        }
      }
      if (in.rows() > 0) {
        out.emit(in.retain());
      }
    }

    private void see(boolean holds, long time) {
      if (holds == active) {
        against = 0;
        return;
      }
      against++;
      if (against >= (active ? config.clearAfter() : config.after())) {
        active = holds;
        against = 0;
        listener.alarm(
            context.name(),
            config.id(),
            active,
            config.severity().name().toLowerCase(Locale.ROOT),
            config.message().orElse(config.when()),
            time);
      }
    }

    @Override
    public void save(StateOutput out) {
      out.putLong("active", active ? 1 : 0);
      out.putLong("against", against);
    }

    @Override
    public void restore(StateInput in) {
      active = in.getLong("active").orElse(0) == 1;
      against = in.getLong("against").orElse(0);
    }
  }
}
