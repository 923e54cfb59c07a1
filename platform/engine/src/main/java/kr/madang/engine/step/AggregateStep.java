package kr.madang.engine.step;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.engine.step.FrameFields.FrameField;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import kr.madang.sdk.transform.TransformFactory;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/** One number for each window. */
final class AggregateStep implements TransformFactory<AggregateStep.Config> {
  private static final String FIELD = "{field}";

  record Config(
      @Doc("Windows to take; empty takes all") @Default("[]") List<String> fields,
      @Doc(
              "Name of a result, in which {field} stands for the window's; the result takes the place of the window if left out")
          Optional<String> as,
      @Doc("Whether to compute from what is there; else a missing value makes the result missing")
          @Default("false")
          boolean skipMissing) {}

  private final Aggregate aggregate;

  AggregateStep(Aggregate aggregate) {
    this.aggregate = aggregate;
  }

  @Override
  public String name() {
    return aggregate.step;
  }

  @Override
  public String title() {
    return aggregate.title;
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Transform open(Config config, Schema in, TransformContext context) {
    FrameFields known = new FrameFields(name(), in);
    List<FrameField> windows =
        config.fields().isEmpty()
            ? known.all().stream().filter(f -> f.window() > 0).toList()
            : known.get(config.fields());
    if (windows.isEmpty()) {
      throw Misfit.of(
          name(), "expected a window, got none in " + known.names() + "; put 'window' before it");
    }
    Map<Integer, Field> results = new LinkedHashMap<>();
    for (FrameField field : windows) {
      if (field.window() == 0) {
        throw Misfit.type(name(), field.field(), "a window; put a 'window' step before");
      }
      String name = config.as().orElse(FIELD).replace(FIELD, field.name());
      FrameFields.checkName(name(), name);
      boolean taken =
          results.values().stream().anyMatch(result -> result.getName().equals(name))
              || known.has(name) && !name.equals(field.name());
      if (taken) {
        throw Misfit.config(
            name(), "as: there is a field '" + name + "' already; use a name with " + FIELD);
      }
      Map<String, String> metadata = field.field().getMetadata();
      results.put(
          field.value(), new Field(name, new FieldType(true, Frames.DOUBLE, null, metadata), null));
    }
    List<Field> fields = new ArrayList<>();
    List<Field> added = new ArrayList<>();
    for (FrameField field : known.all()) {
      Field result = results.get(field.value());
      if (result == null) {
        fields.add(field.field());
      } else if (result.getName().equals(field.name())) {
        fields.add(result);
      } else {
        fields.add(field.field());
        added.add(result);
      }
    }
    fields.addAll(added);
    return new Aggregator(
        aggregate, config.skipMissing(), known, windows, results, Frames.schema(fields), context);
  }
}
