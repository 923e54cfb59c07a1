package kr.madang.plugins.opcua;

import java.security.KeyPair;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.util.CertificateUtil;

/**
 * Who this application is; empty for a channel without security.
 *
 * @param uri the application URI, which stands in the certificate as well
 */
record Identity(String uri, Optional<KeyPair> keys, Optional<X509Certificate> certificate) {
  /** The URI of an application without a certificate. */
  static final String PLAIN_URI = "urn:madang:opcua";

  static Identity none() {
    return new Identity(PLAIN_URI, Optional.empty(), Optional.empty());
  }

  ByteString encoded() {
    try {
      return certificate.isEmpty()
          ? ByteString.NULL_VALUE
          : ByteString.of(certificate.get().getEncoded());
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was read cannot be written", e);
    }
  }

  boolean isOf(X509Certificate got, EndpointDescription endpoint) throws UaException {
    byte[] announced = endpoint.getServerCertificate().bytesOrEmpty();
    return announced.length > 0
        && CertificateUtil.decodeCertificates(announced).getFirst().equals(got);
  }
}
