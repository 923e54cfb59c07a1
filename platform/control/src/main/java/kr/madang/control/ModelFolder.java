package kr.madang.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import kr.madang.control.config.Binder;
import kr.madang.control.config.Documents;
import kr.madang.control.config.Secrets;
import kr.madang.control.spec.ModelDocument;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;

/** Reads a folder that holds a model. */
final class ModelFolder {
  static final String DECLARATION = "model.yaml";
  static final String ONNX = "model.onnx";

  private static final long MAX_BYTES = 1 << 20;

  private ModelFolder() {}

  /**
   * What the folder declares.
   *
   * @throws PluginException CONFIG_INVALID with everything that is wrong
   */
  static ModelDocument read(Path folder) {
    Path file = folder.resolve(DECLARATION);
    try {
      if (!Files.isRegularFile(file)) {
        throw invalid("missing; expected it beside " + ONNX);
      }
      if (Files.size(file) > MAX_BYTES) {
        throw invalid("longer than 1 MiB");
      }
      Binder binder = new Binder(folder, new Secrets(folder));
      ModelDocument document = ModelDocument.read(Documents.yaml(Files.readString(file)), binder);
      checkFiles(folder, document);
      return document;
    } catch (IOException e) {
      throw new PluginException(ErrorCode.CONFIG_INVALID, "cannot be read: " + e, e);
    }
  }

  private static void checkFiles(Path folder, ModelDocument document) {
    if (!Files.isRegularFile(folder.resolve(ONNX))) {
      throw invalid(ONNX + " is missing beside it");
    }
    Optional<String> golden = document.spec().golden().map(ModelSpec.Golden::file);
    if (golden.isPresent()) {
      Path file = folder.resolve(golden.get()).normalize();
      if (!file.startsWith(folder) || !Files.isRegularFile(file)) {
        throw invalid(
            "golden.file: expected a file beside it, got '" + golden.get() + "', which is missing");
      }
    }
  }

  private static PluginException invalid(String message) {
    return new PluginException(ErrorCode.CONFIG_INVALID, message);
  }
}
