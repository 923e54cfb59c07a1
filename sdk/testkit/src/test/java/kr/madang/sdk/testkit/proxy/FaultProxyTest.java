package kr.madang.sdk.testkit.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.proxy.Fault.Delay;
import kr.madang.sdk.testkit.proxy.Fault.Finish;
import kr.madang.sdk.testkit.proxy.Fault.Flap;
import kr.madang.sdk.testkit.proxy.Fault.Garbage;
import kr.madang.sdk.testkit.proxy.Fault.HalfOpen;
import kr.madang.sdk.testkit.proxy.Fault.OneWay;
import kr.madang.sdk.testkit.proxy.Fault.Pass;
import kr.madang.sdk.testkit.proxy.Fault.Refuse;
import kr.madang.sdk.testkit.proxy.Fault.Reset;
import kr.madang.sdk.testkit.proxy.Fault.StallAfter;
import kr.madang.sdk.testkit.proxy.Fault.Trickle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FaultProxyTest {
  private EchoServer server;
  private FaultProxy proxy;
  private final List<Socket> clients = new ArrayList<>();

  @BeforeEach
  void open() throws Exception {
    server = new EchoServer();
    proxy = FaultProxy.to(server.port());
  }

  @AfterEach
  void close() throws Exception {
    for (Socket client : clients) {
      client.close();
    }
    proxy.close();
    server.close();
  }

  @Test
  void withoutAFaultEverythingPassesAndIsCounted() throws Exception {
    Socket client = connect();
    byte[] much = new byte[300_000];
    for (int i = 0; i < much.length; i++) {
      much[i] = (byte) (i * 31);
    }
    Thread writer =
        Thread.ofVirtual()
            .start(() -> {
              try {
                client.getOutputStream().write(much);
                client.shutdownOutput();
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    assertThat(client.getInputStream().readAllBytes()).isEqualTo(much);
    writer.join();
    assertThat(proxy.bytes(Direction.TO_SERVER)).isEqualTo(much.length);
    assertThat(proxy.bytes(Direction.TO_CLIENT)).isEqualTo(much.length);
    assertThat(proxy.connections()).isEqualTo(1);
    Await.until("both sides are closed", () -> proxy.open() == 0 && server.finished.get() == 1);
  }

  @Test
  void refusingResetsWhatIsOpenAndThePortStaysTheSame() throws Exception {
    for (int i = 0; i < 20; i++) {
      Socket client = connect();
      assertThat(echo(client, "hello")).isEqualTo("hello");
      proxy.set(new Refuse());
      assertThatThrownBy(() -> echo(client, "more")).isInstanceOf(SocketException.class);
      assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
      proxy.set(new Pass());
      assertThat(echo(connect(), "again")).isEqualTo("again");
    }
  }

  @Test
  void resetAndFinishAreToldApart() throws Exception {
    Socket first = connect();
    echo(first, "x");
    proxy.set(new Finish());
    assertThat(first.getInputStream().read()).isEqualTo(-1);
    Await.until("the server sees the end", () -> server.finished.get() == 1);
    Socket refused = connect();
    assertThat(refused.getInputStream().read()).isEqualTo(-1);

    proxy.set(new Pass());
    Socket second = connect();
    echo(second, "x");
    proxy.set(new Reset());
    assertThatThrownBy(() -> second.getInputStream().read()).isInstanceOf(SocketException.class);
    Await.until("the server sees the reset", () -> server.reset.get() == 1);
  }

  @Test
  void cuttingEndsOnlyWhatIsOpen() throws Exception {
    Socket first = connect();
    echo(first, "x");
    proxy.cut();
    assertThatThrownBy(() -> first.getInputStream().read()).isInstanceOf(SocketException.class);
    assertThat(echo(connect(), "again")).isEqualTo("again");
  }

  @Test
  void aHalfOpenConnectionSwallowsForTheRestOfItsLifeAndTellsNobody() throws Exception {
    Socket client = connect();
    echo(client, "x");
    proxy.set(new HalfOpen());
    client.setSoTimeout(200);
    assertThatThrownBy(() -> echo(client, "lost")).isInstanceOf(SocketTimeoutException.class);
    Await.until("it is swallowed", () -> proxy.swallowed() == 4);
    proxy.set(new Pass());
    assertThatThrownBy(() -> echo(client, "too")).isInstanceOf(SocketTimeoutException.class);
    assertThat(echo(connect(), "fresh")).isEqualTo("fresh");
    client.close();
    assertThat(echo(connect(), "fresh")).isEqualTo("fresh");
    assertThat(server.finished.get() + server.reset.get()).as("the server was not told").isZero();
  }

  @Test
  void aStalledConnectionGoesOnWhereItStopped() throws Exception {
    proxy.set(new OneWay(Direction.TO_SERVER, new StallAfter(5)));
    Socket client = connect();
    client.getOutputStream().write("123456789".getBytes(StandardCharsets.UTF_8));
    assertThat(read(client, 5)).isEqualTo("12345");
    client.setSoTimeout(100);
    assertThatThrownBy(() -> client.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    client.setSoTimeout(20_000);
    proxy.set(new Pass());
    assertThat(read(client, 4)).isEqualTo("6789");
  }

  @Test
  void aStallHoldsBackTheEndToo() throws Exception {
    proxy.set(new OneWay(Direction.TO_SERVER, new StallAfter(5)));
    Socket client = connect();
    assertThat(echo(client, "12345")).isEqualTo("12345");
    client.shutdownOutput();
    client.setSoTimeout(100);
    assertThatThrownBy(() -> client.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
    client.setSoTimeout(20_000);
    proxy.set(new Pass());
    assertThat(client.getInputStream().read()).isEqualTo(-1);
  }

  @Test
  void bytesComeOneByOneOrLater() throws Exception {
    proxy.set(new OneWay(Direction.TO_CLIENT, new Trickle(Duration.ofMillis(5))));
    Socket client = connect();
    client.getOutputStream().write("abc".getBytes(StandardCharsets.UTF_8));
    byte[] room = new byte[8];
    assertThat(client.getInputStream().read(room)).isEqualTo(1);
    assertThat(room[0]).isEqualTo((byte) 'a');
    assertThat(read(client, 2)).isEqualTo("bc");

    proxy.set(new Delay(Duration.ofMillis(60)));
    long before = System.nanoTime();
    assertThat(echo(client, "late")).isEqualTo("late");
    assertThat(System.nanoTime() - before).isGreaterThan(Duration.ofMillis(120).toNanos());
    proxy.set(new Delay(Duration.ofHours(1)));
    client.getOutputStream().write('x');
    proxy.set(new Pass());
    assertThat(read(client, 1)).isEqualTo("x");
  }

  @Test
  void garbageIsTheSameForTheSameSeed() throws Exception {
    String said = "a".repeat(1000);
    List<String> got = new ArrayList<>();
    for (long seed : new long[] {7, 7, 8}) {
      try (FaultProxy fresh = FaultProxy.to(server.port())) {
        fresh.set(new OneWay(Direction.TO_CLIENT, new Garbage(seed, 0.25)));
        Socket client = connect(fresh);
        got.add(echo(client, said));
      }
    }
    assertThat(got.get(0)).isEqualTo(got.get(1)).isNotEqualTo(got.get(2)).isNotEqualTo(said);
    assertThat(got.get(0).chars().filter(c -> c != 'a').count()).isBetween(150L, 350L);
  }

  @Test
  void aFlappingConnectionLivesAsLongAsTheSeedSays() throws Exception {
    List<Long> lives = new ArrayList<>();
    for (int round = 0; round < 2; round++) {
      try (FaultProxy fresh = FaultProxy.to(server.port())) {
        fresh.set(new OneWay(Direction.TO_CLIENT, new StallAfter(0)));
        fresh.set(new Flap(3, 10, 1000));
        for (int i = 0; i < 5; i++) {
          Socket client = connect(fresh);
          assertThatThrownBy(
                  () -> {
                    while (true) {
                      echo(client, "0123456789");
                    }
                  })
              .isInstanceOf(IOException.class);
          lives.add(fresh.bytes(Direction.TO_SERVER) + fresh.bytes(Direction.TO_CLIENT));
        }
      }
    }
    assertThat(lives.subList(0, 5)).isEqualTo(lives.subList(5, 10)).doesNotHaveDuplicates();
  }

  @Test
  void aScriptPlaysUntilAnotherFaultIsSet() throws Exception {
    FaultScript script =
        new FaultScript(
            5, Duration.ofMillis(1), Duration.ofMillis(3), List.of(new Pass(), new Refuse()));
    assertThat(script.step(9)).isEqualTo(script.step(9));
    proxy.play(script);
    Await.until("it refuses", () -> proxy.fault() instanceof Refuse);
    Await.until("it passes", () -> proxy.fault() instanceof Pass);
    Pass mine = new Pass();
    proxy.set(mine);
    for (int i = 0; i < 20; i++) {
      assertThat(echo(connect(), "calm")).isEqualTo("calm");
    }
    assertThat(proxy.fault()).isSameAs(mine);
  }

  @Test
  void withoutAServerTheConnectionIsReset() throws Exception {
    server.close();
    Socket client = connect();
    assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
  }

  @Test
  void threadsEndWithTheProxyWhateverItIsDoing() throws Exception {
    List<Fault> all =
        List.of(
            new Pass(),
            new Refuse(),
            new HalfOpen(),
            new StallAfter(0),
            new Trickle(Duration.ofHours(1)),
            new Delay(Duration.ofHours(1)),
            new Garbage(1, 1),
            new Flap(1, 100, 100));
    for (Fault fault : all) {
      FaultProxy fresh = FaultProxy.to(server.port());
      Socket client = connect(fresh);
      echo(client, "x");
      fresh.set(fault);
      try {
        client.getOutputStream().write("abc".getBytes(StandardCharsets.UTF_8));
      } catch (SocketException e) {
        assertThat(fault).isInstanceOf(Refuse.class);
      }
      fresh.play(new FaultScript(1, Duration.ofHours(1), Duration.ofHours(1), List.of(fault)));
      fresh.close();
      String mine = "fault-proxy-" + fresh.port();
      assertThat(Thread.getAllStackTraces().keySet())
          .as("after %s", fault)
          .noneMatch(thread -> thread.getName().startsWith(mine));
      assertThat(fresh.open()).isZero();
      assertThatThrownBy(() -> fresh.set(new Pass())).isInstanceOf(IOException.class);
    }
  }

  @Test
  void aFaultThatMakesNoSenseIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Garbage(1, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new StallAfter(-1));
    assertThatIllegalArgumentException().isThrownBy(() -> new Flap(1, 9, 8));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new OneWay(Direction.TO_CLIENT, new Reset()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new FaultScript(1, Duration.ZERO, Duration.ZERO, List.of()));
  }

  private Socket connect() throws IOException {
    return connect(proxy);
  }

  private Socket connect(FaultProxy to) throws IOException {
    Socket client = new Socket(InetAddress.getLoopbackAddress(), to.port());
    client.setSoTimeout(20_000);
    clients.add(client);
    return client;
  }

  private static String echo(Socket client, String said) throws IOException {
    client.getOutputStream().write(said.getBytes(StandardCharsets.UTF_8));
    return read(client, said.length());
  }

  private static String read(Socket client, int length) throws IOException {
    byte[] got = client.getInputStream().readNBytes(length);
    if (got.length < length) {
      throw new IOException("ended after " + got.length + " of " + length);
    }
    return new String(got, StandardCharsets.ISO_8859_1);
  }
}
