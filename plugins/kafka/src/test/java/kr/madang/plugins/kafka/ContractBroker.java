package kr.madang.plugins.kafka;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import kr.madang.sdk.testkit.contract.Place;
import kr.madang.sdk.testkit.proxy.FaultProxy;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A broker behind a proxy for all clauses of the contracts; each has a topic of its own. */
final class ContractBroker implements AutoCloseable {
  private final FaultProxy proxy;
  private final KafkaBroker broker;

  ContractBroker() throws Exception {
    int listener;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      listener = socket.getLocalPort();
    }
    proxy = FaultProxy.to(listener);
    broker = KafkaBroker.startBehind(listener, proxy.port());
  }

  /** The one that the contracts share, in turn. */
  static ContractBroker shared(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.GLOBAL)
        .getOrComputeIfAbsent("contract broker", _ -> made(), ContractBroker.class);
  }

  private static ContractBroker made() {
    try {
      return new ContractBroker();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  FaultProxy proxy() {
    return proxy;
  }

  KafkaBroker broker() {
    return broker;
  }

  /** The topic of a clause. */
  static String topic(Path folder) {
    return "contract-" + folder.getFileName();
  }

  /** Where the clause finds the broker. */
  static String server(Place place) {
    return "127.0.0.1:" + place.port();
  }

  @Override
  public void close() throws Exception {
    proxy.close();
    broker.close();
  }
}
