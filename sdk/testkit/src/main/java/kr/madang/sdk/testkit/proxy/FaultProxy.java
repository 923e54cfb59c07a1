package kr.madang.sdk.testkit.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import kr.madang.sdk.testkit.proxy.Fault.Finish;
import kr.madang.sdk.testkit.proxy.Fault.Pass;
import kr.madang.sdk.testkit.proxy.Fault.Refuse;
import kr.madang.sdk.testkit.proxy.Fault.Reset;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy on the loopback interface that stands between a client and a server and misbehaves as
 * it is told: {@link #set} for one fault, {@link #play} for a seeded row of them. All threads end
 * with {@link #close}. Any thread may call it.
 */
public final class FaultProxy implements AutoCloseable {
  private final InetSocketAddress server;
  private final InetSocketAddress address;
  // Bound and never listening: keeps the port ours while connections are refused.
  private final Socket keeper;
  private final Set<Relay> relays = ConcurrentHashMap.newKeySet();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong connections = new AtomicLong();
  private final AtomicLong swallowed = new AtomicLong();
  private final AtomicLong toServer = new AtomicLong();
  private final AtomicLong toClient = new AtomicLong();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private volatile Fault fault = new Pass();
  private volatile boolean closed;
  private @Nullable ServerSocket listener;
  private boolean accepting;
  private long generation;

  private FaultProxy(InetSocketAddress server) throws IOException {
    this.server = server;
    keeper = new Socket();
    keeper.setReuseAddress(true);
    keeper.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    address = new InetSocketAddress(InetAddress.getLoopbackAddress(), keeper.getLocalPort());
  }

  /** A proxy for a server on the loopback interface, which need not be there yet. */
  public static FaultProxy to(int port) throws IOException {
    return to(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /** A proxy for a server, which need not be there yet: a connection without it is reset. */
  public static FaultProxy to(InetSocketAddress server) throws IOException {
    FaultProxy proxy = new FaultProxy(server);
    try {
      proxy.apply(new Pass());
    } catch (IOException e) {
      proxy.close();
      throw e;
    }
    return proxy;
  }

  /** Where clients connect; stays the same, also while connections are refused. */
  public int port() {
    return address.getPort();
  }

  /** The fault at hand. */
  public Fault fault() {
    return fault;
  }

  /** Changes the fault for open and coming connections, at once; ends a script. */
  public void set(Fault fault) throws IOException {
    lock.lock();
    try {
      generation++;
      apply(fault);
    } finally {
      lock.unlock();
    }
  }

  /** Ends all open connections by RST; the fault stays as it is. */
  public void cut() {
    relays.forEach(Relay::reset);
  }

  /** Plays a script on a thread of the proxy, until {@link #set}, another script or the end. */
  public void play(FaultScript script) throws IOException {
    lock.lock();
    try {
      long mine = ++generation;
      apply(script.step(0).fault());
      start("script", () -> play(script, mine));
    } finally {
      lock.unlock();
    }
  }

  /** Connections accepted so far. */
  public long connections() {
    return connections.get();
  }

  /** Connections that are open now. */
  public int open() {
    return relays.size();
  }

  /** Bytes carried so far. */
  public long bytes(Direction direction) {
    return counter(direction).get();
  }

  /** Bytes taken and thrown away so far. */
  public long swallowed() {
    return swallowed.get();
  }

  /** Resets what is open and waits for the threads. */
  @Override
  public void close() {
    List<Thread> running;
    lock.lock();
    try {
      closed = true;
      generation++;
      stopListening();
      changed.signalAll();
      running = List.copyOf(threads);
    } finally {
      lock.unlock();
    }
    Sockets.close(keeper);
    relays.forEach(Relay::reset);
    boolean interrupted = false;
    for (Thread thread : running) {
      interrupted |= !Sockets.join(thread);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  AtomicLong counter(Direction direction) {
    return direction == Direction.TO_SERVER ? toServer : toClient;
  }

  void swallowed(int bytes) {
    swallowed.addAndGet(bytes);
  }

  void ended(Relay relay) {
    relays.remove(relay);
  }

  /** Waits until another fault is set than this one, or the time is over. */
  void awaitOther(Fault than, Duration atMost) throws InterruptedException {
    long left = atMost.toNanos();
    lock.lockInterruptibly();
    try {
      while (!closed && fault.equals(than) && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  boolean closed() {
    return closed;
  }

  /** Starts a thread that {@link #close} waits for. */
  void start(String what, Runnable task) {
    lock.lock();
    try {
      threads.removeIf(thread -> !thread.isAlive());
      if (!closed) {
        Thread thread = new Thread(task, "fault-proxy-" + port() + "-" + what);
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
      }
    } finally {
      lock.unlock();
    }
  }

  private void apply(Fault next) throws IOException {
    lock.lock();
    try {
      if (closed) {
        throw new IOException("the proxy is closed");
      }
      fault = next;
      if (next instanceof Refuse) {
        stopListening();
        if (!fault.equals(next)) {
          return; // Another one was set while the port closed.
        }
      } else if (listener == null) {
        listen();
      }
      changed.signalAll();
      for (Relay relay : relays) {
        end(relay, next);
      }
    } finally {
      lock.unlock();
    }
  }

  private static void end(Relay relay, Fault fault) {
    if (fault instanceof Refuse || fault instanceof Reset) {
      relay.reset();
    } else if (fault instanceof Finish) {
      relay.finish();
    }
  }

  private void listen() throws IOException {
    ServerSocket opened = new ServerSocket();
    try {
      opened.setReuseAddress(true);
      opened.bind(address, 128);
    } catch (IOException e) {
      opened.close();
      throw e;
    }
    listener = opened;
    accepting = true;
    start("accept", () -> accept(opened));
  }

  private void stopListening() {
    ServerSocket open = listener;
    listener = null;
    if (open != null) {
      Sockets.close(open);
    }
    // The system keeps the port open until the thread has left its call.
    while (accepting) {
      changed.awaitUninterruptibly();
    }
  }

  private void accept(ServerSocket from) {
    try {
      acceptAll(from);
    } finally {
      lock.lock();
      try {
        accepting = false;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private void acceptAll(ServerSocket from) {
    while (!from.isClosed()) {
      try {
        Socket client = from.accept();
        client.setTcpNoDelay(true);
        Relay relay = new Relay(this, client, connections.incrementAndGet());
        lock.lock();
        try {
          // Under the lock, so that a fault set meanwhile does not miss this connection.
          relays.add(relay);
          end(relay, closed ? new Reset() : fault);
        } finally {
          lock.unlock();
        }
        start("connect", () -> relay.connect(server));
      } catch (IOException e) {
        // The listener was closed, or the client went away before it was accepted.
      }
    }
  }

  private void play(FaultScript script, long mine) {
    lock.lock();
    try {
      for (long number = 0; !closed && generation == mine; number++) {
        FaultScript.Step step = script.step(number);
        apply(step.fault());
        long left = step.lasts().toNanos();
        while (!closed && generation == mine && left > 0) {
          left = changed.awaitNanos(left);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("port " + port() + " cannot be opened again", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /** Small things of sockets. */
  static final class Sockets {
    private Sockets() {}

    static void close(AutoCloseable socket) {
      try {
        socket.close();
      } catch (Exception e) {
        // It is gone, which is what was wanted.
      }
    }

    static boolean join(Thread thread) {
      try {
        thread.join(TimeUnit.SECONDS.toMillis(10));
        return true;
      } catch (InterruptedException e) {
        return false;
      }
    }
  }
}
