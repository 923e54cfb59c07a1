package kr.madang.inference;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import kr.madang.inference.Placement.Fallback;
import kr.madang.inference.Placement.Provider;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.slf4j.LoggerFactory;

/**
 * A session on the device that was wanted, or on the cores where that was allowed.
 *
 * @param options to be closed after the session
 * @param at where it runs
 * @param fallback why it is not where it was wanted; empty if it is
 */
record Opening(
    OrtSession session, OrtSession.SessionOptions options, Placement at, String fallback) {

  /** Makes a session with options that say where. */
  @FunctionalInterface
  interface Maker {
    OrtSession session(OrtSession.SessionOptions options) throws OrtException, IOException;
  }

  /** Nodes that the provider cannot run are then no reason to go on with the cores for them. */
  private static final String NO_FALLBACK = "session.disable_cpu_ep_fallback";

  /**
   * Opens a session.
   *
   * @throws PluginException CONFIG_INVALID if the device cannot be had and nothing else is allowed
   * @throws OrtException if the file cannot be loaded
   * @throws IOException if it cannot be read
   */
  static Opening of(OrtLibrary library, String model, Placement wanted, Maker maker)
      throws OrtException, IOException {
    if (wanted.provider() == Provider.CPU) {
      return open(library, wanted, maker, "");
    }
    try {
      return open(library, wanted, maker, "");
    } catch (OrtException | LinkageError e) {
      String why =
          "%s cannot be had: %s; %s"
              .formatted(wanted.place(), text(e), Accelerators.look(wanted.provider()).reason());
      if (wanted.fallback() == Fallback.REFUSE) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            "model %s: %s; say 'fallback: cpu' under 'run' to have it run on the cores then"
                .formatted(model, why),
            e);
      }
      LoggerFactory.getLogger(Opening.class).warn("model {} runs on the cores: {}", model, why);
      return open(library, Placement.CORES, maker, why);
    }
  }

  private static String text(Throwable e) {
    return e instanceof OrtException known ? OrtErrors.text(known) : String.valueOf(e.getMessage());
  }

  private static Opening open(OrtLibrary library, Placement at, Maker maker, String fallback)
      throws OrtException, IOException {
    OrtSession.SessionOptions options = library.sessionOptions();
    try {
      switch (at.provider()) {
        case CPU -> {}
        case CUDA -> options.addCUDA(at.device());
        case TENSORRT -> {
          options.addTensorrt(at.device());
          options.addCUDA(at.device());
        }
        case OPENVINO -> options.addOpenVINO(at.device() == 0 ? "CPU" : "GPU." + (at.device() - 1));
      }
      if (at.provider() != Provider.CPU && at.fallback() == Fallback.REFUSE) {
        options.addConfigEntry(NO_FALLBACK, "1");
      }
      return new Opening(maker.session(options), options, at, fallback);
    } catch (OrtException | IOException | RuntimeException | LinkageError e) {
      options.close();
      throw e;
    }
  }
}
