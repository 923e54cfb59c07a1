package kr.madang.bench;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The other side of a connector, in a process of its own. Its main class prints one line, its port
 * and the id of the process that does the work, and ends with its standard input.
 */
record Peer(Process process, int port, ProcessHandle server) implements AutoCloseable {

  /** A server of this module. */
  static Peer own(Class<?> main) throws IOException {
    return start(System.getProperty("java.class.path"), main.getName());
  }

  /** A server of the tests of a plugin; its libraries are not on the class path of this process. */
  static Peer ofTests(String main, Object... arguments) throws IOException, URISyntaxException {
    return start(
        Files.readString(Guests.beside("servers.txt")).strip(),
        main,
        Stream.of(arguments).map(String::valueOf).toArray(String[]::new));
  }

  /** What a main class of the tests of a plugin prints at its end, a number. */
  static double ask(String main, Object... arguments)
      throws IOException, URISyntaxException, InterruptedException {
    Process process =
        launch(
            Files.readString(Guests.beside("servers.txt")).strip(),
            main,
            Stream.of(arguments).map(String::valueOf).toArray(String[]::new));
    try {
      String line = process.inputReader().readLine();
      if (line == null) {
        throw new IllegalStateException(main + " ended without a number");
      }
      return Double.parseDouble(line);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static Process launch(String classPath, String main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--add-opens=java.base/java.nio=ALL-UNNAMED");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-Dslf4j.internal.verbosity=ERROR");
    command.add("-Xmx1g");
    command.add("-cp");
    command.add(classPath);
    command.add(main);
    Collections.addAll(command, arguments);
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static Peer start(String classPath, String main, String... arguments) throws IOException {
    Process process = launch(classPath, main, arguments);
    String line = process.inputReader().readLine();
    while (line != null && !line.matches("\\d+ \\d+")) {
      line = process.inputReader().readLine();
    }
    if (line == null) {
      process.destroyForcibly();
      throw new IllegalStateException(main + " ended without naming its port");
    }
    String[] told = line.split(" ", -1);
    return new Peer(
        process,
        Integer.parseInt(told[0]),
        ProcessHandle.of(Long.parseLong(told[1])).orElseThrow());
  }

  /** CPU time in ns of the server and of the processes that it has made and that live. */
  long cpu() {
    return Stream.concat(Stream.of(server), server.descendants())
        .map(each -> each.info().totalCpuDuration().orElse(Duration.ZERO))
        .mapToLong(Duration::toNanos)
        .sum();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    process.getOutputStream().close();
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
