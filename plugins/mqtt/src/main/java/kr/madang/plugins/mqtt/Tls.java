package kr.madang.plugins.mqtt;

import java.nio.file.Path;
import java.util.Optional;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Secret;

/** How the connection is encrypted; without a CA the trusted ones of the Java runtime count. */
record Tls(
    @Doc("PEM file with the certificates of the CAs that are trusted") Optional<Path> ca,
    @Doc("PEM file with the certificate of this client, its issuers after it")
        Optional<Path> certificate,
    @Doc("PEM file with the private key of the certificate") Optional<Path> key,
    @Doc("Password of the key file, if it is encrypted") Optional<Secret> keyPassword,
    @Doc("Whether the certificate must carry the host's name or address") @Default("true")
        boolean verifyHost) {

  /** Checks that certificate and key come together. */
  Tls {
    Checks.that(
        certificate.isPresent() == key.isPresent(),
        certificate.isPresent() ? "key" : "certificate",
        "a file, since " + (certificate.isPresent() ? "certificate" : "key") + " is given",
        "nothing");
  }
}
