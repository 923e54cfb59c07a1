package kr.madang.sdk.testkit.contract;

import java.util.Optional;
import kr.madang.sdk.testkit.proxy.FaultProxy;

/** What a stage talks to: a real one, under the control of a test. */
public interface FarSide extends AutoCloseable {

  /** Where it listens on 127.0.0.1; 0 if it is reached otherwise. */
  default int port() {
    return 0;
  }

  /**
   * The proxy that leads to it, where it tells its clients an address and so must know the proxy
   * before it starts; passes when the clause begins, and is not closed behind it. Without one a
   * proxy is made for each clause.
   */
  default Optional<FaultProxy> proxy() {
    return Optional.empty();
  }

  @Override
  default void close() throws Exception {}
}
