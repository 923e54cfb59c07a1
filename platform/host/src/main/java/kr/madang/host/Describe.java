package kr.madang.host;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Run when a distribution is built: constructs each unpacked plugin of its catalogue once and
 * leaves a label in its folder, so that names and digest are known without running it.
 */
final class Describe {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Describe() {}

  /** Arguments: folders that hold unpacked plugins. */
  public static void main(String[] catalogues) throws IOException {
    for (String catalogue : catalogues) {
      for (Path folder : Folders.children(Path.of(catalogue).toAbsolutePath())) {
        describe(folder);
      }
    }
    // A plugin may have left threads that keep the JVM.
    System.exit(0);
  }

  static void describe(Path folder) throws IOException {
    Names names = Running.probe(folder, Descriptor.read(folder), LIMIT);
    Label.ofCatalogue(folder, names).write(folder);
  }
}
