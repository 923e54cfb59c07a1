package kr.madang.host;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import kr.madang.sdk.error.PluginException;

/** Refuses plugins that bring along what the host shares: it would never be used, or clash. */
final class Bundled {
  private static final Pattern VERSIONED = Pattern.compile("META-INF/versions/[0-9]+/");
  private static final String SUFFIX = ".class";

  private Bundled() {}

  static void check(List<Path> jars) {
    for (Path jar : jars) {
      try (ZipFile zip = new ZipFile(jar.toFile())) {
        zip.stream().forEach(entry -> check(jar, entry));
      } catch (IOException e) {
        throw new PluginException(
            HostError.PLUGIN_REFUSED,
            "lib/" + jar.getFileName() + " is no jar that can be read: " + e.getMessage());
      }
    }
  }

  private static void check(Path jar, ZipEntry entry) {
    String name = entry.getName();
    if (!name.endsWith(SUFFIX)) {
      return;
    }
    var versioned = VERSIONED.matcher(name);
    String type =
        name.substring(versioned.lookingAt() ? versioned.end() : 0, name.length() - SUFFIX.length())
            .replace('/', '.');
    if (SharedClasses.mustNotBeBundled(type)) {
      throw new PluginException(
          HostError.PLUGIN_REFUSED,
          "lib/"
              + jar.getFileName()
              + " bundles "
              + type
              + ", which comes from the host: leave that jar out (scope provided)");
    }
  }
}
