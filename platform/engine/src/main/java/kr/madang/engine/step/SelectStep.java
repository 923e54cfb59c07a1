package kr.madang.engine.step;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kr.madang.engine.step.FrameFields.FrameField;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import kr.madang.sdk.transform.TransformFactory;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/** Chooses and renames fields of frames or tags of samples. */
final class SelectStep implements TransformFactory<SelectStep.Config> {

  record Config(
      @Doc("Fields of frames to keep, in this order; empty keeps all") @Default("[]")
          List<String> fields,
      @Doc("Tags of samples to keep, '*' stands for any text; empty keeps all") @Default("[]")
          List<String> tags,
      @Doc("New names by old ones") @Default("{}") Map<String, String> rename) {}

  @Override
  public String name() {
    return "select";
  }

  @Override
  public String title() {
    return "Choose and rename fields or tags";
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Transform open(Config config, Schema in, TransformContext context) {
    if (Samples.matches(in)) {
      if (!config.fields().isEmpty()) {
        throw Misfit.of(name(), "samples have tags, not fields; use 'tags', or 'align' them first");
      }
      return new SelectTags(config.tags(), config.rename(), DeclaredTags.of(in), context);
    }
    FrameFields fields = new FrameFields(name(), in);
    if (!config.tags().isEmpty()) {
      throw Misfit.of(name(), "frames have fields, not tags; use 'fields'");
    }
    return new Chosen(config, fields, in, context);
  }

  /** Frames with some of their columns; copies nothing. */
  private static final class Chosen implements Transform {
    private final TransformContext context;
    private final List<Integer> from = new ArrayList<>();
    private final Schema schema;

    Chosen(Config config, FrameFields fields, Schema in, TransformContext context) {
      this.context = context;
      List<FrameField> kept =
          config.fields().isEmpty() ? fields.all() : fields.get(config.fields());
      config.rename().keySet().forEach(fields::get);
      List<Field> columns = new ArrayList<>();
      from.add(0);
      columns.add(in.getFields().get(0));
      Set<String> names = new HashSet<>();
      for (FrameField field : kept) {
        String name = config.rename().getOrDefault(field.name(), field.name());
        FrameFields.checkName("select", name);
        if (!names.add(name)) {
          throw Misfit.config(
              "select", "two fields would be named '" + name + "'; rename one of them otherwise");
        }
        from.add(field.value());
        columns.add(renamed(field.field(), name));
        from.add(field.status());
        columns.add(renamed(in.getFields().get(field.status()), Frames.status(name)));
      }
      schema = new Schema(columns);
    }

    @Override
    public Schema schema() {
      return schema;
    }

    @Override
    public void apply(Batch in, BatchOutput out) throws InterruptedException {
      if (in.rows() == 0) {
        return;
      }
      try (Assembly assembly = new Assembly(context.allocator())) {
        for (int i = 0; i < from.size(); i++) {
          assembly.share(in.root().getVector(from.get(i)), schema.getFields().get(i), 0, in.rows());
        }
        out.emit(assembly.take(schema, in.rows()));
      }
    }
  }

  static Field renamed(Field field, String name) {
    if (field.getName().equals(name)) {
      return field;
    }
    FieldType type =
        new FieldType(
            field.isNullable(), field.getType(), field.getDictionary(), field.getMetadata());
    return new Field(name, type, field.getChildren());
  }
}
