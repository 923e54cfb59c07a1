package kr.madang.plugins.mqtt;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.config.Secret;

/** Which broker, and as whom. */
record Broker(
    @Doc("Host name or address of the broker") String host,
    @Doc("TCP port; 1883, with TLS 8883") @Range(min = 1, max = 65535) Optional<Integer> port,
    @Doc("mqtt5 or mqtt311") @Default("mqtt5") Version version,
    @Doc("Client id; without it madang- and the name of the stage") Optional<String> clientId,
    @Doc("User name") Optional<String> user,
    @Doc("Password") Optional<Secret> password,
    @Doc("Encryption; {} trusts the CAs of the Java runtime") Optional<Tls> tls,
    @Doc("Longest silence on the connection") @Default("30s") Duration keepAlive,
    @Doc("How long one exchange may take; that of the pipeline if left out")
        Optional<Duration> timeout) {

  /** Checks each component. */
  Broker {
    Checks.that(!host.isBlank(), "host", "a host name or address", "nothing");
    clientId.ifPresent(id ->
        Checks.that(
            !id.isEmpty() && id.getBytes(StandardCharsets.UTF_8).length <= 65_535,
            "clientId",
            "1 to 65535 bytes",
            id.isEmpty() ? "nothing" : "more"));
    Checks.that(
        password.isEmpty() || user.isPresent() || version == Version.MQTT5,
        "user",
        "a name, since MQTT 3.1.1 knows no password without one",
        "nothing");
    Checks.that(
        keepAlive.toSeconds() >= 1 && keepAlive.toSeconds() <= 65_535,
        "keepAlive",
        "a time from 1 s to 18 h",
        keepAlive);
    timeout.ifPresent(limit -> Checks.timeout("timeout", limit));
  }

  int portNumber() {
    return port.orElse(tls.isPresent() ? 8883 : 1883);
  }

  /** The broker as people call it. */
  String target() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + portNumber();
  }

  /** The client id of a stage. */
  String clientId(String stage) {
    return clientId.orElse("madang-" + stage.replace('/', '-'));
  }
}
