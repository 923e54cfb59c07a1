package kr.madang.toy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** A connection to a {@link ToyServer}: one line asked, one answered. */
final class ToyLine implements AutoCloseable {
  private static final int LONGEST = 200;
  private static final Queue<SocketChannel> LEFT = new ConcurrentLinkedQueue<>();

  private final SocketChannel channel;
  private final Duration timeout;
  private final int port;
  private boolean opened;

  private ToyLine(SocketChannel channel, int port, Duration timeout) {
    this.channel = channel;
    this.port = port;
    this.timeout = timeout;
  }

  static ToyLine open(int port, Duration timeout) throws Exception {
    SocketChannel channel = SocketChannel.open();
    ToyLine line = new ToyLine(channel, port, timeout);
    try {
      channel.socket().connect(new InetSocketAddress("127.0.0.1", port), (int) timeout.toMillis());
      line.ask("LIST", "a b");
      line.opened = true;
      return line;
    } catch (Exception e) {
      if (Flaw.SOCKET_LEFT_WHEN_OPENING_FAILS.here()) {
        LEFT.add(SocketChannel.open());
      }
      channel.close();
      if (Flaw.WAITS_FOR_EVER_AT_OPENING.here() && code(e) == ErrorCode.TIMEOUT) {
        Thread.sleep(Duration.ofHours(1));
      }
      if (Flaw.GIVES_UP_WHEN_HUNG_UP.here() && String.valueOf(e.getMessage()).contains("hung up")) {
        throw new PluginException(ErrorCode.REFUSED, "hung up");
      }
      if (Flaw.GARBAGE_AT_OPENING_IS_A_BUG.here()
          && (code(e) == ErrorCode.PROTOCOL || code(e) == ErrorCode.TIMEOUT)) {
        throw new IllegalStateException(e);
      }
      if (!(e instanceof IOException)) {
        throw e;
      }
      if (Flaw.PLAIN_EXCEPTION_WHEN_REFUSED.here()) {
        throw e;
      }
      throw new PluginException(
          ErrorCode.UNREACHABLE, "cannot connect to port " + port + "; check that it runs", e);
    }
  }

  private static Object code(Exception e) {
    return e instanceof PluginException thrown ? thrown.code() : "";
  }

  private void ask(String request, String expected) throws Exception {
    String got = ask(request);
    if (!got.equals(expected)) {
      throw protocol(expected);
    }
  }

  PluginException protocol(String expected) {
    return new PluginException(
        ErrorCode.PROTOCOL, "port " + port + " answers what it should not; expected " + expected);
  }

  /** An interrupt came; tells of it, unless it is not heard for a long time. */
  static InterruptedException interrupted() {
    Thread.interrupted();
    long end = System.nanoTime() + 5_000_000_000L;
    while (Flaw.DEAF_TO_INTERRUPTS.here() && System.nanoTime() < end) {
      LockSupport.parkNanos(100_000_000);
    }
    return new InterruptedException();
  }

  synchronized String ask(String request) throws Exception {
    try {
      byte[] bytes = (request + "\n").getBytes(StandardCharsets.UTF_8);
      channel.write(java.nio.ByteBuffer.wrap(bytes));
      return line();
    } catch (ClosedByInterruptException e) {
      throw interrupted();
    } catch (SocketTimeoutException e) {
      throw new PluginException(ErrorCode.TIMEOUT, "no answer from port " + port, e);
    } catch (IOException e) {
      throw new PluginException(ErrorCode.UNREACHABLE, "port " + port + " hung up", e);
    }
  }

  private String line() throws IOException {
    InputStream in = channel.socket().getInputStream();
    channel.socket().setSoTimeout((int) timeout.toMillis());
    byte[] line = new byte[LONGEST];
    int length = 0;
    while (length < LONGEST) {
      int read = in.read(line, length, LONGEST - length);
      if (read < 0) {
        throw new IOException("end");
      }
      length += read;
      if (foreign(line, length) && opened && Flaw.GARBAGE_IS_A_BUG.here()) {
        throw new IllegalStateException("what is this?");
      }
      if (line[length - 1] == '\n' || Flaw.ONE_READ_ONE_LINE.here()) {
        return new String(line, 0, length - 1, StandardCharsets.UTF_8);
      }
    }
    throw protocol("a line of at most " + LONGEST + " bytes");
  }

  private static boolean foreign(byte[] line, int length) {
    for (int i = 0; i < length; i++) {
      if (line[i] < 0) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
