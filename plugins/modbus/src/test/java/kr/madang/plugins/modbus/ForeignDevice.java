package kr.madang.plugins.modbus;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import kr.madang.sdk.testkit.Await;

/** A device that pymodbus plays, in a process of its own. */
final class ForeignDevice implements AutoCloseable {
  private static final String PYTHON = python();
  private static final String SCRIPT = "src/test/python/device.py";

  private final int port;
  private Process process;

  private ForeignDevice(int port) throws IOException {
    this.port = port;
    this.process = begin();
  }

  /** Says so where it is not. */
  static boolean installed() {
    if (PYTHON.isEmpty()) {
      System.out.println("python3-pymodbus is not installed: its tests are left out");
    }
    return !PYTHON.isEmpty();
  }

  /** The system's Python goes first: it has what the system's packages bring. */
  private static String python() {
    for (String each : List.of("/usr/bin/python3", "python3")) {
      try {
        Process probe =
            new ProcessBuilder(each, "-c", "from pymodbus.server import StartTcpServer")
                .redirectErrorStream(true)
                .start();
        if (probe.waitFor(20, TimeUnit.SECONDS) && probe.exitValue() == 0) {
          return each;
        }
      } catch (IOException e) {
        // not this one
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    return "";
  }

  static ForeignDevice start() throws Exception {
    int port;
    try (ClosedPort free = new ClosedPort()) {
      port = free.port();
    }
    ForeignDevice device = new ForeignDevice(port);
    device.await();
    return device;
  }

  private Process begin() throws IOException {
    return new ProcessBuilder(PYTHON, Path.of(SCRIPT).toString(), String.valueOf(port))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private void await() throws Exception {
    Await.until(
        "pymodbus listens",
        Duration.ofSeconds(30),
        () -> {
          try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), 200);
            return true;
          } catch (IOException e) {
            return false;
          }
        });
  }

  int port() {
    return port;
  }

  /** Its power is cut. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  void startAgain() throws Exception {
    process = begin();
    await();
  }

  @Override
  public void close() throws Exception {
    kill();
  }
}
