package kr.madang.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests at a rate of their own, whether the server keeps up or not: each is timed from the
 * moment at which it was due, so that no wait is left out. One thread, kept-alive connections. It
 * naps between looks, so that it leaves the cores to the server; what it is late by itself, some 60
 * µs, is in the times.
 */
final class OpenLoop implements AutoCloseable {
  private static final int HEAD_BYTES = 16 << 10;

  private final Selector selector = Selector.open();
  private final List<SocketChannel> channels = new ArrayList<>();
  private final ArrayDeque<Connection> idle = new ArrayDeque<>();
  private final byte[] request;

  /** One request at a time. */
  private static final class Connection {
    final SocketChannel channel;
    final ByteBuffer in = ByteBuffer.allocate(HEAD_BYTES);
    long due;

    /** Bytes of the answer; 0 until its head is there. */
    int whole;

    Connection(SocketChannel channel) {
      this.channel = channel;
    }
  }

  OpenLoop(URI url, String token, String body, int connections) throws IOException {
    request =
        "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            .formatted(url.getPath(), token, body.length(), body)
            .getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < connections; i++) {
      SocketChannel channel =
          SocketChannel.open(new InetSocketAddress(url.getHost(), url.getPort()));
      channels.add(channel);
      channel.setOption(java.net.StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      Connection one = new Connection(channel);
      channel.register(selector, SelectionKey.OP_READ, one);
      idle.add(one);
    }
  }

  /**
   * Sends so many a second, evenly.
   *
   * @return how long each took in µs, sorted
   */
  double[] run(double rate, int seconds) throws IOException {
    double[] micros = new double[(int) (rate * seconds)];
    ArrayDeque<Long> waiting = new ArrayDeque<>();
    int sent = 0;
    int done = 0;
    double due = System.nanoTime();
    long last = System.nanoTime() + (seconds + 30) * 1_000_000_000L;
    while (done < micros.length) {
      long now = System.nanoTime();
      while (sent < micros.length && due <= now) {
        waiting.add((long) due);
        sent++;
        due += 1e9 / rate;
      }
      while (!waiting.isEmpty() && !idle.isEmpty()) {
        send(idle.poll(), waiting.poll());
      }
      int ready = selector.selectNow();
      for (SelectionKey key : selector.selectedKeys()) {
        Connection one = (Connection) key.attachment();
        if (answered(one)) {
          micros[done++] = (System.nanoTime() - one.due) / 1e3;
          idle.add(one);
        }
      }
      selector.selectedKeys().clear();
      if (now > last) {
        throw new IllegalStateException(
            "only %d of %d requests were answered".formatted(done, micros.length));
      }
      if (ready == 0) {
        LockSupport.parkNanos(1_000); // with the timer slack of Linux some 60 µs
      }
    }
    Arrays.sort(micros);
    return micros;
  }

  private void send(Connection to, long due) throws IOException {
    to.due = due;
    to.in.clear();
    to.whole = 0;
    ByteBuffer bytes = ByteBuffer.wrap(request);
    while (bytes.hasRemaining()) {
      to.channel.write(bytes);
    }
  }

  /** Whether a whole answer is there. */
  private static boolean answered(Connection one) throws IOException {
    if (one.channel.read(one.in) < 0) {
      throw new IOException("the server has closed a connection");
    }
    if (one.whole == 0) {
      String text = new String(one.in.array(), 0, one.in.position(), StandardCharsets.ISO_8859_1);
      int end = text.indexOf("\r\n\r\n");
      if (end < 0) {
        return false;
      }
      if (!text.startsWith("HTTP/1.1 200")) {
        throw new IOException("not answered well: " + text);
      }
      int at = text.toLowerCase(Locale.ROOT).indexOf("content-length: ") + 16;
      one.whole = end + 4 + Integer.parseInt(text.substring(at, text.indexOf('\r', at)));
    }
    return one.in.position() >= one.whole;
  }

  @Override
  public void close() throws IOException {
    for (SocketChannel channel : channels) {
      channel.close();
    }
    selector.close();
  }
}
