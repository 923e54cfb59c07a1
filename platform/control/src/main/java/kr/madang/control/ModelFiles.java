package kr.madang.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Whether two models are the same, byte for byte. */
final class ModelFiles {
  private ModelFiles() {}

  /** Whether a file differs or only one has it; of models in code nothing is known. */
  static boolean differ(Optional<Path> a, Optional<Path> b) {
    if (a.isEmpty() || b.isEmpty()) {
      return false;
    }
    try {
      Set<Path> files = files(a.get());
      if (!files.equals(files(b.get()))) {
        return true;
      }
      for (Path file : files) {
        if (Files.mismatch(a.get().resolve(file), b.get().resolve(file)) >= 0) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private static Set<Path> files(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      return walk.filter(Files::isRegularFile).map(folder::relativize).collect(Collectors.toSet());
    }
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
