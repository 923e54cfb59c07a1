package kr.madang.engine.step;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import kr.madang.sdk.transform.TransformFactory;
import org.apache.arrow.vector.types.pojo.Schema;

/** Makes frames at a fixed rate out of samples that came whenever they came. */
final class AlignStep implements TransformFactory<AlignStep.Config> {
  static final String COVERAGE = "coverage";

  record Config(
      @Doc("Time between two frames, which stand at its multiples since 1970") Duration every,
      @Doc("The fields of a frame and how each is made from a tag") Map<String, Point> fields,
      @Doc("How far samples may be out of order before a frame is closed without them")
          @Default("0s")
          Duration lateness,
      @Doc("No frames are made beyond this after the last sample, until one comes again")
          @Default("1m")
          Duration maxGap,
      @Doc("A source time further ahead of the arrival is not believed; the arrival is taken")
          @Default("1h")
          Duration maxAhead,
      @Doc("Whether to add a field 'coverage': the share of fields that have a value")
          @Default("false")
          boolean coverage,
      @Doc("Samples of one tag that wait for their frame at most; older ones are dropped")
          @Default("65536")
          @Range(min = 2, max = 16777216)
          int buffer) {}

  record Point(
      @Doc("The tag whose samples make the field") String tag,
      @Doc("How to find the value between two samples") @Default("linear") Fill fill,
      @Doc("How old, near or far apart samples may be; ten times 'every' if left out")
          Optional<Duration> maxAge) {}

  enum Fill {
    /** On the straight line between the samples before and after. */
    LINEAR,
    /** The sample before. */
    HOLD,
    /** The nearer of the samples before and after. */
    NEAREST
  }

  @Override
  public String name() {
    return "align";
  }

  @Override
  public String title() {
    return "Samples to frames at a fixed rate";
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Transform open(Config config, Schema in, TransformContext context) {
    if (!Samples.matches(in)) {
      throw Misfit.of(
          name(), "expected samples, got columns " + in + "; frames are aligned already");
    }
    positive("every", config.every());
    positive("maxGap", config.maxGap());
    positive("maxAhead", config.maxAhead());
    if (config.lateness().isNegative()) {
      throw Misfit.config(name(), "lateness: expected 0s or more, got " + config.lateness());
    }
    nanos("lateness", config.lateness());
    if (config.fields().isEmpty()) {
      throw Misfit.config(name(), "fields: expected at least one field, got none");
    }
    config
        .fields()
        .forEach((field, point) -> {
          FrameFields.checkName(name(), field);
          if (config.coverage() && field.equals(COVERAGE)) {
            throw Misfit.config(
                name(), "a field cannot be named 'coverage' beside 'coverage: true'; rename it");
          }
          point.maxAge().ifPresent(maxAge -> positive("fields." + field + ".maxAge", maxAge));
        });
    DeclaredTags tags = DeclaredTags.of(in);
    config
        .fields()
        .forEach((field, point) -> {
          if (tags.lacks(point.tag())) {
            context
                .logger()
                .warn(
                    "field '{}' stays without a value: {}",
                    field,
                    Misfit.undeclared(point.tag(), tags.units().keySet()));
          }
        });
    return new Aligner(config, tags, context);
  }

  private void positive(String what, Duration duration) {
    if (!duration.isPositive()) {
      throw Misfit.config(name(), what + ": expected more than 0s, got " + duration);
    }
    nanos(what, duration);
  }

  private void nanos(String what, Duration duration) {
    if (duration.compareTo(Duration.ofDays(3650)) > 0) {
      throw Misfit.config(name(), what + ": expected at most ten years, got " + duration);
    }
  }
}
