package kr.madang.inference;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import kr.madang.inference.onnx.Inspection;
import kr.madang.inference.onnx.Limits;
import kr.madang.inference.onnx.OnnxModel;
import kr.madang.inference.onnx.OnnxReader;
import kr.madang.inference.onnx.Reason;
import kr.madang.inference.onnx.Rewrite;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import org.jspecify.annotations.Nullable;

/** Makes a session from a file and checks the declaration against it. */
final class ModelLoader {
  private static final String DATA_FOLDER = "session.model_external_initializers_file_folder_path";

  private final Calls calls;
  private final Uses uses;
  private final long patienceNanos;
  private final Watchdog watchdog;
  private final long runLimit;
  private final Consumer<LoadedModel> forget;

  /**
   * Knows what all models share.
   *
   * @param runLimit nanoseconds that one run may take; 0 is any
   */
  ModelLoader(
      Calls calls,
      Uses uses,
      long patienceNanos,
      Watchdog watchdog,
      long runLimit,
      Consumer<LoadedModel> forget) {
    this.calls = calls;
    this.uses = uses;
    this.patienceNanos = patienceNanos;
    this.watchdog = watchdog;
    this.runLimit = runLimit;
    this.forget = forget;
  }

  LoadedModel load(ModelSpec spec, Path file, Placement placement) {
    return load(spec, file, placement, limit(spec), Optional.empty());
  }

  /**
   * Loads to try.
   *
   * @param limitNanos that one run may take; 0 is any
   * @param profile where the times of nodes go, as the start of a file name
   */
  LoadedModel load(ModelSpec spec, Path file, long limitNanos, Optional<Path> profile) {
    return load(spec, file, Placement.CORES, limitNanos, profile);
  }

  private LoadedModel load(
      ModelSpec spec, Path file, Placement placement, long limitNanos, Optional<Path> profile) {
    String model = spec.name() + "@" + spec.version();
    OnnxModel onnx = read(model, file);
    refuse(model, file, Inspection.before(onnx, folder(file)));
    Prepared.check(model, folder(file));
    OrtLibrary library = OrtLibrary.load();
    OrtSession.SessionOptions options = null;
    OrtSession ort = null;
    try {
      Opening opening =
          Opening.of(
              library,
              model,
              placement,
              into -> {
                if (profile.isPresent()) {
                  into.enableProfiling(profile.get().toString());
                }
                return session(library, onnx, file, into);
              });
      options = opening.options();
      ort = opening.session();
      Session session =
          new Session(
              model,
              library.environment(),
              ort,
              options,
              calls.gate(opening.at()),
              patienceNanos,
              watchdog,
              limitNanos);
      ModelInfo info = info(onnx, ort);
      LoadedModel loaded =
          new LoadedModel(spec, info, SpecCheck.bind(spec, info), session, calls, uses, forget);
      loaded.placed(opening.at(), opening.fallback());
      return loaded;
    } catch (OrtException e) {
      close(ort, options);
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "model %s: ONNX Runtime cannot load %s: %s".formatted(model, file, OrtErrors.text(e)),
          e);
    } catch (IOException e) {
      close(ort, options);
      throw unreadable(model, file, e);
    } catch (RuntimeException e) {
      close(ort, options);
      throw e;
    }
  }

  private static Path folder(Path file) {
    return Objects.requireNonNull(file.toAbsolutePath().getParent());
  }

  /** The shorter of what every run and what the model's runs may take. */
  long limit(ModelSpec spec) {
    long own =
        spec.limits()
            .map(limits -> TimeUnit.MILLISECONDS.toNanos(limits.runMillis()))
            .orElse(runLimit);
    return runLimit == 0 ? own : Math.min(runLimit, own);
  }

  /** By path where nothing is to be changed, so that external weights are mapped and shared. */
  static OrtSession session(
      OrtLibrary library, OnnxModel onnx, Path file, OrtSession.SessionOptions options)
      throws OrtException, IOException {
    Rewrite rewrite = Rewrite.plan(onnx);
    if (!rewrite.isNeeded()) {
      return library.environment().createSession(file.toString(), options);
    }
    options.addConfigEntry(DATA_FOLDER, folder(file).toString());
    return library.environment().createSession(rewrite.read(file), options);
  }

  private static ModelInfo info(OnnxModel onnx, OrtSession ort) throws OrtException {
    Map<String, String> types = new HashMap<>(Rewrite.types(onnx));
    Rewrite.plan(onnx).casts().forEach(cast -> types.put(cast.input(), cast.type()));
    return new ModelInfo(
        signatures(ort.getInputInfo(), types),
        signatures(ort.getOutputInfo(), Map.of()),
        onnx.producer(),
        onnx.irVersion(),
        onnx.opsets().getOrDefault("", 0L));
  }

  static OnnxModel read(String model, Path file) {
    if (!Files.isRegularFile(file)) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID, "model %s: there is no file %s".formatted(model, file));
    }
    try {
      return OnnxReader.read(file, Limits.usual());
    } catch (IOException e) {
      throw unreadable(model, file, e);
    }
  }

  private static PluginException unreadable(String model, Path file, IOException e) {
    return new PluginException(
        ErrorCode.CONFIG_INVALID,
        "model %s: %s is not an ONNX file: %s; expected what torch.onnx.export or skl2onnx writes"
            .formatted(model, file, e.getMessage()),
        e);
  }

  /** Throws if anything speaks against a file. */
  static void refuse(String model, Path file, List<Reason> reasons) {
    if (!reasons.isEmpty()) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "model %s: %s is refused: %s"
              .formatted(
                  model,
                  file.getFileName(),
                  String.join("; ", reasons.stream().map(Reason::text).toList())));
    }
  }

  private static void close(
      @Nullable OrtSession session, OrtSession.@Nullable SessionOptions options) {
    try {
      if (session != null) {
        session.close();
      }
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    } finally {
      if (options != null) {
        options.close();
      }
    }
  }

  private static List<ModelInfo.Signature> signatures(
      Map<String, NodeInfo> nodes, Map<String, String> types) {
    List<ModelInfo.Signature> signatures = new ArrayList<>();
    for (NodeInfo node : nodes.values()) {
      if (node.getInfo() instanceof TensorInfo tensor) {
        String type = ElementType.of(tensor.onnxType).map(ElementType::label).orElse(label(tensor));
        signatures.add(
            new ModelInfo.Signature(
                node.getName(),
                types.getOrDefault(node.getName(), type),
                Arrays.stream(tensor.getShape()).map(d -> d < 0 ? -1 : d).boxed().toList(),
                List.of(tensor.getDimensionNames())));
      } else {
        String kind = node.getInfo().getClass().getSimpleName().replace("Info", "");
        signatures.add(
            new ModelInfo.Signature(
                node.getName(), kind.toLowerCase(Locale.ROOT), List.of(), List.of()));
      }
    }
    return signatures;
  }

  private static String label(TensorInfo tensor) {
    return tensor
        .onnxType
        .name()
        .replace("ONNX_TENSOR_ELEMENT_DATA_TYPE_", "")
        .toLowerCase(Locale.ROOT);
  }
}
