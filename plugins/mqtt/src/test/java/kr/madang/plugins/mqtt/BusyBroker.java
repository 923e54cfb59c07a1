package kr.madang.plugins.mqtt;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;

/**
 * A broker and its busy publisher for {@code platform/bench}: {@code BusyBroker QOS raw|json}.
 * Prints the port of the broker and the id of its process, and ends with its standard input.
 */
final class BusyBroker {
  private BusyBroker() {}

  public static void main(String[] arguments) throws Exception {
    int qos = Integer.parseInt(arguments[0]);
    boolean json = arguments[1].equals("json");
    Path folder = Files.createTempDirectory("mqtt-busy");
    try (Mosquitto mosquitto =
        Mosquitto.start(
            folder,
            "max_inflight_messages 1000",
            "max_queued_messages 100000",
            "set_tcp_nodelay true")) {
      System.out.println(mosquitto.port() + " " + mosquitto.pid());
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            try {
              publish(mosquitto.port(), qos, json);
            } catch (IOException | InterruptedException e) {
              // The broker has gone.
            }
          });
      System.in.readAllBytes();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
    System.exit(0);
  }

  /** Writes packets as they are, many at once: the publisher must not be what is measured. */
  private static void publish(int port, int qos, boolean json)
      throws IOException, InterruptedException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      OutputStream out = socket.getOutputStream();
      InputStream in = socket.getInputStream();
      byte[] connect = {16, 13, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 60, 0, 1, 'p'};
      out.write(connect);
      in.readNBytes(4);
      Semaphore free = new Semaphore(2_000);
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            byte[] buffer = new byte[65_536];
            int rest = 0;
            try {
              for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
                rest += got;
                free.release(rest / 4);
                rest %= 4;
              }
            } catch (IOException e) {
              // The broker has gone.
            }
          });
      ByteArrayOutputStream packets = new ByteArrayOutputStream();
      int id = 1;
      for (int i = 0; ; i++) {
        packets.reset();
        for (int j = 0; j < 500; j++, i++) {
          byte[] topic = ("plant/line" + i % 4 + "/tag" + i % 50).getBytes();
          byte[] payload = (json ? "{\"t\":1767225600123,\"v\":21.375}" : "21.375").getBytes();
          packets.write(0x30 | qos << 1);
          packets.write(2 + topic.length + payload.length + (qos > 0 ? 2 : 0));
          packets.write(0);
          packets.write(topic.length);
          packets.writeBytes(topic);
          if (qos > 0) {
            packets.write(id >> 8);
            packets.write(id);
            id = id == 65_535 ? 1 : id + 1;
          }
          packets.writeBytes(payload);
        }
        if (qos > 0) {
          free.acquire(500);
        }
        packets.writeTo(out);
      }
    }
  }
}
