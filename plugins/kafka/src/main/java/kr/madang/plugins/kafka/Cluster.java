package kr.madang.plugins.kafka;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Secret;

/**
 * Where a cluster is and how it is entered. There are no free client properties: login modules and
 * token endpoints have been ways to run code and to read files in other products.
 */
record Cluster(
    @Doc("One or more brokers to begin with, as HOST:PORT") List<String> servers,
    @Doc("Encryption; {} trusts the CAs of the Java runtime") Optional<Tls> tls,
    @Doc("User name and password; no login without it") Optional<Login> login) {

  /** Checks each component. */
  Cluster {
    servers = List.copyOf(servers);
    Checks.that(!servers.isEmpty(), "cluster.servers", "at least one HOST:PORT", "none");
    for (String server : servers) {
      Checks.that(
          server.matches("([A-Za-z0-9._-]{1,253}|\\[[0-9A-Fa-f:.%]+])(:[0-9]{1,5})"),
          "cluster.servers",
          "HOST:PORT",
          "'" + server + "'");
    }
    Checks.that(
        login.isEmpty() || login.get().mechanism() != Mechanism.PLAIN || tls.isPresent(),
        "cluster.login.mechanism",
        "scramsha256 or scramsha512 without tls, since plain shows the password to who listens",
        "plain");
  }

  /** How the connection is encrypted. */
  record Tls(
      @Doc("PEM file with the certificates of the CAs that are trusted") Optional<Path> ca,
      @Doc("PEM file with the certificate of this client, its issuers after it")
          Optional<Path> certificate,
      @Doc("PEM file with the private key (PKCS #8) of the certificate") Optional<Path> key,
      @Doc("Password of the key file, if it is encrypted") Optional<Secret> keyPassword,
      @Doc("Whether the certificate must carry the host's name or address") @Default("true")
          boolean verifyHost) {
    /** Checks that certificate and key come together. */
    Tls {
      Checks.that(
          certificate.isPresent() == key.isPresent(),
          certificate.isPresent() ? "cluster.tls.key" : "cluster.tls.certificate",
          "a file, since the other is given",
          "nothing");
    }
  }

  /** A user. */
  record Login(
      @Doc("scramsha512, scramsha256, or plain (with tls only)") @Default("scramsha512")
          Mechanism mechanism,
      @Doc("User name") String user,
      @Doc("Password") Secret password) {
    /** Checks that both can stand in what is given to the client library. */
    Login {
      Checks.that(plain(user) && !user.isEmpty(), "cluster.login.user", "a name", "another text");
      Checks.that(
          plain(password.value()),
          "cluster.login.password",
          "a password without control characters",
          "one with some");
    }

    private static boolean plain(String text) {
      return text.chars().noneMatch(Character::isISOControl);
    }
  }

  /** The ways to log in that are known to run nothing but themselves. */
  enum Mechanism {
    /** The password itself; with TLS only. */
    PLAIN("PLAIN", "org.apache.kafka.common.security.plain.PlainLoginModule"),
    /** SCRAM with SHA-256. */
    SCRAMSHA256("SCRAM-SHA-256", "org.apache.kafka.common.security.scram.ScramLoginModule"),
    /** SCRAM with SHA-512. */
    SCRAMSHA512("SCRAM-SHA-512", "org.apache.kafka.common.security.scram.ScramLoginModule");

    final String sasl;
    final String module;

    Mechanism(String sasl, String module) {
      this.sasl = sasl;
      this.module = module;
    }
  }

  /** The cluster as people call it. */
  String target() {
    return "kafka " + String.join(",", servers);
  }
}
