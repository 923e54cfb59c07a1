package kr.madang.plugins.opcua;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Period;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kr.madang.sdk.error.Blame;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.eclipse.milo.opcua.stack.core.util.CertificateUtil;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateBuilder;

/**
 * The folder of keys and trust: {@code own/} (made at first use), {@code trusted/}, {@code
 * issuers/}, {@code crl/} and {@code rejected/}. It is read at each connect, so that a file moved
 * by a person counts at the next try.
 */
final class Pki {
  private static final ErrorCode FOLDER = new ErrorCode("PKI_FOLDER", Blame.RESOURCE, true);
  private static final int MOST_REJECTED = 100;
  private static final Object MAKING = new Object();

  private final Path folder;

  Pki(Path folder) {
    this.folder = folder;
  }

  Path folder() {
    return folder;
  }

  /** The own key and certificate, made now if there are none. */
  Identity own() {
    Path own = folder.resolve("own");
    Path key = own.resolve("key.pem");
    Path certificate = own.resolve("certificate.der");
    synchronized (MAKING) {
      try {
        for (String name : List.of("own", "trusted", "issuers", "crl", "rejected")) {
          Files.createDirectories(folder.resolve(name));
        }
        if (!Files.exists(certificate) && !Files.exists(key)) {
          make(key, certificate);
        }
      } catch (IOException e) {
        throw new PluginException(
            FOLDER,
            "pki: cannot write the folder " + folder.toAbsolutePath() + ": " + e.getMessage(),
            e);
      }
    }
    X509Certificate read = KeyFiles.certificate(certificate, "pki");
    PrivateKey secret = KeyFiles.key(key, "pki");
    String uri =
        CertificateUtil.getSanUri(read)
            .orElseThrow(() ->
                new PluginException(
                    ErrorCode.CONFIG_INVALID,
                    "pki: expected an application URI among the alternative names of "
                        + certificate));
    return new Identity(
        uri, Optional.of(new KeyPair(read.getPublicKey(), secret)), Optional.of(read));
  }

  private static void make(Path key, Path certificate) throws IOException {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      KeyPair keys = generator.generateKeyPair();
      String host = host();
      X509Certificate made =
          new SelfSignedCertificateBuilder(keys)
              .setCommonName("Madang at " + host)
              .setOrganization("Madang")
              .setApplicationUri("urn:" + host + ":madang:opcua")
              .addDnsName(host)
              .setValidityPeriod(Period.ofYears(5))
              .build();
      write(
          key,
          KeyFiles.pem(keys.getPrivate()).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      write(certificate, made.getEncoded());
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IOException("cannot make a certificate: " + e.getMessage(), e);
    }
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9.-]", "-");
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  private static void write(Path file, byte[] content) throws IOException {
    Path fresh =
        Files.createTempFile(
            file.getParent(),
            "new",
            null,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.write(fresh, content);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  List<X509Certificate> trusted() {
    return certificates("trusted");
  }

  List<X509Certificate> issuers() {
    return certificates("issuers");
  }

  List<X509CRL> crls() {
    List<X509CRL> all = new ArrayList<>();
    each(
        "crl",
        (file, factory) -> {
          try (var in = Files.newInputStream(file)) {
            all.add((X509CRL) factory.generateCRL(in));
          } catch (CRLException e) {
            throw new IOException(file + " is no revocation list", e);
          }
        });
    return all;
  }

  /** Keeps a certificate for review; says where. */
  Path reject(X509Certificate certificate) {
    Path rejected = folder.resolve("rejected");
    try {
      String thumbprint =
          java.util.HexFormat.of()
              .formatHex(CertificateUtil.thumbprint(certificate).bytesOrEmpty());
      Path file = rejected.resolve(thumbprint + ".der");
      if (!Files.exists(file)) {
        Files.createDirectories(rejected);
        try (var present = Files.list(rejected)) {
          // A server that makes a new one each time must not fill the disk.
          if (present.count() >= MOST_REJECTED) {
            throw new IOException(
                "it holds " + MOST_REJECTED + " certificates; remove those not needed");
          }
        }
        write(file, certificate.getEncoded());
      }
      return file;
    } catch (Exception e) {
      throw new PluginException(
          FOLDER,
          "pki: cannot keep the server's certificate in "
              + rejected.toAbsolutePath()
              + ": "
              + e.getMessage(),
          e);
    }
  }

  private List<X509Certificate> certificates(String name) {
    List<X509Certificate> all = new ArrayList<>();
    each(
        name,
        (file, factory) -> {
          try (var in = Files.newInputStream(file)) {
            factory.generateCertificates(in).forEach(it -> all.add((X509Certificate) it));
          }
        });
    return all;
  }

  private interface Reader {
    void read(Path file, CertificateFactory factory) throws IOException, CertificateException;
  }

  private void each(String name, Reader reader) {
    Path place = folder.resolve(name);
    if (!Files.isDirectory(place)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(place, "*.{der,pem,crt,cer,crl}")) {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      for (Path file : files) {
        reader.read(file, factory);
      }
    } catch (IOException | CertificateException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "pki: cannot read " + place.toAbsolutePath() + ": " + e.getMessage(),
          e);
    }
  }
}
