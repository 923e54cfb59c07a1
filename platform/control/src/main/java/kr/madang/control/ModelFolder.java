package kr.madang.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import kr.madang.control.config.Binder;
import kr.madang.control.config.Documents;
import kr.madang.control.config.Secrets;
import kr.madang.control.spec.BaselineDocument;
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
      if (document.baseline().isPresent()
          && BaselineDocument.file(document.baseline().get()).isEmpty()) {
        BaselineDocument.read(document.baseline().get(), binder);
      }
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
    golden.ifPresent(file -> beside(folder, "golden.file", file));
    document
        .baseline()
        .flatMap(BaselineDocument::file)
        .ifPresent(file -> beside(folder, "baseline", file));
  }

  /** A file that a declaration names by a key. */
  static Path beside(Path folder, String key, String name) {
    Path file = folder.resolve(name).normalize();
    if (!file.startsWith(folder) || !Files.isRegularFile(file)) {
      throw invalid(
          "%s: expected a file beside it, got '%s', which is missing".formatted(key, name));
    }
    return file;
  }

  private static PluginException invalid(String message) {
    return new PluginException(ErrorCode.CONFIG_INVALID, message);
  }
}
