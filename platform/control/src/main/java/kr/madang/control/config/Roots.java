package kr.madang.control.config;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The folders that documents may name files in. */
final class Roots {
  private Roots() {}

  /** Whether a file lies in one of them, also where a link leads. */
  static boolean contain(List<Path> roots, Path file) {
    Path real = real(file);
    for (Path root : roots) {
      if (file.startsWith(root) && real.startsWith(real(root)) || real.startsWith(root)) {
        return true;
      }
    }
    return false;
  }

  /** Where a path leads, as far as it is there. */
  private static Path real(Path path) {
    Path there = path;
    while (there != null) {
      try {
        Path real = there.toRealPath();
        return real.resolve(there.relativize(path)).normalize();
      } catch (IOException e) {
        there = there.getParent();
      }
    }
    return path;
  }

  /** What to tell; the first folder is that of the home. */
  static String refusal(List<Path> roots, String got) {
    List<String> others = roots.stream().skip(1).map(Path::toString).toList();
    return "expected a path within the folder 'data' of the home"
        + (others.isEmpty() ? "" : " or within " + String.join(" or ", others))
        + ", got '"
        + got
        + "': name a file there, or have the operator add its folder to 'roots' in madang.yaml";
  }
}
