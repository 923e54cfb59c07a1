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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import org.jspecify.annotations.Nullable;

/** Makes a session from a file and checks the declaration against it. */
final class ModelLoader {
  private ModelLoader() {}

  static LoadedModel load(
      ModelSpec spec,
      Path file,
      Placement placement,
      Calls calls,
      long patienceNanos,
      @Nullable Watchdog watchdog,
      Consumer<LoadedModel> forget) {
    String model = spec.name() + "@" + spec.version();
    OnnxHeader header = header(model, file);
    OrtLibrary library = OrtLibrary.load();
    OrtSession.SessionOptions options = null;
    OrtSession ort = null;
    try {
      Opening opening = Opening.of(library, model, file, placement);
      options = opening.options();
      ort = opening.session();
      ModelInfo info =
          new ModelInfo(
              signatures(ort.getInputInfo()),
              signatures(ort.getOutputInfo()),
              header.producer(),
              header.irVersion(),
              header.opset());
      Binding binding = SpecCheck.bind(spec, info);
      Session session =
          new Session(
              model,
              library.environment(),
              ort,
              options,
              calls.gate(opening.at()),
              patienceNanos,
              watchdog);
      LoadedModel loaded = new LoadedModel(spec, info, binding, session, calls, forget);
      loaded.placed(opening.at(), opening.fallback());
      return loaded;
    } catch (OrtException e) {
      close(ort, options);
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "model %s: ONNX Runtime cannot load %s: %s".formatted(model, file, OrtErrors.text(e)),
          e);
    } catch (RuntimeException e) {
      close(ort, options);
      throw e;
    }
  }

  private static OnnxHeader header(String model, Path file) {
    if (!Files.isRegularFile(file)) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID, "model %s: there is no file %s".formatted(model, file));
    }
    try {
      return OnnxHeader.read(file);
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "model %s: %s is not an ONNX file: %s; expected what torch.onnx.export or skl2onnx writes"
              .formatted(model, file, e.getMessage()),
          e);
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

  private static List<ModelInfo.Signature> signatures(Map<String, NodeInfo> nodes) {
    List<ModelInfo.Signature> signatures = new ArrayList<>();
    for (NodeInfo node : nodes.values()) {
      if (node.getInfo() instanceof TensorInfo tensor) {
        String type = ElementType.of(tensor.onnxType).map(ElementType::label).orElse(label(tensor));
        signatures.add(
            new ModelInfo.Signature(
                node.getName(),
                type,
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
