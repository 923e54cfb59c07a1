package kr.madang.plugins.modbus;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** A socket that answers each request as a test wants, right or wrong; one connection at a time. */
final class RawDevice implements AutoCloseable {

  /** What to do with one request. */
  @FunctionalInterface
  interface Behaviour {
    void answer(byte[] request, OutputStream out) throws IOException;
  }

  private final ServerSocket server;
  private final Thread thread;
  private final AtomicInteger ended = new AtomicInteger();
  private volatile Socket current = new Socket();

  RawDevice(Behaviour behaviour) throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    thread = Thread.ofPlatform().daemon().name("raw-device").start(() -> serve(behaviour));
  }

  int port() {
    return server.getLocalPort();
  }

  /** Connections that the far side has closed. */
  int ended() {
    return ended.get();
  }

  private void serve(Behaviour behaviour) {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        current = socket;
        socket.setTcpNoDelay(true);
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] request = new byte[12];
        while (in.readNBytes(request, 0, 12) == 12) {
          behaviour.answer(request.clone(), socket.getOutputStream());
        }
      } catch (IOException | UncheckedIOException _) {
        // The far side or the test closed it.
      }
      ended.incrementAndGet();
    }
  }

  /** The right answer: each register holds its own address. */
  static byte[] answer(byte[] request) {
    int address = (request[8] & 0xFF) << 8 | request[9] & 0xFF;
    int count = (request[10] & 0xFF) << 8 | request[11] & 0xFF;
    byte[] answer = new byte[9 + 2 * count];
    System.arraycopy(request, 0, answer, 0, 8);
    answer[4] = (byte) (3 + 2 * count >> 8);
    answer[5] = (byte) (3 + 2 * count);
    answer[8] = (byte) (2 * count);
    for (int i = 0; i < count; i++) {
      answer[9 + 2 * i] = (byte) (address + i >> 8);
      answer[10 + 2 * i] = (byte) (address + i);
    }
    return answer;
  }

  @Override
  public void close() throws Exception {
    server.close();
    current.close();
    thread.interrupt();
    thread.join(5000);
  }
}
