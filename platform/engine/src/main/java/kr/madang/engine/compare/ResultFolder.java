package kr.madang.engine.compare;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The result of one replay: for each sink a file {@code SINK.arrow} (Arrow IPC, file or stream
 * format) with the rows in the order in which they left the pipeline.
 *
 * @param path the folder
 * @param summary what {@code result.json} in it says
 */
public record ResultFolder(Path path, ResultSummary summary) {
  /** The ending of a sink's file. */
  public static final String SUFFIX = ".arrow";

  /** The file for the rows of a sink. */
  public Path file(String sink) {
    return path.resolve(sink + SUFFIX);
  }

  /** The sinks that have a file, by name. */
  SortedMap<String, Path> sinks() throws IOException {
    SortedMap<String, Path> sinks = new TreeMap<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        if (name.endsWith(SUFFIX) && Files.isRegularFile(file)) {
          sinks.put(name.substring(0, name.length() - SUFFIX.length()), file);
        }
      }
    }
    return sinks;
  }
}
