package kr.madang.host;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The throw-away JVM in which a plugin is constructed once before it is installed.
 *
 * @param java its executable
 * @param arguments flags and class path; the class path must hold this module and what it needs
 */
public record ProbeJvm(Path java, List<String> arguments) {
  private static final List<String> FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-XX:-UsePerfData",
          "-Xshare:auto",
          "-Xmx256m",
          "--add-opens=java.base/java.nio=ALL-UNNAMED",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  /** Makes the list unmodifiable. */
  public ProbeJvm {
    arguments = List.copyOf(arguments);
  }

  /** The JVM that runs now, with its class path. */
  public static ProbeJvm current() {
    return withClassPath(System.getProperty("java.class.path", ""));
  }

  /** The JVM that runs now, with another class path, in the notation of this system. */
  public static ProbeJvm withClassPath(String classPath) {
    List<String> absolute = new ArrayList<>();
    for (String entry : classPath.split(File.pathSeparator, -1)) {
      absolute.add(Path.of(entry).toAbsolutePath().toString());
    }
    List<String> arguments = new ArrayList<>(FLAGS);
    arguments.add("-cp");
    arguments.add(String.join(File.pathSeparator, absolute));
    return new ProbeJvm(Path.of(System.getProperty("java.home"), "bin", "java"), arguments);
  }
}
