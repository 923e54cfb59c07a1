package kr.madang.e2e.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** What a source tells the harness, and is told by it; survives a kill of the process. */
final class SideFiles {
  private final Path folder;
  private boolean draining;
  private long looked;

  SideFiles(String folder) throws IOException {
    this.folder = Files.createDirectories(Path.of(folder));
  }

  /** The number up to which everything was acknowledged; -1 for none. */
  long acknowledged() throws IOException {
    Path file = folder.resolve("acknowledged");
    return Files.exists(file) ? Long.parseLong(Files.readString(file).strip()) : -1;
  }

  void acknowledge(long number) throws IOException {
    replace("acknowledged", number);
  }

  /** Where the source has come to its end: the first number that will never come. */
  void ended(long number) throws IOException {
    replace("ended", number);
  }

  void opened(long next) throws IOException {
    Files.writeString(
        folder.resolve("opened"),
        next + " " + acknowledged() + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  /** Whether the harness wants the end. */
  boolean draining() {
    long now = System.nanoTime();
    if (!draining && now - looked > 20_000_000) {
      looked = now;
      draining = Files.exists(folder.resolve("drain"));
    }
    return draining;
  }

  private void replace(String name, long number) throws IOException {
    Path next = folder.resolve(name + ".next");
    Files.writeString(next, Long.toString(number));
    Files.move(next, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }
}
