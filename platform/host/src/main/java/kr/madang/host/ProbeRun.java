package kr.madang.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Runs {@link Probe} in a throw-away JVM and reads what came out. */
final class ProbeRun {
  private static final int TAIL_BYTES = 4096;
  private static final Duration START_OF_A_JVM = Duration.ofSeconds(20);

  private final PluginRef plugin;
  private final byte[] tail = new byte[TAIL_BYTES];
  private long printed;

  private ProbeRun(PluginRef plugin) {
    this.plugin = plugin;
  }

  /**
   * Constructs the plugin once and gives the names of what it offers.
   *
   * @throws PluginException PLUGIN_REFUSED when it throws, exits, crashes or hangs there
   */
  static Names of(HostOptions options, Path folder, PluginRef plugin, Path work)
      throws IOException {
    Path place = Files.createDirectory(work.resolve("probe"));
    Path result = place.resolve("result");
    List<String> command = new ArrayList<>();
    command.add(options.probe().java().toString());
    command.addAll(options.probe().arguments());
    command.add(1, "-Djava.io.tmpdir=" + place);
    command.add(Probe.class.getName());
    command.add(folder.toString());
    command.add(result.toString());
    command.add(Long.toString(options.callTimeout().toMillis()));
    var builder = new ProcessBuilder(command).directory(place.toFile()).redirectErrorStream(true);
    // Nothing of the runtime's environment is the plugin's business; secrets may be in it.
    builder.environment().clear();
    return new ProbeRun(plugin).run(builder, options.callTimeout(), result);
  }

  private Names run(ProcessBuilder builder, Duration callTimeout, Path result) throws IOException {
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.EXHAUSTED,
          "the JVM to try plugin " + plugin + " in cannot be started: " + e.getMessage(),
          e);
    }
    Thread reader =
        Thread.ofPlatform().daemon().name("probe-" + plugin).start(() -> drain(process));
    try {
      Duration limit = callTimeout.multipliedBy(2).plus(START_OF_A_JVM);
      boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
      kill(process);
      reader.join(Duration.ofSeconds(2));
      if (!ended) {
        throw refused("did not end within " + limit.toSeconds() + " s");
      }
      return read(result, process.exitValue());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PluginException(
          ErrorCode.TIMEOUT, "trying plugin " + plugin + " was interrupted", e);
    } finally {
      kill(process);
    }
  }

  private static void kill(Process process) {
    if (process.isAlive()) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private void drain(Process process) {
    byte[] chunk = new byte[TAIL_BYTES];
    try (InputStream in = process.getInputStream()) {
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        keep(chunk, read);
      }
    } catch (IOException e) {
      // The stream ends with the process.
    }
  }

  private synchronized void keep(byte[] chunk, int length) {
    for (int i = 0; i < length; i++) {
      tail[(int) (printed++ % TAIL_BYTES)] = chunk[i];
    }
  }

  private Names read(Path result, int status) throws IOException {
    List<String> lines = Files.isRegularFile(result) ? Files.readAllLines(result) : List.of();
    if (!lines.isEmpty() && lines.getFirst().equals(Probe.REFUSED)) {
      throw new PluginException(
          HostError.PLUGIN_REFUSED,
          "tried in a JVM of its own, "
              + String.join("\n", lines.subList(1, lines.size()))
              + printed());
    }
    if (lines.isEmpty() || !lines.getLast().equals(Probe.DONE)) {
      throw refused(
          status > 128
              ? "crashed it (signal " + (status - 128) + ")"
              : "ended it with status " + status + "; a plugin must never exit");
    }
    Optional<Names> names = Names.parse(lines.subList(0, lines.size() - 1));
    return names.orElseThrow(() -> refused("left a result that cannot be read"));
  }

  private PluginException refused(String what) {
    return new PluginException(
        HostError.PLUGIN_REFUSED,
        "plugin " + plugin + ", constructed in a JVM of its own, " + what + printed());
  }

  private synchronized String printed() {
    int length = (int) Math.min(printed, TAIL_BYTES);
    byte[] text = new byte[length];
    for (int i = 0; i < length; i++) {
      text[i] = tail[(int) ((printed - length + i) % TAIL_BYTES)];
    }
    String last = new String(text, StandardCharsets.UTF_8).strip();
    return last.isEmpty() ? "" : "; its last output was:\n" + last;
  }
}
