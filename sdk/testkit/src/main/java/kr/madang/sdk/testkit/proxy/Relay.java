package kr.madang.sdk.testkit.proxy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import kr.madang.sdk.testkit.proxy.Fault.Delay;
import kr.madang.sdk.testkit.proxy.Fault.Flap;
import kr.madang.sdk.testkit.proxy.Fault.Garbage;
import kr.madang.sdk.testkit.proxy.Fault.HalfOpen;
import kr.madang.sdk.testkit.proxy.Fault.StallAfter;
import kr.madang.sdk.testkit.proxy.Fault.Trickle;
import kr.madang.sdk.testkit.proxy.FaultProxy.Sockets;
import org.jspecify.annotations.Nullable;

/** One connection through the proxy: two sockets, two threads that carry bytes. */
final class Relay {
  private static final int CONNECT_MILLIS = 5_000;
  private static final Duration FOREVER = Duration.ofDays(365);

  private volatile boolean finishing;
  private final FaultProxy proxy;
  private final Socket client;
  private final Socket server = new Socket();
  private final long number;
  private final AtomicInteger ways = new AtomicInteger(2);
  private @Nullable Flap flapping;
  private long life;

  Relay(FaultProxy proxy, Socket client, long number) {
    this.proxy = proxy;
    this.client = client;
    this.number = number;
  }

  /** Connects to the server and begins to carry. */
  void connect(InetSocketAddress address) {
    try {
      server.connect(address, CONNECT_MILLIS);
      server.setTcpNoDelay(true);
    } catch (IOException e) {
      reset();
      return;
    }
    // a port of loopback that nobody listens at may be given to who connects to it: TCP lets it in
    boolean itself = server.getLocalSocketAddress().equals(server.getRemoteSocketAddress());
    if (itself || client.isClosed()) {
      reset();
      return;
    }
    proxy.start("up-" + number, () -> carry(Direction.TO_SERVER, client, server));
    proxy.start("down-" + number, () -> carry(Direction.TO_CLIENT, server, client));
    if (proxy.closed()) {
      reset();
    }
  }

  /** Ends both sides by RST. */
  void reset() {
    for (Socket socket : new Socket[] {client, server}) {
      try {
        socket.setSoLinger(true, 0);
      } catch (IOException e) {
        // Closed already.
      }
      Sockets.close(socket);
    }
    proxy.ended(this);
  }

  /** Ends both sides by FIN. */
  void finish() {
    finishing = true; // The threads that read from what is closed must not answer with a reset.
    Sockets.close(client);
    Sockets.close(server);
    proxy.ended(this);
  }

  private void carry(Direction way, Socket from, Socket to) {
    Way carrier = new Way(way);
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      byte[] buffer = new byte[16 * 1024];
      for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
        if (!carrier.pass(buffer, got, out)) {
          reset();
          return;
        }
      }
      if (!carrier.silentEnd()) {
        to.shutdownOutput();
      }
      oneWayLess();
    } catch (IOException e) {
      if (carrier.deaf && !proxy.closed()) {
        oneWayLess(); // The far side must not learn of it.
      } else if (!finishing) {
        reset();
      }
    } catch (InterruptedException e) {
      reset();
    }
  }

  private void oneWayLess() {
    if (ways.decrementAndGet() == 0) {
      finish();
    }
  }

  /** Takes bytes out of the life of this connection; answers what was left before. */
  private synchronized long spend(Flap flap, int bytes) {
    if (!flap.equals(flapping)) {
      flapping = flap;
      Random random = new Random(flap.seed() * 0x9E37_79B9_7F4A_7C15L + number);
      random.nextLong();
      life = random.nextLong(flap.fewest(), flap.most() + 1);
    }
    long left = life;
    life = Math.max(0, left - bytes);
    return left;
  }

  /** One direction, with what its faults have to remember. */
  private final class Way {
    private final Direction direction;
    private final Random noise = new Random();
    private @Nullable Garbage seeded;
    private long sent;
    private boolean deaf;

    Way(Direction direction) {
      this.direction = direction;
    }

    /** Carries some bytes; false when the connection is to be reset. */
    boolean pass(byte[] bytes, int length, OutputStream out)
        throws IOException, InterruptedException {
      int at = 0;
      while (at < length && !proxy.closed()) {
        Fault all = proxy.fault();
        Fault fault = all.in(direction);
        int most = length - at;
        boolean last = false;
        switch (fault) {
          case HalfOpen _ -> deaf = true;
          case StallAfter(long limit) -> most = (int) Math.min(most, Math.max(0, limit - sent));
          case Trickle _ -> most = 1;
          case Delay(Duration by) -> proxy.awaitOther(all, by);
          case Garbage garbage -> spoil(garbage, bytes, at, length);
          case Flap flap -> {
            long left = spend(flap, most);
            most = (int) Math.max(0, Math.min(most, left));
            last = left <= length - at;
            if (most == 0) {
              return true; // The other way carries the last bytes and then resets.
            }
          }
          default -> {}
        }
        if (deaf) {
          proxy.swallowed(length - at);
          return true;
        }
        if (most > 0) {
          proxy.counter(direction).addAndGet(most); // before the far side can act on it
          out.write(bytes, at, most);
          at += most;
          sent += most;
        }
        if (last) {
          return false;
        } else if (fault instanceof StallAfter && at < length) {
          proxy.awaitOther(all, FOREVER);
        } else if (fault instanceof Trickle(Duration pause)) {
          proxy.awaitOther(all, pause);
        }
      }
      return !proxy.closed();
    }

    /** Whether the far side is not told that all has been said. */
    boolean silentEnd() throws InterruptedException {
      Fault all = proxy.fault();
      while (all.in(direction) instanceof StallAfter && !proxy.closed()) {
        proxy.awaitOther(all, FOREVER);
        all = proxy.fault();
      }
      return deaf || all.in(direction) instanceof HalfOpen;
    }

    private void spoil(Garbage garbage, byte[] bytes, int from, int to) {
      if (!garbage.equals(seeded)) {
        seeded = garbage;
        noise.setSeed(garbage.seed() * 31 + number * 2 + direction.ordinal());
      }
      for (int i = from; i < to; i++) {
        if (noise.nextDouble() < garbage.share()) {
          bytes[i] ^= (byte) (1 + noise.nextInt(255));
        }
      }
    }
  }
}
