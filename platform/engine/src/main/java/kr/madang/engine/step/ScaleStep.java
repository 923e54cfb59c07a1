package kr.madang.engine.step;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kr.madang.engine.step.FrameFields.FrameField;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import kr.madang.sdk.transform.TransformFactory;
import org.apache.arrow.vector.types.pojo.Schema;

/** Standardises fields: subtracts the mean and divides by the deviation. */
final class ScaleStep implements TransformFactory<ScaleStep.Config> {
  static final int MOST_FITTED = 100_000;

  record Config(
      @Doc("Mean and deviation by field, of the data that a model was trained on") @Default("{}")
          Map<String, Standard> fields,
      @Doc(
              "Good rows to take mean and deviation from instead; they wait until all are there; 0: given by 'fields'")
          @Default("0")
          @Range(min = 0, max = MOST_FITTED)
          int fit,
      @Doc("Fields to fit; empty takes all numbers") @Default("[]") List<String> of) {}

  record Standard(
      @Doc("Subtracted; in the field's unit") double mean,
      @Doc("Divided by; in the field's unit, above 0") double deviation) {}

  @Override
  public String name() {
    return "scale";
  }

  @Override
  public String title() {
    return "Subtract the mean, divide by the deviation";
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Transform open(Config config, Schema in, TransformContext context) {
    FrameFields known = new FrameFields(name(), in);
    if (config.fit() == 0 == config.fields().isEmpty()) {
      throw Misfit.config(
          name(),
          "expected either 'fields' with mean and deviation of each, or 'fit' with a number of rows; got "
              + (config.fit() == 0 ? "neither" : "both"));
    }
    return config.fit() == 0
        ? given(config, in, known, context)
        : fitted(config, in, known, context);
  }

  private Transform given(Config config, Schema in, FrameFields known, TransformContext context) {
    if (!config.of().isEmpty()) {
      throw Misfit.config(name(), "'of' belongs to 'fit'; leave it out or fit");
    }
    List<FrameField> fields = known.get(List.copyOf(config.fields().keySet()));
    Scaling scaling = new Scaling(fields, in, context);
    for (int i = 0; i < fields.size(); i++) {
      FrameField field = fields.get(i);
      if (!field.isNumber() && field.window() == 0) {
        throw Misfit.type(name(), field.field(), "a number or a window");
      }
      Standard standard = config.fields().get(field.name());
      if (standard == null
          || !Double.isFinite(standard.mean())
          || !(standard.deviation() > 0)
          || !Double.isFinite(standard.deviation())) {
        throw Misfit.config(
            name(),
            "fields.%s: expected a finite mean and a deviation above 0, got %s"
                .formatted(field.name(), standard));
      }
      scaling.set(i, standard.mean(), standard.deviation());
    }
    return new Scaler(scaling);
  }

  private Transform fitted(Config config, Schema in, FrameFields known, TransformContext context) {
    if (config.fit() < 2 || config.fit() > MOST_FITTED) {
      throw Misfit.config(
          name(), "fit: expected 2 to " + MOST_FITTED + " rows, got " + config.fit());
    }
    List<FrameField> fields =
        config.of().isEmpty()
            ? new ArrayList<>(known.all().stream().filter(FrameField::isNumber).toList())
            : known.get(config.of());
    if (fields.isEmpty()) {
      throw Misfit.of(name(), "expected at least one field of numbers, got " + known.names());
    }
    for (FrameField field : fields) {
      if (!field.isNumber()) {
        throw Misfit.type(
            name(), field.field(), "a number (fit before 'window', or give mean and deviation)");
      }
    }
    return new FittedScaler(config.fit(), fields, new Scaling(fields, in, context), context);
  }
}
