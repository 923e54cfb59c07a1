package kr.madang.sdk.testkit.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import kr.madang.sdk.testkit.proxy.FaultProxy.Sockets;

/** Says everything again; counts how connections ended. */
final class EchoServer implements AutoCloseable {
  final AtomicInteger finished = new AtomicInteger();
  final AtomicInteger reset = new AtomicInteger();
  final AtomicInteger accepted = new AtomicInteger();
  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  EchoServer() throws IOException {
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        sockets.add(socket);
        accepted.incrementAndGet();
        Thread.ofVirtual().start(() -> echo(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void echo(Socket socket) {
    try (socket) {
      byte[] buffer = new byte[4096];
      for (int got = socket.getInputStream().read(buffer);
          got >= 0;
          got = socket.getInputStream().read(buffer)) {
        socket.getOutputStream().write(buffer, 0, got);
      }
      finished.incrementAndGet();
    } catch (IOException e) {
      reset.incrementAndGet();
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    sockets.forEach(Sockets::close);
  }
}
