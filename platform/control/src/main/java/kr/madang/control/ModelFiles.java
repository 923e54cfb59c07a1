package kr.madang.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether two models are the same, byte for byte. */
final class ModelFiles {
  private ModelFiles() {}

  /** Whether the file or the declaration differs; of models in code nothing is known. */
  static boolean differ(Optional<Path> a, Optional<Path> b) {
    if (a.isEmpty() || b.isEmpty()) {
      return false;
    }
    try {
      return differ(a.get(), b.get(), "model.onnx") || differ(a.get(), b.get(), "model.yaml");
    } catch (IOException e) {
      return true;
    }
  }

  private static boolean differ(Path a, Path b, String file) throws IOException {
    return Files.mismatch(a.resolve(file), b.resolve(file)) >= 0;
  }

  /** The bytes of the files that a model is loaded from. */
  static long bytes(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      long sum = 0;
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        sum += name.endsWith(".yaml") || name.endsWith(".arrow") ? 0 : Files.size(file);
      }
      return sum;
    } catch (IOException e) {
      return 0;
    }
  }
}
