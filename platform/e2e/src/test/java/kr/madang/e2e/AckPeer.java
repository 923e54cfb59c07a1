package kr.madang.e2e;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;

/**
 * The far side of the harness's sink: keeps what came, then acknowledges it. Outlives the runtime,
 * so that what it says is the truth about what was delivered.
 */
final class AckPeer implements AutoCloseable {
  /** How it treats those who connect. */
  enum Mode {
    NORMAL,
    /** Closes a connection as soon as it has been accepted. */
    REFUSE,
    /** Accepts, reads and never answers; keeps nothing. */
    HANG,
    /** Answers 200 ms late. */
    SLOW,
    /** Keeps nothing and answers noise. */
    GARBAGE
  }

  private final ServerSocket listener;
  private final boolean ordered;
  private final Map<String, Received> streams = new ConcurrentHashMap<>();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Mode mode = Mode.NORMAL;
  private volatile boolean closed;
  private volatile long garbled;

  private AckPeer(boolean ordered) throws IOException {
    this.ordered = ordered;
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().name("peer").start(this::accept);
  }

  /** A peer that complains when a row comes out of order. */
  static AckPeer ordered() throws IOException {
    return new AckPeer(true);
  }

  /** A peer for streams of which new rows may overtake old ones. */
  static AckPeer unordered() throws IOException {
    return new AckPeer(false);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Changes how it behaves, also on open connections. */
  void set(Mode next) {
    lock.lock();
    try {
      mode = next;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** What came of the stream of a sink. */
  Received of(String pipeline, String sink) {
    String stream = "default/" + pipeline + "/" + sink;
    return streams.computeIfAbsent(stream, name -> new Received(name, ordered));
  }

  Collection<Received> all() {
    return streams.values();
  }

  /** Blocks that came damaged and were refused. */
  long garbled() {
    return garbled;
  }

  private Mode mode() {
    lock.lock();
    try {
      return mode;
    } finally {
      lock.unlock();
    }
  }

  private void accept() {
    while (!closed) {
      try {
        Socket socket = listener.accept();
        sockets.add(socket);
        Thread.ofVirtual().name("peer").start(() -> serve(socket));
      } catch (IOException e) {
        // Closed, or the client went away.
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
      List<String> block = new ArrayList<>();
      CRC32C sum = new CRC32C();
      String line = in.readLine();
      while (line != null && mode() != Mode.REFUSE) {
        if (line.startsWith("? ")) {
          String expected = "? " + block.size() + " " + sum.getValue();
          if (!line.equals(expected)) {
            garbled++;
            return;
          }
          answer(socket, block);
          block.clear();
          sum.reset();
        } else {
          block.add(line);
          sum.update(line.getBytes(StandardCharsets.ISO_8859_1));
          sum.update('\n');
        }
        line = in.readLine();
      }
    } catch (IOException | NumberFormatException e) {
      // The client has to come again.
    } finally {
      sockets.remove(socket);
    }
  }

  private void answer(Socket socket, List<String> block) throws IOException {
    Mode now = mode();
    if (now == Mode.HANG) {
      awaitOther(Mode.HANG, Long.MAX_VALUE);
      return;
    }
    byte[] answer;
    if (now == Mode.GARBAGE) {
      answer = new byte[100];
      new Random(block.size()).nextBytes(answer);
    } else {
      if (now == Mode.SLOW) {
        awaitOther(Mode.SLOW, TimeUnit.MILLISECONDS.toNanos(200));
      }
      long last = -1;
      for (String line : block) {
        String[] cells = line.split(" ");
        Received stream = streams.computeIfAbsent(cells[0], name -> new Received(name, ordered));
        last = Long.parseLong(cells[2]);
        stream.add(Long.parseLong(cells[1]), last, Double.parseDouble(cells[3]));
      }
      answer = ("ok " + last + "\n").getBytes(StandardCharsets.US_ASCII);
    }
    socket.getOutputStream().write(answer);
  }

  private void awaitOther(Mode than, long nanos) {
    long left = nanos;
    lock.lock();
    try {
      while (!closed && mode == than && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    closed = true;
    set(Mode.NORMAL);
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
