package kr.madang.inference;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.Verification;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.model.TensorBinding;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import kr.madang.sdk.transform.TransformFactory;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The step {@code model}: frames in, frames out. What comes out is the time, the fields that the
 * config keeps, and a field for each output of the model.
 */
public final class ModelStep implements TransformFactory<ModelStep.Config> {
  private final LiveModel live;
  private final boolean follows;
  private final Tenant tenant;
  private final boolean today;

  /** A step whose rows are of today, or {@code today} false, of a recording. */
  ModelStep(LoadedModel model, Tenant tenant, boolean today) {
    this.live = new LiveModel(model, _ -> {});
    this.follows = false;
    this.tenant = tenant;
    this.today = today;
  }

  /** Runs whatever version there is. */
  ModelStep(LiveModel live, Tenant tenant) {
    this.live = live;
    this.follows = true;
    this.tenant = tenant;
    this.today = true;
  }

  /**
   * What a pipeline says of the step, beside the name of the model.
   *
   * @param keep input fields that go on beside the outputs
   * @param inputs what is to be otherwise than {@code model.yaml} says, by the name of the input
   * @param at who runs the model instead
   * @param origin names the field that says who has run a row
   */
  public record Config(
      @Doc("Input fields that are passed on beside the outputs of the model") @Default("[]")
          List<String> keep,
      @Doc("By input: what is to be otherwise than model.yaml says") @Default("{}")
          Map<String, Input> inputs,
      @Doc("Another runtime that runs the model instead of this one") Optional<Center> at,
      @Doc("With 'at': the field that says who has run a row, 'center' or 'local'")
          @Default("modelAt")
          String origin) {

    /** Makes the collections unmodifiable. */
    public Config {
      keep = List.copyOf(keep);
      inputs = Map.copyOf(inputs);
    }

    /** Everything as {@code model.yaml} says, here. */
    public Config(List<String> keep) {
      this(keep, Map.of());
    }

    /** Some inputs otherwise, here. */
    public Config(List<String> keep, Map<String, Input> inputs) {
      this(keep, inputs, Optional.empty(), "modelAt");
    }
  }

  /**
   * What a pipeline says of an input.
   *
   * @param onBad as in {@code model.yaml}
   */
  public record Input(
      @Doc("What happens to a row with a Bad or missing value in it") TensorBinding.OnBad onBad) {}

  @Override
  public String name() {
    return "model";
  }

  @Override
  public String title() {
    LoadedModel model = live.model();
    return "Runs model " + model.spec().name() + "@" + model.spec().version();
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public void verify(Config config, Verification verification) {
    verification.step("model is loaded", () -> live.model().hold().release());
  }

  @Override
  public Transform open(Config config, Schema in, TransformContext context)
      throws InterruptedException {
    return follows
        ? new FollowingTransform(live, tenant, config, in, context)
        : opened(live.model(), tenant, today, config, in, context);
  }

  /** One version, open. */
  static ModelTransform opened(
      LoadedModel model,
      Tenant tenant,
      boolean today,
      Config config,
      Schema in,
      TransformContext context)
      throws InterruptedException {
    Session held = model.hold();
    try {
      return ModelTransform.open(model, held, tenant, today, config, in, context);
    } catch (Throwable t) {
      held.release();
      throw t;
    }
  }
}
