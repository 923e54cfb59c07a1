package kr.madang.plugins.opcua;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;

/** A server that speaks UA TCP only as far as the test wants. */
final class Liar implements AutoCloseable {
  /** What is done with a connection. */
  interface Lie {
    void tell(InputStream in, OutputStream out) throws IOException;
  }

  private final ServerSocket listener;
  private final AtomicInteger connections = new AtomicInteger();

  Liar(Lie lie) throws IOException {
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(() -> accept(lie));
  }

  private void accept(Lie lie) {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        connections.incrementAndGet();
        Thread.ofVirtual()
            .start(() -> {
              try (socket) {
                lie.tell(socket.getInputStream(), socket.getOutputStream());
                socket.getInputStream().readAllBytes();
              } catch (IOException e) {
                // The client has seen enough.
              }
            });
      } catch (IOException e) {
        // Closed.
      }
    }
  }

  String endpoint() {
    return "opc.tcp://127.0.0.1:" + listener.getLocalPort();
  }

  int connections() {
    return connections.get();
  }

  /** Reads the hello and acknowledges it. */
  static void acknowledge(InputStream in, OutputStream out) throws IOException {
    byte[] head = in.readNBytes(8);
    in.readNBytes(ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN).getInt(4) - 8);
    out.write(
        ByteBuffer.allocate(28)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put(new byte[] {'A', 'C', 'K', 'F'})
            .putInt(28)
            .putInt(0)
            .putInt(65_536)
            .putInt(65_536)
            .putInt(0)
            .putInt(0)
            .array());
    out.flush();
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
