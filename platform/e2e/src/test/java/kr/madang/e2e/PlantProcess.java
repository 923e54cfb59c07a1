package kr.madang.e2e;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The simulated plant of the distribution, as a device of its own. */
record PlantProcess(Process process, int port) implements AutoCloseable {

  /** Starts a plant; port 0 picks a free one. */
  static PlantProcess start(int port) throws Exception {
    Path dist = Madang.DIST;
    Process process =
        new ProcessBuilder(
                List.of(
                    dist.resolve("jre/bin/java").toString(),
                    "-cp",
                    dist.resolve("plugins/simulator/lib/*")
                        + File.pathSeparator
                        + dist.resolve("lib/*"),
                    "kr.madang.plugins.simulator.PlantServer",
                    "--port",
                    Integer.toString(port)))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String line =
        CompletableFuture.supplyAsync(
                () -> {
                  try {
                    return process.inputReader().readLine();
                  } catch (IOException e) {
                    return e.toString();
                  }
                })
            .get(60, TimeUnit.SECONDS);
    return new PlantProcess(
        process, Integer.parseInt(line.substring(line.lastIndexOf(':') + 1).strip()));
  }

  /** kill -9. */
  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly();
    process.waitFor(60, TimeUnit.SECONDS);
  }
}
