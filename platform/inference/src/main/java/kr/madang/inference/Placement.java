package kr.madang.inference;

import java.util.Locale;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;

/**
 * Where a model runs.
 *
 * @param provider what computes
 * @param device which one of the provider's devices
 * @param fallback what happens where the device cannot be had
 * @param instances runs that go on at once on the device; on cpu there is one for each core
 */
public record Placement(
    @Doc("What computes: cpu, cuda, tensorrt or openvino") @Default("cpu") Provider provider,
    @Doc("Which device of it") @Default("0") @Range(min = 0, max = 63) int device,
    @Doc("Where the device cannot be had: refuse the model, or run it on cpu") @Default("refuse")
        Fallback fallback,
    @Doc("Runs at once on the device") @Default("1") @Range(min = 1, max = 64) int instances) {

  /** On the cores of this machine. */
  public static final Placement CORES = new Placement(Provider.CPU, 0, Fallback.REFUSE, 1);

  /** What computes. */
  public enum Provider {
    /** The cores of the machine. */
    CPU,
    /** NVIDIA's CUDA and cuDNN. */
    CUDA,
    /** NVIDIA's TensorRT, over CUDA. */
    TENSORRT,
    /** Intel's OpenVINO. */
    OPENVINO;

    /** As files spell it. */
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What happens where a device cannot be had. */
  public enum Fallback {
    /** The model is refused, loudly. */
    REFUSE,
    /** It runs on the cores, and somebody is told. */
    CPU
  }

  /** {@code cpu}, or {@code cuda:0}. */
  public String place() {
    return provider == Provider.CPU ? provider.label() : provider.label() + ":" + device;
  }
}
