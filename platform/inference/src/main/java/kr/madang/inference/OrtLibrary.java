package kr.madang.inference;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The one ONNX Runtime environment of the process, made when the first model is loaded and kept for
 * ever. Runs use the thread that calls them and no other.
 */
final class OrtLibrary {
  private static @Nullable OrtLibrary loaded;

  private final OrtEnvironment environment;
  private final boolean sharedThreads;

  private OrtLibrary(OrtEnvironment environment, boolean sharedThreads) {
    this.environment = environment;
    this.sharedThreads = sharedThreads;
  }

  static synchronized OrtLibrary load() {
    OrtLibrary library = loaded;
    if (library == null) {
      try {
        library = first();
      } catch (LinkageError | RuntimeException | OrtException e) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            "the native library of ONNX Runtime cannot be loaded (%s); needed is 64-bit Linux with"
                    .formatted(e.getCause() == null ? e : e.getCause())
                + " glibc, macOS on ARM or Windows, and a readable folder named by"
                + " -Donnxruntime.native.path=FOLDER or a temp folder that allows programs",
            e);
      }
      loaded = library;
    }
    return library;
  }

  private static OrtLibrary first() throws OrtException {
    // ThreadingOptions is the first touch of the library; only the first environment takes them.
    try (OrtEnvironment.ThreadingOptions threads = new OrtEnvironment.ThreadingOptions()) {
      threads.setGlobalIntraOpNumThreads(1);
      threads.setGlobalInterOpNumThreads(1);
      threads.setGlobalSpinControl(false);
      OrtEnvironment environment =
          OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "madang", threads);
      return new OrtLibrary(environment, true);
    } catch (IllegalStateException e) {
      LoggerFactory.getLogger(OrtLibrary.class)
          .warn("something else in this process has started ONNX Runtime before: {}", e.toString());
      return new OrtLibrary(OrtEnvironment.getEnvironment(), false);
    }
  }

  OrtEnvironment environment() {
    return environment;
  }

  /** Options for one session; to be closed after it. */
  OrtSession.SessionOptions sessionOptions() throws OrtException {
    var options = new OrtSession.SessionOptions();
    try {
      if (sharedThreads) {
        options.disablePerSessionThreads();
      } else {
        options.setIntraOpNumThreads(1);
        options.setInterOpNumThreads(1);
      }
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      // What goes wrong comes back as an exception; the console is not ours to write to.
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      return options;
    } catch (OrtException | RuntimeException e) {
      options.close();
      throw e;
    }
  }
}
