package kr.madang.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The built distribution, started as a user would. */
record Runtimes(Process process, URI url, Path home, double secondsToReady)
    implements AutoCloseable {

  /** Where the build left it, beside this module. */
  static Path distribution() throws URISyntaxException {
    Path jar = Path.of(Bench.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Path found = jar.resolve("../../../dist/target/madang/bin/madang").normalize();
    if (!Files.isExecutable(found)) {
      throw new IllegalStateException(
          "no distribution at " + found + "; build it with mvn package");
    }
    return found;
  }

  static Runtimes serve(String... more) throws IOException, URISyntaxException {
    Path home = Files.createTempDirectory("bench-home");
    long start = System.nanoTime();
    List<String> command =
        new ArrayList<>(
            List.of(distribution().toString(), "serve", "--home", home.toString(), "--port", "0"));
    command.addAll(List.of(more));
    Process process =
        new ProcessBuilder(command).redirectError(home.resolve("log").toFile()).start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    double seconds = (System.nanoTime() - start) / 1e9;
    if (line == null || !line.startsWith("madang ready on ")) {
      throw new IllegalStateException(
          "not ready: " + line + "\n" + Files.readString(home.resolve("log")));
    }
    return new Runtimes(
        process, URI.create(line.substring("madang ready on ".length())), home, seconds);
  }

  @Override
  public void close() throws Exception {
    process.destroy();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
    try (Stream<Path> files = Files.walk(home)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
