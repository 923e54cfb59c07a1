package kr.madang.plugins.opcua;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Certificates and keys in files. */
final class KeyFiles {
  private static final long LONGEST = 1 << 20;
  private static final Pattern PKCS8 =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]*)-----END PRIVATE KEY-----");

  private KeyFiles() {}

  /** A certificate, PEM or DER. */
  static X509Certificate certificate(Path file, String field) {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(read(file, field)));
    } catch (GeneralSecurityException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          field
              + ": expected an X.509 certificate as PEM or DER in "
              + file
              + "; "
              + e.getMessage(),
          e);
    }
  }

  /** An RSA key, PKCS #8 as PEM, not encrypted. */
  static PrivateKey key(Path file, String field) {
    Matcher pem = PKCS8.matcher(new String(read(file, field), StandardCharsets.US_ASCII));
    try {
      if (!pem.find()) {
        throw new GeneralSecurityException("no BEGIN PRIVATE KEY");
      }
      return KeyFactory.getInstance("RSA")
          .generatePrivate(
              new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem.group(1).strip())));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          field
              + ": expected an unencrypted RSA key in PKCS #8 as PEM in "
              + file
              + " (openssl pkcs8 -topk8 -nocrypt makes one); "
              + e.getMessage(),
          e);
    }
  }

  static String pem(PrivateKey key) {
    return "-----BEGIN PRIVATE KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
        + "\n-----END PRIVATE KEY-----\n";
  }

  private static byte[] read(Path file, String field) {
    try {
      if (Files.size(file) > LONGEST) {
        throw new IOException("longer than " + LONGEST + " bytes");
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new PluginException(
          ErrorCode.NOT_FOUND, field + ": there is no file " + file.toAbsolutePath(), e);
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID, field + ": cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
