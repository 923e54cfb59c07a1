package kr.madang.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The file that the host leaves in a plugin's folder: where it came from, what it offers, and a
 * mark of each file.
 *
 * @param digest SHA-256 of the archive
 * @param names of what it offers
 * @param marks one for each file
 */
record Label(String digest, Names names, List<Mark> marks) {
  static final String FILE = ".madang";
  private static final String FIRST = "madang-plugin 1";

  /**
   * What a file must be.
   *
   * @param path inside the folder, with slashes
   */
  record Mark(String sha256, long size, String path) {}

  /** Marks the files of a folder as they are. */
  static Label of(Path folder, String digest, Names names) throws IOException {
    return new Label(digest, names, marks(folder));
  }

  private static List<Mark> marks(Path folder) throws IOException {
    List<Mark> marks = new ArrayList<>();
    for (Path file : Folders.files(folder)) {
      String path = folder.relativize(file).toString().replace('\\', '/');
      if (!path.equals(FILE)) {
        marks.add(new Mark(Digests.ofFile(file), Files.size(file), path));
      }
    }
    return marks;
  }

  /** A digest for a folder that came from no archive. */
  static String digestOf(List<Mark> marks) {
    StringBuilder text = new StringBuilder();
    marks.forEach(mark -> text.append(mark.sha256()).append(' ').append(mark.path()).append('\n'));
    return Digests.of(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  /** A digest of the files and their names, however they were packed. */
  String contents() {
    return digestOf(marks);
  }

  /** Labels a folder that came from no archive. */
  static Label ofCatalogue(Path folder, Names names) throws IOException {
    List<Mark> marks = marks(folder);
    return new Label(digestOf(marks), names, marks);
  }

  void write(Path folder) throws IOException {
    StringBuilder text = new StringBuilder(FIRST).append('\n');
    line(text, "digest", digest);
    text.append(names.text());
    marks.forEach(
        mark -> line(text, "file", mark.sha256() + " " + mark.size() + " " + mark.path()));
    String end = Digests.of(text.toString().getBytes(StandardCharsets.UTF_8));
    line(text, "end", end);
    Files.writeString(folder.resolve(FILE), text);
  }

  private static void line(StringBuilder text, String key, String value) {
    text.append(key).append(' ').append(value).append('\n');
  }

  /** Reads the label of a folder; empty if there is none. */
  static Optional<Label> read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    String text = Files.readString(file);
    int end = text.lastIndexOf("\nend ") + 1;
    if (!text.startsWith(FIRST + "\n")
        || end == 0
        || !text.substring(end)
            .equals(
                "end "
                    + Digests.of(text.substring(0, end).getBytes(StandardCharsets.UTF_8))
                    + "\n")) {
      throw new IOException(FILE + " is cut short or changed");
    }
    String digest = "";
    List<String> names = new ArrayList<>();
    List<Mark> marks = new ArrayList<>();
    for (String line : text.substring(FIRST.length() + 1, end).lines().toList()) {
      if (line.startsWith("digest ")) {
        digest = line.substring("digest ".length());
      } else if (line.startsWith("file ")) {
        String[] parts = line.split(" ", 4);
        marks.add(new Mark(parts[1], Long.parseLong(parts[2]), parts[3]));
      } else {
        names.add(line);
      }
    }
    Names offered =
        Names.parse(names)
            .orElseThrow(() -> new IOException(FILE + " holds a line of another version"));
    return Optional.of(new Label(digest, offered, marks));
  }

  /** Compares the files of a folder with their marks; empty if all is as it was. */
  Optional<String> damage(Path folder) {
    try {
      Set<Path> files = new LinkedHashSet<>(Folders.files(folder));
      files.remove(folder.resolve(FILE));
      for (Mark mark : marks) {
        Path file = folder.resolve(mark.path());
        if (!files.remove(file)) {
          return Optional.of("file " + mark.path() + " is missing");
        }
        if (Files.size(file) != mark.size() || !Digests.ofFile(file).equals(mark.sha256())) {
          return Optional.of("file " + mark.path() + " was changed after it was installed");
        }
      }
      return files.stream()
          .findFirst()
          .map(file -> "file " + folder.relativize(file) + " was added after it was installed");
    } catch (IOException e) {
      return Optional.of("its files cannot be read: " + e.getMessage());
    }
  }
}
