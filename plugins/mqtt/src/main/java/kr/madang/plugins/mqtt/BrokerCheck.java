package kr.madang.plugins.mqtt;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;
import kr.madang.sdk.Verification;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** The steps of a check that every stage has. */
final class BrokerCheck {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private BrokerCheck() {}

  /** Name, port, and the files of the encryption. */
  static void reach(Broker broker, Verification verification) {
    broker
        .tls()
        .ifPresent(tls ->
            verification.step(
                "read the certificates", () -> Certificates.of(tls, timeout(broker))));
    verification.step("connect to " + broker.target(), () -> connect(broker));
  }

  private static void connect(Broker broker) {
    InetSocketAddress address = new InetSocketAddress(broker.host(), broker.portNumber());
    if (address.isUnresolved()) {
      throw new PluginException(
          ErrorCode.UNREACHABLE,
          "cannot find the host '" + broker.host() + "'; check broker.host and the name server");
    }
    try (Socket socket = new Socket()) {
      socket.connect(address, (int) timeout(broker).toMillis());
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.UNREACHABLE,
          "cannot connect to "
              + broker.target()
              + ": "
              + e.getMessage()
              + "; check address, port and firewall",
          e);
    }
  }

  /** Logs in under a client id of its own, which takes no session from a running stage. */
  static Transport connect(Broker broker, Inbox inbox) throws InterruptedException {
    Session session =
        Session.passing(
            broker.clientId().orElse("madang") + "-verify", Optional.empty(), 268_435_460);
    return Transport.open(broker, session, timeout(broker), inbox::put);
  }

  static Duration timeout(Broker broker) {
    return broker.timeout().orElse(TIMEOUT);
  }
}
