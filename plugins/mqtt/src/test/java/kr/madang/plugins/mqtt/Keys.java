package kr.madang.plugins.mqtt;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;

/** Certificates for tests alone, valid for a hundred years; the keys of their CAs are gone. */
final class Keys {
  private Keys() {}

  static Path certificate(String name) {
    return file(name + ".pem");
  }

  static Path key(String name) {
    return file(name + ".key");
  }

  private static Path file(String name) {
    URL found = Objects.requireNonNull(Keys.class.getResource("tls/" + name), name);
    try {
      return Path.of(found.toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
