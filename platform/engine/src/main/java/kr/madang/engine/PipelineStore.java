package kr.madang.engine;

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
import kr.madang.sdk.source.Position;

/** What a pipeline leaves on disk: its epoch, the positions of its sources, its rejected rows. */
final class PipelineStore {
  private final Path folder;

  PipelineStore(Path state, String workspace, String pipeline) {
    folder = state.resolve(workspace).resolve(pipeline);
  }

  Path rejects() {
    return folder.resolve("rejects");
  }

  /**
   * A number greater than any this pipeline had, also if its folder was lost: seconds of the clock
   * carry it on.
   */
  long nextEpoch(long now) {
    long last = read("epoch").map(text -> Long.parseLong(text.strip())).orElse(0L);
    long next = Math.max(last + 1, now);
    write("epoch", Long.toString(next));
    return next;
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
      Path next = folder.resolve(name + ".next");
      Files.write(next, text.getBytes(StandardCharsets.UTF_8));
      Files.move(
          next,
          folder.resolve(name),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
