package kr.madang.sdk.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an immutable version of a model declares of itself; the content of {@code model.yaml}.
 *
 * @param name matches {@code [a-z0-9][a-z0-9._-]{0,62}}
 * @param version a semantic version
 * @param inputs one for each input tensor of the ONNX file
 * @param outputs one for each output tensor that is wanted; empty means all, as they are
 * @param scale by field: subtracted and divided before the model sees it; of the training data
 * @param golden known inputs and outputs, run whenever the model is loaded
 * @param nameplate provider, licence, training data and so on, by name
 * @param limits what one run may take; needed by a graph that loops or whose tensors grow by data
 */
public record ModelSpec(
    String name,
    String version,
    List<TensorBinding> inputs,
    List<TensorBinding> outputs,
    Map<String, Scale> scale,
    Optional<Golden> golden,
    Map<String, String> nameplate,
    Optional<Limits> limits) {

  /** Makes the collections unmodifiable. */
  public ModelSpec {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    scale = Map.copyOf(scale);
    nameplate = Map.copyOf(nameplate);
  }

  /** A model that says nothing of what it may take. */
  public ModelSpec(
      String name,
      String version,
      List<TensorBinding> inputs,
      List<TensorBinding> outputs,
      Map<String, Scale> scale,
      Optional<Golden> golden,
      Map<String, String> nameplate) {
    this(name, version, inputs, outputs, scale, golden, nameplate, Optional.empty());
  }

  /**
   * The standardisation of a field: {@code (x - mean) / deviation}.
   *
   * @param mean in the field's unit
   * @param deviation in the field's unit, above 0
   */
  public record Scale(double mean, double deviation) {}

  /**
   * Golden samples: an Arrow IPC file with one column for each input and output tensor, by name; a
   * row is one row of the batch.
   *
   * @param file beside {@code model.yaml}
   * @param tolerance the greatest absolute difference allowed
   */
  public record Golden(String file, double tolerance) {}

  /**
   * What one run may take.
   *
   * @param peakBytes of memory beside the weights; above 0
   * @param runMillis of time, after which it is asked to stop; above 0
   */
  public record Limits(long peakBytes, long runMillis) {
    /** Checks the limits. */
    public Limits {
      if (peakBytes < 1 || runMillis < 1) {
        throw new IllegalArgumentException(
            "expected limits above 0, got peakBytes %d and runMillis %d"
                .formatted(peakBytes, runMillis));
      }
    }
  }
}
