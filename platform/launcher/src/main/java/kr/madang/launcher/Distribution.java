package kr.madang.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/**
 * The folder that this program was started from.
 *
 * @param root with {@code bin conf lib native plugins}; empty when classes run from a build
 * @param version of the program
 */
record Distribution(Optional<Path> root, String version) {

  /** As {@code bin/madang} says by {@code -Dmadang.dist}. */
  static Distribution here() {
    String root = System.getProperty("madang.dist", "");
    return new Distribution(
        root.isEmpty() ? Optional.empty() : Optional.of(Path.of(root).toAbsolutePath().normalize()),
        ownVersion());
  }

  /** The read-only plugins that come with it. */
  List<Path> catalogues() {
    return root.map(folder -> folder.resolve("plugins"))
        .filter(Files::isDirectory)
        .map(List::of)
        .orElse(List.of());
  }

  /** The configuration that comes with it. */
  Optional<Path> configuration() {
    return root.map(folder -> folder.resolve("conf").resolve("madang.yaml"))
        .filter(Files::isRegularFile);
  }

  private static String ownVersion() {
    Properties properties = new Properties();
    try (InputStream in = Distribution.class.getResourceAsStream("madang.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version", "unknown");
  }
}
