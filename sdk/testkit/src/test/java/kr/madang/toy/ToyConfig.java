package kr.madang.toy;

import java.util.Optional;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Secret;

/** The config of the toys. */
record ToyConfig(
    @Doc("TCP port") int port,
    @Doc("How the source is driven") Kind kind,
    @Doc("Who we are") Optional<Secret> password) {

  /** One of the three kinds of sources. */
  enum Kind {
    POLLED,
    SUBSCRIBED,
    LOG
  }

  ToyConfig {
    if (!Flaw.UNCHECKED_CONFIG.here() && password.isPresent() && password.get().value().isEmpty()) {
      throw new IllegalArgumentException("password: expected at least one character, got none");
    }
  }

  /** A config as it should not be. */
  record Undocumented(int port) {}

  /** A config as it should not be. */
  record Open(@Doc("Who we are") Optional<String> password) {}
}
