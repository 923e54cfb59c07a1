package kr.madang.plugins.opcua;

import java.nio.file.Path;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Date;
import java.util.List;
import java.util.Set;
import kr.madang.sdk.error.Blame;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.util.CertificateUtil;
import org.eclipse.milo.opcua.stack.core.util.EndpointUtil;
import org.eclipse.milo.opcua.stack.core.util.validation.CertificateValidationUtil;
import org.eclipse.milo.opcua.stack.core.util.validation.ValidationCheck;

/** Whether a server is the one it says it is, by the certificate of the chosen endpoint. */
final class Trust {
  /** A person moves a file, or the server gets another certificate; the next try sees it. */
  private static final ErrorCode UNTRUSTED =
      new ErrorCode("CERTIFICATE_UNTRUSTED", Blame.CONFIG, true);

  private static final Set<ValidationCheck> CHECKS =
      Set.of(
          ValidationCheck.VALIDITY,
          ValidationCheck.KEY_USAGE_END_ENTITY,
          ValidationCheck.REVOCATION,
          ValidationCheck.APPLICATION_URI);

  private Trust() {}

  static void check(EndpointDescription endpoint, OpcUaConfig config, InstantSource clock) {
    String who = "certificate of " + endpoint.getEndpointUrl();
    List<X509Certificate> chain;
    try {
      chain = CertificateUtil.decodeCertificates(endpoint.getServerCertificate().bytesOrEmpty());
    } catch (UaException e) {
      throw new PluginException(UNTRUSTED, who + ": cannot be read: " + Faults.said(e), e);
    }
    if (chain.isEmpty()) {
      throw new PluginException(UNTRUSTED, who + ": the server sent none");
    }
    X509Certificate leaf = chain.getFirst();
    String name = who + " (" + leaf.getSubjectX500Principal().getName() + ")";
    Pki pki = new Pki(config.pki());
    trusted(name, chain, pki);
    try {
      leaf.checkValidity(Date.from(clock.instant()));
    } catch (CertificateExpiredException e) {
      throw refuse(name, "expired at " + leaf.getNotAfter().toInstant(), "renew it at the server");
    } catch (CertificateNotYetValidException e) {
      throw refuse(
          name,
          "is valid from " + leaf.getNotBefore().toInstant() + " on only",
          "check the clocks of both sides");
    }
    try {
      CertificateValidationUtil.checkApplicationUri(
          leaf, String.valueOf(endpoint.getServer().getApplicationUri()));
    } catch (UaException e) {
      throw refuse(
          name,
          "is made out for "
              + CertificateUtil.getSanUri(leaf).orElse("no application URI")
              + ", not for "
              + endpoint.getServer().getApplicationUri(),
          "give the server a certificate with its application URI");
    }
    if (config.checkHostName()) {
      host(name, leaf, endpoint);
    }
  }

  private static void trusted(String name, List<X509Certificate> chain, Pki pki) {
    List<X509Certificate> trusted = pki.trusted();
    X509Certificate leaf = chain.getFirst();
    if (trusted.contains(leaf)) {
      return; // A person has looked at this very certificate.
    }
    PKIXCertPathBuilderResult path;
    try {
      path = CertificateValidationUtil.buildTrustedCertPath(chain, trusted, pki.issuers());
    } catch (UaException e) {
      Path kept = pki.reject(leaf);
      throw new PluginException(
          UNTRUSTED,
          name
              + ": is not trusted yet; compare its SHA-1 thumbprint "
              + kept.getFileName().toString().replace(".der", "")
              + " with the server's, then move "
              + kept.toAbsolutePath()
              + " to "
              + pki.folder().resolve("trusted").toAbsolutePath(),
          e);
    }
    try {
      CertificateValidationUtil.validateTrustedCertPath(
          path.getCertPath(), path.getTrustAnchor(), pki.crls(), CHECKS, false);
    } catch (UaException e) {
      throw refuse(
          name,
          "is refused as " + Faults.name(Faults.code(e.getStatusCode())),
          "look at its issuer and at crl/");
    }
  }

  private static void host(String name, X509Certificate leaf, EndpointDescription endpoint) {
    String host = String.valueOf(EndpointUtil.getHost(endpoint.getEndpointUrl()));
    try {
      CertificateValidationUtil.checkHostnameOrIpAddress(leaf, host);
    } catch (UaException e) {
      throw refuse(
          name,
          "is made out for "
              + CertificateUtil.getSanDnsNames(leaf)
              + " and "
              + CertificateUtil.getSanIpAddresses(leaf)
              + ", not for "
              + host,
          "use one of these names in endpoint, or set checkHostName: false");
    }
  }

  private static PluginException refuse(String who, String why, String then) {
    return new PluginException(UNTRUSTED, who + ": " + why + "; " + then);
  }
}
