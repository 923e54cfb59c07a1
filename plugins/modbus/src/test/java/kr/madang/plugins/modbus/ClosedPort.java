package kr.madang.plugins.modbus;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;

/** A port that refuses connections and that nobody else can take meanwhile. */
final class ClosedPort implements AutoCloseable {
  private final SocketChannel holder = SocketChannel.open();

  ClosedPort() throws IOException {
    holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  int port() {
    return holder.socket().getLocalPort();
  }

  @Override
  public void close() throws IOException {
    holder.close();
  }
}
