import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A process that says one line when it is ready; its errors go to a log file. */
final class Child implements AutoCloseable {
  private final String name;
  private final Process process;
  private final CompletableFuture<String> ready = new CompletableFuture<>();

  /** Starts it; a later line that begins with {@code sign} means that it is ready. */
  Child(String name, List<String> command, String sign, Path log) throws IOException {
    this.name = name;
    process = new ProcessBuilder(command).redirectError(log.toFile()).start();
    process.getOutputStream().close();
    Thread.ofVirtual().start(() -> listen(sign, log));
  }

  private void listen(String sign, Path log) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(sign)) {
          ready.complete(line.substring(sign.length()).strip());
        }
      }
    } catch (IOException _) {
      // it ended
    }
    ready.completeExceptionally(new IOException(name + " ended before it was ready; see " + log));
  }

  /** What follows the sign on the line. */
  String awaitReady() throws IOException, InterruptedException {
    try {
      return ready.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage());
    } catch (TimeoutException _) {
      throw new IOException(name + " was not ready within 60 s");
    }
  }

  /** Fails if it has ended. */
  void check() throws IOException {
    if (!process.isAlive()) {
      throw new IOException(name + " ended with status " + process.exitValue());
    }
  }

  /** Asks it to end, and makes it after 20 s. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException _) {
      process.destroyForcibly();
    }
  }
}
