package kr.madang.engine.step;

import java.util.List;
import java.util.Optional;
import kr.madang.engine.step.FrameFields.FrameField;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import kr.madang.sdk.transform.TransformFactory;
import org.apache.arrow.vector.types.pojo.Schema;

/** The last so many frames as one. */
final class WindowStep implements TransformFactory<WindowStep.Config> {

  record Config(
      @Doc("Frames in a window") @Range(min = 1, max = 1_000_000) int length,
      @Doc("Frames from the start of a window to the start of the next; 'length' if left out")
          @Range(min = 1, max = 1_000_000)
          Optional<Integer> hop,
      @Doc("Fields to take, in this order; empty takes all numbers") @Default("[]")
          List<String> fields,
      @Doc("Name of one field that holds all of them; each stays its own if left out")
          Optional<String> as,
      @Doc("Order within the one field: field by field or frame by frame") @Default("channels")
          Layout layout,
      @Doc("Type of the numbers; float32 with 'as', else float64, if left out") Optional<Type> type,
      @Doc("Name of one more field, which holds the times of the frames of a window")
          Optional<String> times) {

    Config(
        int length,
        Optional<Integer> hop,
        List<String> fields,
        Optional<String> as,
        Layout layout,
        Optional<Type> type) {
      this(length, hop, fields, as, layout, type, Optional.empty());
    }
  }

  enum Layout {
    /** All frames of the first field, then of the second. */
    CHANNELS,
    /** All fields of the first frame, then of the second. */
    TIME
  }

  enum Type {
    FLOAT64,
    FLOAT32
  }

  @Override
  public String name() {
    return "window";
  }

  @Override
  public String title() {
    return "The last so many frames as one";
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Transform open(Config config, Schema in, TransformContext context) {
    FrameFields known = new FrameFields(name(), in);
    if (config.length() < 1 || config.hop().orElse(1) < 1) {
      throw Misfit.config(
          name(),
          "length and hop: expected 1 or more, got %d and %d"
              .formatted(config.length(), config.hop().orElse(config.length())));
    }
    List<FrameField> fields =
        config.fields().isEmpty()
            ? known.all().stream().filter(FrameField::isNumber).toList()
            : known.get(config.fields());
    if (fields.isEmpty()) {
      throw Misfit.of(name(), "expected at least one field of numbers, got " + known.names());
    }
    for (FrameField field : fields) {
      if (!field.isNumber()) {
        throw Misfit.type(name(), field.field(), "a number");
      }
    }
    config.as().ifPresent(as -> FrameFields.checkName(name(), as));
    config
        .times()
        .ifPresent(times -> {
          FrameFields.checkName(name(), times);
          boolean taken =
              config
                  .as()
                  .map(times::equals)
                  .orElseGet(() -> fields.stream().anyMatch(f -> f.name().equals(times)));
          if (taken) {
            throw Misfit.config(
                name(), "times: there is a field '" + times + "' already; choose another name");
          }
        });
    if ((long) config.length() * fields.size() * Double.BYTES > 1 << 28) {
      throw Misfit.config(
          name(),
          "%d frames of %d fields make a window of more than 256 MiB; use fewer of either"
              .formatted(config.length(), fields.size()));
    }
    return new Windower(config, fields, context);
  }
}
