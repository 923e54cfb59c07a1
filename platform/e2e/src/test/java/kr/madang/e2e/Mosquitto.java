package kr.madang.e2e;

import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import kr.madang.sdk.testkit.Await;

/** Debian's mosquitto, and a device that publishes to it in MQTT 3.1.1. */
final class Mosquitto implements AutoCloseable {
  private static final Path PROGRAM = Path.of("/usr/sbin/mosquitto");

  private final int port;
  private final Process process;
  private final Socket device;
  private final DataOutputStream out;

  private Mosquitto(int port, Process process, Socket device) throws IOException {
    this.port = port;
    this.process = process;
    this.device = device;
    this.out = new DataOutputStream(device.getOutputStream());
  }

  static boolean installed() {
    return Files.isExecutable(PROGRAM);
  }

  /** Starts a broker with its files in a folder, and connects the device. */
  static Mosquitto start(Path folder) throws Exception {
    int port = Ports.free();
    Path config = folder.resolve("mosquitto.conf");
    Files.writeString(
        config,
        "listener %d 127.0.0.1\nallow_anonymous true\n%s"
            // Else it becomes another user, who cannot read the folder of the test.
            .formatted(port, System.getProperty("user.name").equals("root") ? "user root\n" : ""));
    Path log = folder.resolve("mosquitto.log");
    Process process =
        new ProcessBuilder(PROGRAM.toString(), "-c", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    Socket[] device = new Socket[1];
    try {
      Await.until(
          "mosquitto listens",
          () -> {
            if (!process.isAlive()) {
              throw new AssertionError("mosquitto ended: " + Files.readString(log));
            }
            try {
              device[0] = new Socket(InetAddress.getLoopbackAddress(), port);
              return true;
            } catch (IOException e) {
              return false;
            }
          });
      Mosquitto broker = new Mosquitto(port, process, device[0]);
      broker.connect();
      return broker;
    } catch (Exception | AssertionError e) {
      process.destroyForcibly();
      throw e;
    }
  }

  int port() {
    return port;
  }

  private void connect() throws IOException {
    byte[] id = "floor".getBytes(StandardCharsets.UTF_8);
    out.write(0x10);
    length(12 + id.length);
    out.writeUTF("MQTT");
    out.writeByte(4);
    out.writeByte(2); // a clean session
    out.writeShort(0); // no keep-alive
    out.writeUTF("floor");
    device.setSoTimeout(20_000);
    byte[] answer = device.getInputStream().readNBytes(4);
    if (answer.length < 4 || answer[0] != 0x20 || answer[3] != 0) {
      throw new IOException("the broker refuses the device");
    }
  }

  /** One message of QoS 0. */
  synchronized void publish(String topic, String payload) throws IOException {
    byte[] body = payload.getBytes(StandardCharsets.UTF_8);
    out.write(0x30);
    length(2 + topic.getBytes(StandardCharsets.UTF_8).length + body.length);
    out.writeUTF(topic);
    out.write(body);
    out.flush();
  }

  private void length(int bytes) throws IOException {
    int rest = bytes;
    while (rest > 0x7f) {
      out.write(rest & 0x7f | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
  }

  @Override
  public void close() throws Exception {
    device.close();
    process.destroy();
    if (!process.waitFor(5, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
