package kr.madang.launcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What lies under a folder.
 *
 * @param point the folder that it is mounted on
 * @param type of the file system, as the kernel calls it
 * @param device that it is on, or its server
 * @param options of the mount and of the file system
 */
record Mount(Path point, String type, String device, List<String> options) {
  private static final Path TABLE = Path.of("/proc/self/mountinfo");

  /**
   * What lies under a folder, or will once it is made.
   *
   * @throws IOException when the folder cannot be looked at
   */
  static Mount under(Path folder) throws IOException {
    Path real = nearest(folder).toRealPath();
    if (Files.isReadable(TABLE)) {
      String table = new String(Files.readAllBytes(TABLE), StandardCharsets.UTF_8);
      Optional<Mount> found = find(table, real);
      if (found.isPresent()) {
        return found.get();
      }
    }
    // Not Linux: there the JDK knows no options.
    var store = Files.getFileStore(real);
    return new Mount(real, store.type(), store.name(), List.of());
  }

  private static Path nearest(Path folder) throws IOException {
    Path at = folder.toAbsolutePath().normalize();
    while (!Files.exists(at)) {
      Path parent = at.getParent();
      if (parent == null) {
        throw new IOException(folder + ": no folder above it exists");
      }
      at = parent;
    }
    return at;
  }

  /**
   * Finds the mount of a path in a table of {@code /proc/PID/mountinfo}: the longest mount point
   * above it, and of several on one point the last, which hides the others.
   */
  static Optional<Mount> find(String table, Path path) {
    Mount best = null;
    for (String line : table.split("\n")) {
      Mount mount = parse(line);
      if (mount != null
          && path.startsWith(mount.point)
          && (best == null || mount.point.getNameCount() >= best.point.getNameCount())) {
        best = mount;
      }
    }
    return Optional.ofNullable(best);
  }

  /**
   * {@code 36 35 98:0 /root /point rw,noatime master:1 … - ext4 /dev/sda rw,errors=continue}, with
   * any number of optional fields before the dash.
   */
  private static @Nullable Mount parse(String line) {
    String[] fields = line.strip().split(" +");
    int dash = Arrays.asList(fields).indexOf("-");
    if (dash < 6 || fields.length < dash + 3) {
      return null;
    }
    String own = fields[5];
    String all = fields.length > dash + 3 ? own + "," + fields[dash + 3] : own;
    return new Mount(
        Path.of(plain(fields[4])),
        plain(fields[dash + 1]),
        plain(fields[dash + 2]),
        Arrays.stream(all.split(",")).distinct().toList());
  }

  /** Blanks, tabs, line ends, backslashes and the like stand there as three octal digits. */
  private static String plain(String text) {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    byte[] in = text.getBytes(StandardCharsets.UTF_8);
    byte[] out = new byte[in.length];
    int length = 0;
    for (int i = 0; i < in.length; i++) {
      if (in[i] == '\\' && i + 3 < in.length && octal(in[i + 1], in[i + 2], in[i + 3])) {
        out[length] = (byte) ((in[i + 1] - '0') << 6 | (in[i + 2] - '0') << 3 | (in[i + 3] - '0'));
        i += 3;
      } else {
        out[length] = in[i];
      }
      length++;
    }
    return new String(out, 0, length, StandardCharsets.UTF_8);
  }

  private static boolean octal(byte... digits) {
    for (byte digit : digits) {
      if (digit < '0' || digit > '7') {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return type + " on " + point + " (" + device + "; " + String.join(",", options) + ")";
  }
}
