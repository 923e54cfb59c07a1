package kr.madang.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import kr.madang.sdk.error.PluginException;

/**
 * The main class of the throw-away JVM: constructs one plugin, lists its factories and writes what
 * it found. Ends with the JVM that started it.
 */
final class Probe {
  static final String DONE = "done";
  static final String REFUSED = "refused";

  private Probe() {}

  /** Arguments: the folder of the plugin, the file for the result, the time-out in ms. */
  public static void main(String[] arguments) throws IOException {
    // The plugin may print: nothing of it reaches the result.
    System.setOut(System.err);
    Thread.ofPlatform().daemon().name("probe-parent").start(Probe::endWithParent);
    Path folder = Path.of(arguments[0]);
    Path result = Path.of(arguments[1]);
    Duration limit = Duration.ofMillis(Long.parseLong(arguments[2]));
    Files.writeString(result, probe(folder, limit));
    Runtime.getRuntime().halt(0);
  }

  private static void endWithParent() {
    try {
      while (System.in.read() >= 0) {
        continue;
      }
    } catch (IOException e) {
      // Gone as well.
    }
    Runtime.getRuntime().halt(1);
  }

  private static String probe(Path folder, Duration limit) {
    try {
      Descriptor descriptor = Descriptor.read(folder);
      Names names = Running.probe(folder, descriptor, limit);
      return names.text() + DONE + "\n";
    } catch (PluginException e) {
      return REFUSED + "\n" + e.getMessage();
    }
  }
}
