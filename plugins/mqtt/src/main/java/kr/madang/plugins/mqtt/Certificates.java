package kr.madang.plugins.mqtt;

import com.hivemq.client.mqtt.MqttClientSslConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;
import kr.madang.sdk.config.Secret;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Reads PEM files. */
final class Certificates {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]+)-----END \\1-----");
  private static final char[] NO_PASSWORD = {};

  private Certificates() {}

  /** The TLS of a connection. */
  static MqttClientSslConfig of(Tls tls, Duration timeout) {
    var config =
        MqttClientSslConfig.builder().handshakeTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS);
    tls.ca().ifPresent(file -> config.trustManagerFactory(trust(file)));
    if (tls.certificate().isPresent() && tls.key().isPresent()) {
      config.keyManagerFactory(
          identity(tls.certificate().get(), tls.key().get(), tls.keyPassword()));
    }
    if (!tls.verifyHost()) {
      config.hostnameVerifier((host, session) -> true);
    }
    return config.build();
  }

  private static TrustManagerFactory trust(Path file) {
    try {
      KeyStore store = empty();
      int number = 0;
      for (Certificate certificate : certificates("tls.ca", file)) {
        store.setCertificateEntry("ca-" + number++, certificate);
      }
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(store);
      return factory;
    } catch (GeneralSecurityException | IOException e) {
      throw unusable("tls.ca", file, "certificates as PEM", e);
    }
  }

  private static KeyManagerFactory identity(Path chain, Path key, Optional<Secret> password) {
    List<Certificate> certificates = certificates("tls.certificate", chain);
    PrivateKey secret = key(key, password);
    try {
      KeyStore store = empty();
      store.setKeyEntry("client", secret, NO_PASSWORD, certificates.toArray(Certificate[]::new));
      KeyManagerFactory factory =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      factory.init(store, NO_PASSWORD);
      return factory;
    } catch (GeneralSecurityException | IOException e) {
      throw unusable("tls.certificate", chain, "the certificate of tls.key", e);
    }
  }

  private static KeyStore empty() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static List<Certificate> certificates(String field, Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      List<Certificate> all =
          new ArrayList<>(CertificateFactory.getInstance("X.509").generateCertificates(in));
      if (all.isEmpty()) {
        throw unusable(field, file, "at least one certificate as PEM", null);
      }
      return all;
    } catch (GeneralSecurityException | IOException e) {
      throw unusable(field, file, "certificates as PEM", e);
    }
  }

  static PrivateKey key(Path file, Optional<Secret> password) {
    try {
      Matcher block = BLOCK.matcher(Files.readString(file, StandardCharsets.US_ASCII));
      while (block.find()) {
        byte[] der = Base64.getMimeDecoder().decode(block.group(2));
        switch (block.group(1)) {
          case "PRIVATE KEY" -> {
            return pkcs8(der);
          }
          case "RSA PRIVATE KEY" -> {
            return KeyFactory.getInstance("RSA")
                .generatePrivate(new PKCS8EncodedKeySpec(wrap(der)));
          }
          case "ENCRYPTED PRIVATE KEY" -> {
            return pkcs8(decrypt(der, password, file));
          }
          default -> {}
        }
      }
      throw unusable(
          "tls.key", file, "a private key as PKCS#8 PEM (openssl pkcs8 -topk8 makes one)", null);
    } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
      throw unusable("tls.key", file, "a private key as PKCS#8 PEM, with its password", e);
    }
  }

  private static byte[] decrypt(byte[] der, Optional<Secret> password, Path file)
      throws GeneralSecurityException, IOException {
    if (password.isEmpty()) {
      throw unusable("tls.keyPassword", file, "the password, since the key is encrypted", null);
    }
    EncryptedPrivateKeyInfo info = new EncryptedPrivateKeyInfo(der);
    String algorithm =
        info.getAlgName().equals("PBES2")
            ? String.valueOf(info.getAlgParameters())
            : info.getAlgName();
    PBEKeySpec spec = new PBEKeySpec(password.get().value().toCharArray());
    try {
      Cipher cipher = Cipher.getInstance(algorithm);
      cipher.init(
          Cipher.DECRYPT_MODE,
          SecretKeyFactory.getInstance(algorithm).generateSecret(spec),
          info.getAlgParameters());
      return info.getKeySpec(cipher).getEncoded();
    } finally {
      spec.clearPassword();
    }
  }

  private static PrivateKey pkcs8(byte[] der) throws GeneralSecurityException {
    GeneralSecurityException last = new GeneralSecurityException("no key of RSA, EC or EdDSA");
    for (String algorithm : List.of("RSA", "EC", "EdDSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (GeneralSecurityException e) {
        last = e;
      }
    }
    throw last;
  }

  /** PKCS#1 within PKCS#8. */
  private static byte[] wrap(byte[] key) {
    byte[] head = {2, 1, 0, 48, 13, 6, 9, 42, -122, 72, -122, -9, 13, 1, 1, 1, 5, 0};
    byte[] octets = tagged(4, key);
    byte[] both = new byte[head.length + octets.length];
    System.arraycopy(head, 0, both, 0, head.length);
    System.arraycopy(octets, 0, both, head.length, octets.length);
    return tagged(48, both);
  }

  private static byte[] tagged(int tag, byte[] content) {
    byte[] header = {
      (byte) tag,
      (byte) 0x83,
      (byte) (content.length >> 16),
      (byte) (content.length >> 8),
      (byte) content.length
    };
    byte[] all = new byte[header.length + content.length];
    System.arraycopy(header, 0, all, 0, header.length);
    System.arraycopy(content, 0, all, header.length, content.length);
    return all;
  }

  private static PluginException unusable(
      String field, Path file, String expected, @org.jspecify.annotations.Nullable Exception e) {
    return new PluginException(
        ErrorCode.CONFIG_INVALID,
        "broker."
            + field
            + ": expected in "
            + file
            + " "
            + expected
            + (e == null ? "" : ", got: " + e),
        e);
  }
}
