package kr.madang.plugins.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.TestAllocator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HostileBrokerTest {
  private static final byte[] CONNACK5 = {0x20, 3, 0, 0, 0};
  private static final byte[] CONNACK3 = {0x20, 2, 0, 0};
  private static final byte[] SUBACK5 = {(byte) 0x90, 4, (byte) 0xFF, (byte) 0xFE, 0, 0};

  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  /** Lets a client in and then sends it what it likes. */
  private static final class FakeBroker implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Thread thread;

    FakeBroker(byte[] connack, byte[] afterwards) throws IOException {
      thread =
          new Thread(
              () -> {
                while (!server.isClosed()) {
                  try (Socket socket = server.accept()) {
                    InputStream in = socket.getInputStream();
                    in.read(new byte[65_536]);
                    OutputStream out = socket.getOutputStream();
                    out.write(connack);
                    out.write(afterwards);
                    while (in.read(new byte[65_536]) >= 0) {
                      // Whatever it says.
                    }
                  } catch (IOException e) {
                    // The next one.
                  }
                }
              },
              "fake-broker");
      thread.start();
    }

    int port() {
      return server.getLocalPort();
    }

    @Override
    public void close() throws Exception {
      server.close();
      thread.join();
    }
  }

  private static Broker quick(int port, Version version) {
    Broker broker = Configs.broker(port, version);
    return new Broker(
        broker.host(),
        broker.port(),
        version,
        broker.clientId(),
        broker.user(),
        broker.password(),
        broker.tls(),
        broker.keepAlive(),
        Optional.of(Duration.ofMillis(400)));
  }

  private @Nullable Throwable failure(Version version, byte[] afterwards) throws Exception {
    byte[] connack = version == Version.MQTT5 ? CONNACK5 : CONNACK3;
    try (FakeBroker broker = new FakeBroker(connack, afterwards)) {
      Host host;
      try {
        host =
            Host.of(
                new MqttSource(),
                Configs.source(quick(broker.port(), version), Configs.raw("p/+", 1)),
                new FakeSourceContext(arrow.get()));
      } catch (PluginException e) {
        return e;
      }
      try (host) {
        Await.until("the source gave up", () -> !host.running());
        return host.failure();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void aLengthThatNobodyCouldHoldIsRefusedAtItsAnnouncement(Version version) throws Exception {
    byte[] huge = {0x30, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x7F, 0, 1, 'a'};
    assertThat(failure(version, huge))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("packet of 268435455 bytes");
  }

  @ParameterizedTest
  @EnumSource(Version.class)
  void garbageEndsTheConnectionWithAnErrorThatCanPass(Version version) throws Exception {
    Random random = new Random(4);
    for (int i = 0; i < 12; i++) {
      byte[] noise = new byte[1 + random.nextInt(300)];
      random.nextBytes(noise);
      noise[0] = (byte) (0xF0 | noise[0]); // AUTH, or reserved: no packet that is allowed here
      Throwable failure = failure(version, noise);
      assertThat(failure).isInstanceOf(PluginException.class);
      assertThat(((PluginException) failure).code().retriable()).isTrue();
    }
  }

  @Test
  void aSubscriptionThatIsNeverAnsweredEndsInTime() throws Exception {
    assertThat(failure(Version.MQTT5, new byte[0]))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("did not acknowledge the subscription within 400 ms");
    assertThat(failure(Version.MQTT5, SUBACK5)).isInstanceOf(PluginException.class);
  }
}
