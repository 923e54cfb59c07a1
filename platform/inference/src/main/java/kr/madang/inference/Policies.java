package kr.madang.inference;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.model.TensorBinding.OnBad;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** What happens to values that are not Good: checks it, and says it in the words of the files. */
final class Policies {
  static final String MEAN = "mean";

  private Policies() {}

  /** As {@code model.yaml} writes it. */
  static String text(OnBad onBad) {
    return switch (onBad) {
      case OnBad.Reject _ -> "reject";
      case OnBad.Skip _ -> "skip";
      case OnBad.Hold(var limit) ->
          "hold " + limit.toString().substring("PT".length()).toLowerCase(Locale.ROOT);
      case OnBad.Impute(String value) -> "impute " + value;
      case OnBad.MarkUncertain _ -> "markUncertain";
    };
  }

  /**
   * Why a policy cannot be had for an input; empty if it can.
   *
   * @param scale by field
   */
  static Optional<String> misfit(InputSpec input, Map<String, ModelSpec.Scale> scale) {
    return switch (input.onBad()) {
      case OnBad.Hold _ when input.type() == ElementType.STRING -> noText(input);
      case OnBad.Impute _ when input.type() == ElementType.STRING -> noText(input);
      case OnBad.Impute(String value) when value.equals(MEAN) ->
          input.fields().stream()
              .filter(field -> !scale.containsKey(field))
              .findFirst()
              .map(field ->
                  "onBad impute mean: field '%s' has no mean; expected one under scale of model.yaml, or a number instead of mean"
                      .formatted(field));
      case OnBad.Impute(String value) when !input.type().isFloat() && !isWhole(value) ->
          Optional.of(
              "onBad impute: expected a whole number, since its tensor holds %s, got %s"
                  .formatted(input.type().label(), value));
      default -> Optional.empty();
    };
  }

  private static Optional<String> noText(InputSpec input) {
    return Optional.of(
        "onBad %s: a text has no number to stand in; expected reject, skip or markUncertain"
            .formatted(text(input.onBad())));
  }

  private static boolean isWhole(String value) {
    double number = Double.parseDouble(value);
    return number == Math.rint(number);
  }

  /**
   * The inputs of a step, as the model declares them and the pipeline has it otherwise.
   *
   * @param other policies by input
   */
  static List<InputSpec> of(Binding binding, Map<String, OnBad> other) {
    Map<String, OnBad> open = new HashMap<>(other);
    List<InputSpec> inputs = new ArrayList<>();
    for (InputSpec input : binding.inputs()) {
      OnBad policy = open.remove(input.tensor());
      InputSpec made = policy == null ? input : input.with(policy);
      misfit(made, binding.scale())
          .ifPresent(why -> {
            throw new PluginException(
                ErrorCode.CONFIG_INVALID,
                "model %s, input '%s': %s".formatted(binding.model(), input.tensor(), why));
          });
      inputs.add(made);
    }
    if (!open.isEmpty()) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "model %s: inputs names '%s'; the model has inputs %s"
              .formatted(
                  binding.model(),
                  open.keySet().stream().sorted().findFirst().orElseThrow(),
                  binding.inputs().stream().map(InputSpec::tensor).toList()));
    }
    return inputs;
  }

  /** Refuses fields that come in another unit than the model declares. */
  static void checkUnits(String model, List<InputSpec> inputs, Schema in) {
    for (InputSpec input : inputs) {
      for (String name : input.fields()) {
        String expected = input.units().getOrDefault(name, "");
        int column = ColumnRef.index(in, name);
        if (expected.isEmpty() || column < 0) {
          continue;
        }
        Field field = in.getFields().get(column);
        String got = field.getMetadata().getOrDefault(Frames.UNIT, "");
        if (!got.isEmpty() && !got.equals(expected)) {
          throw new PluginException(
              ErrorCode.SCHEMA_MISFIT,
              "model %s, input '%s': field '%s' comes in unit '%s', expected '%s'; convert it with a derive step, or correct the unit where it is declared"
                  .formatted(model, input.tensor(), name, got, expected));
        }
      }
    }
  }
}
