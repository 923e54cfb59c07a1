package kr.madang.plugins.files;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/** The files that a path stands for. Hidden and unfinished ones are left out. */
final class FileList {
  private static final int DEPTH = 16;

  private final Path path;
  private final Path folder;
  private final @Nullable PathMatcher matcher;
  private final int depth;

  private FileList(Path path, Path folder, @Nullable PathMatcher matcher, int depth) {
    this.path = path;
    this.folder = folder;
    this.matcher = matcher;
    this.depth = depth;
  }

  static FileList of(String text) {
    try {
      int glob = firstOf(text, "*?[{");
      if (glob < 0) {
        Path path = Path.of(text);
        return new FileList(path, path, null, 1);
      }
      int slash = text.lastIndexOf('/', glob);
      String before = slash < 0 ? "." : slash == 0 ? "/" : text.substring(0, slash);
      String pattern = text.substring(slash + 1);
      Path folder = Path.of(before);
      PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
      boolean deep = pattern.contains("/") || pattern.contains("**");
      return new FileList(Path.of(before), folder, matcher, deep ? DEPTH : 1);
    } catch (InvalidPathException | PatternSyntaxException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "path: expected a file, a folder or a glob such as /data/*.csv, got '"
              + text
              + "': "
              + e.getMessage(),
          e);
    }
  }

  private static int firstOf(String text, String characters) {
    for (int i = 0; i < text.length(); i++) {
      if (characters.indexOf(text.charAt(i)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  /** The files in the order of their names; none if the path does not exist. */
  List<FoundFile> list() throws IOException {
    List<FoundFile> found = new ArrayList<>();
    if (isSingle()) {
      FoundFile file = file(path, path);
      return file == null ? List.of() : List.of(file);
    }
    if (!Files.isDirectory(folder)) {
      return found;
    }
    try (Stream<Path> walk = Files.walk(folder, depth)) {
      for (Path candidate : (Iterable<Path>) walk::iterator) {
        Path relative = folder.relativize(candidate);
        if (!hidden(relative) && (matcher == null || matcher.matches(relative))) {
          FoundFile file = file(candidate, relative);
          if (file != null) {
            found.add(file);
          }
        }
      }
    } catch (java.io.UncheckedIOException e) {
      throw e.getCause();
    }
    found.sort(Comparator.comparing(FoundFile::name));
    return found;
  }

  /** Whether the path means one file, so that there is nothing to wait for beside it. */
  boolean isSingle() {
    return matcher == null && !Files.isDirectory(path);
  }

  private static boolean hidden(Path relative) {
    for (Path part : relative) {
      String name = part.toString();
      if (name.startsWith(".") || name.endsWith(".part") || name.endsWith(".tmp")) {
        return true;
      }
    }
    return false;
  }

  private static @Nullable FoundFile file(Path file, Path name) throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return attributes.isDirectory()
          ? null
          : new FoundFile(
              file,
              name.toString(),
              inode(file, attributes),
              attributes.size(),
              attributes.lastModifiedTime().toMillis());
    } catch (NoSuchFileException | NotDirectoryException e) {
      return null; // gone between listing and asking
    }
  }

  private static long inode(Path file, BasicFileAttributes attributes) throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      return ((Number) Files.getAttribute(file, "unix:ino")).longValue();
    }
    Object key = attributes.fileKey();
    return key == null
        ? Objects.hash(file.toAbsolutePath().toString(), attributes.creationTime())
        : key.hashCode();
  }

  @Override
  public String toString() {
    return path.toString();
  }
}
