package kr.madang.engine;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Position;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a pipeline leaves on disk: its epoch and the positions of its sources. */
final class PipelineStore {
  private static final Logger LOG = LoggerFactory.getLogger(PipelineStore.class);

  private final Path folder;

  PipelineStore(Path state, String workspace, String pipeline) {
    folder = state.resolve(workspace).resolve(pipeline);
  }

  /**
   * A number greater than any this pipeline had, also if its folder was lost: seconds of the clock
   * carry it on.
   */
  long nextEpoch(long now) {
    long last = read("epoch").map(PipelineStore::number).orElse(0L);
    long next = Math.max(last + 1, now);
    write("epoch", Long.toString(next));
    return next;
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      LOG.warn("epoch '{}' cannot be read; the clock carries it on", text);
      return 0;
    }
  }

  Optional<Position> position(String source) {
    return read("position." + source).map(Position::new);
  }

  void position(String source, Position position) {
    write("position." + source, position.value());
  }

  /** Removes everything. */
  void delete() {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (NoSuchFileException _) {
      // Nothing was kept.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Optional<String> read(String name) {
    try {
      return Optional.of(Files.readString(folder.resolve(name)));
    } catch (NoSuchFileException _) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void write(String name, String text) {
    try {
      Files.createDirectories(folder);
      Path next = folder.resolve("next." + name);
      // Forced before it takes the name, so that a power cut leaves the old text or the new one.
      // No channel: an interrupt must not get between.
      try (FileOutputStream out = new FileOutputStream(next.toFile())) {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.getFD().sync();
      }
      Files.move(
          next,
          folder.resolve(name),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.EXHAUSTED, "cannot write " + folder.resolve(name) + ": " + e, e);
    }
  }
}
