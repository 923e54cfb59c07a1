package kr.madang.plugins.modbus;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/**
 * One TCP connection with one request under way. Blocking and used by one thread, which is the
 * cheapest way to ask and wait; an interrupt closes it and ends every wait at once. After an
 * exception it must be closed.
 */
final class Connection implements AutoCloseable {
  /** What {@link #exchange} returns for an answer with values. */
  static final int ANSWERED = 0;

  /** What {@link #exchange} returns when not a byte of an answer came in time. */
  static final int SILENT = -1;

  private static final int HEADER = 7;
  private static final int MAX_LENGTH = 254;

  private final String target;
  private final SocketChannel channel;
  private final InputStream in;
  private final ByteBuffer out = ByteBuffer.allocate(Request.FRAME);
  private final byte[] buffer = new byte[4 * (HEADER + MAX_LENGTH)];
  // Requests without an answer so far: one that comes late is passed over.
  private final Set<Integer> unanswered = new HashSet<>();
  private int head;
  private int tail;
  private int transaction;
  private int answerBytes;

  private Connection(String target, SocketChannel channel) throws IOException {
    this.target = target;
    this.channel = channel;
    in = channel.socket().getInputStream();
  }

  /** Connects to the first address of the host that takes the connection. */
  static Connection open(String host, int port, String target, Duration timeout)
      throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    InetAddress[] addresses;
    try {
      addresses = InetAddress.getAllByName(host);
    } catch (UnknownHostException e) {
      throw new PluginException(
          ErrorCode.UNREACHABLE,
          "cannot find the host '" + host + "'; check the name and the name server",
          e);
    }
    IOException last = null;
    for (InetAddress address : addresses) {
      try {
        return connect(new InetSocketAddress(address, port), target, Math.max(1, millis(end)));
      } catch (ClosedByInterruptException e) {
        throw interrupted(e);
      } catch (IOException e) {
        last = e;
      }
    }
    throw new PluginException(
        ErrorCode.UNREACHABLE,
        "cannot connect to %s within %s: %s; check address, port, cable and firewall"
            .formatted(target, text(timeout), last == null ? "no address" : last.getMessage()),
        last);
  }

  private static Connection connect(InetSocketAddress to, String target, int millis)
      throws IOException {
    SocketChannel channel = SocketChannel.open();
    try {
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
      channel.socket().connect(to, millis);
      // On one machine TCP can connect a port to itself while its server is away.
      if (channel.getLocalAddress().equals(channel.getRemoteAddress())) {
        throw new ConnectException("Connection refused");
      }
      return new Connection(target, channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @return {@link #ANSWERED}, {@link #SILENT}, or the exception code of the device
   * @throws PluginException if the connection is lost, the device stops within an answer, or it
   *     sends what the protocol does not allow
   */
  int exchange(Request request, Duration timeout) throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    transaction = transaction == 0xFFFF ? 1 : transaction + 1;
    try {
      send(request);
      while (true) {
        int length = frameLength();
        if (length > 0 && tail - head >= length) {
          int begin = head;
          head += length;
          if (mine(begin)) {
            return answer(request, begin, length);
          }
        } else if (!receive(end)) {
          if (tail > head) {
            throw new PluginException(
                ErrorCode.TIMEOUT,
                "%s stopped in the middle of an answer (%s), nothing more within %s"
                    .formatted(target, request, text(timeout)));
          }
          unanswered.add(transaction);
          return SILENT;
        }
      }
    } catch (ClosedByInterruptException e) {
      throw interrupted(e);
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.UNREACHABLE, "lost the connection to " + target + ": " + e.getMessage(), e);
    }
  }

  /** The bytes of the last answer. */
  byte[] answer() {
    return buffer;
  }

  /** Where in {@link #answer()} the values begin. */
  int data() {
    return head - answerBytes;
  }

  private void send(Request request) throws IOException {
    if (head == tail) {
      head = 0;
      tail = 0;
    }
    out.clear();
    out.put(request.frame());
    out.putShort(0, (short) transaction);
    out.flip();
    // Twelve bytes, of which few can be on their way: the send buffer never fills.
    while (out.hasRemaining()) {
      channel.write(out);
    }
  }

  /** Reads what has come, waiting up to the end; false if nothing came. */
  private boolean receive(long end) throws IOException {
    int millis = millis(end);
    if (millis <= 0) {
      return false;
    }
    if (head > 0 && buffer.length - head < HEADER + MAX_LENGTH) {
      System.arraycopy(buffer, head, buffer, 0, tail - head);
      tail -= head;
      head = 0;
    }
    channel.socket().setSoTimeout(millis);
    try {
      int read = in.read(buffer, tail, buffer.length - tail);
      if (read < 0) {
        throw new IOException("the device closed it");
      }
      tail += read;
      return true;
    } catch (SocketTimeoutException _) {
      return false;
    }
  }

  /** The length of the frame at the head, or 0 while it is not known. */
  private int frameLength() {
    if (tail - head < HEADER - 1) {
      return 0;
    }
    int protocol = unsignedShort(head + 2);
    int length = unsignedShort(head + 4);
    if (protocol != 0 || length < 3 || length > MAX_LENGTH) {
      throw protocol(
          "a header with protocol 0 and a length from 3 to 254",
          "protocol " + protocol + " and length " + length);
    }
    return length + HEADER - 1;
  }

  private boolean mine(int begin) {
    int got = unsignedShort(begin);
    if (got == transaction) {
      return true;
    }
    if (unanswered.remove(got)) {
      return false;
    }
    throw protocol("an answer to transaction " + transaction, "one to " + got);
  }

  // The unit id is not compared: some devices answer with their own; the transaction id decides.
  private int answer(Request request, int begin, int length) {
    int function = buffer[begin + HEADER] & 0xFF;
    int next = buffer[begin + HEADER + 1] & 0xFF;
    if (function == (request.table().function() | 0x80)) {
      if (next == 0) {
        throw protocol("an exception code from 1 to 255", "0");
      }
      return next;
    }
    if (function != request.table().function()) {
      throw protocol("function " + request.table().function(), "function " + function);
    }
    answerBytes = request.answerBytes();
    if (next != answerBytes || length != HEADER + 2 + answerBytes) {
      throw protocol(
          answerBytes + " bytes of values for " + request,
          next + " in a frame of " + length + " bytes");
    }
    return ANSWERED;
  }

  private PluginException protocol(String expected, String got) {
    return new PluginException(
        ErrorCode.PROTOCOL,
        target + " does not speak Modbus TCP as it should: expected " + expected + ", got " + got);
  }

  private int unsignedShort(int at) {
    return (buffer[at] & 0xFF) << 8 | buffer[at + 1] & 0xFF;
  }

  private static int millis(long end) {
    long left = end - System.nanoTime();
    return left <= 0 ? 0 : (int) TimeUnit.NANOSECONDS.toMillis(left + 999_999);
  }

  private static InterruptedException interrupted(Throwable cause) {
    Thread.interrupted();
    InterruptedException thrown = new InterruptedException("interrupted while talking to a device");
    thrown.initCause(cause);
    return thrown;
  }

  static String text(Duration time) {
    return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException _) {
      // Closed is what was wanted.
    }
  }
}
