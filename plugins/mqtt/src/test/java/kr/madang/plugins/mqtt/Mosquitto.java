package kr.madang.plugins.mqtt;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import kr.madang.sdk.testkit.Await;
import org.jspecify.annotations.Nullable;

/** Debian's mosquitto on a free port, with its files in a folder of the test. */
final class Mosquitto implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/sbin/mosquitto");

  private final Path folder;
  private final int port;
  private final List<String> lines;
  private @Nullable Process process;

  private Mosquitto(Path folder, int port, List<String> lines) {
    this.folder = folder;
    this.port = port;
    this.lines = lines;
  }

  /** Whether it is there; says so once if not. */
  static boolean installed() {
    boolean there = Files.isExecutable(PROGRAM);
    if (!there) {
      System.out.println("mosquitto is not installed: tests with the foreign broker are left out");
    }
    return there;
  }

  static Mosquitto start(Path folder, String... lines) throws Exception {
    return start(folder, freePort(), lines);
  }

  static Mosquitto start(Path folder, int port, String... lines) throws Exception {
    List<String> all = new ArrayList<>(List.of("listener " + port + " 127.0.0.1"));
    all.addAll(Arrays.asList(lines));
    if (all.stream().noneMatch(line -> line.startsWith("allow_anonymous"))) {
      all.add("allow_anonymous true");
    }
    if (System.getProperty("user.name").equals("root")) {
      all.add("user root"); // else it becomes another user, who cannot read the folder of the test
    }
    Mosquitto broker = new Mosquitto(folder, port, all);
    broker.start();
    return broker;
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  int port() {
    return port;
  }

  long pid() {
    return process == null ? -1 : process.pid();
  }

  /** Starts it, again after {@link #stop}. */
  void start() throws Exception {
    Path config = folder.resolve("mosquitto-" + port + ".conf");
    Files.write(config, lines);
    File log = folder.resolve("mosquitto-" + port + ".log").toFile();
    Process started =
        new ProcessBuilder(PROGRAM.toString(), "-c", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
            .start();
    process = started;
    Await.until(
        "mosquitto listens",
        () -> {
          if (!started.isAlive()) {
            throw new AssertionError("mosquitto ended: " + Files.readString(log.toPath()));
          }
          try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
            return true;
          } catch (IOException e) {
            return false;
          }
        });
  }

  /** Ends it in good order, so that it writes down what it keeps. */
  void stop() throws InterruptedException {
    Process running = process;
    if (running != null) {
      running.destroy();
      if (!running.waitFor(5, TimeUnit.SECONDS)) {
        running.destroyForcibly().waitFor();
      }
      process = null;
    }
  }

  @Override
  public void close() throws InterruptedException {
    stop();
  }
}
