package kr.madang.plugins.opcua;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.SignatureSpi;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import org.jspecify.annotations.Nullable;

/** The JDK's RSASSA-PSS with the parameters of OPC 10000-7: SHA-256 throughout, a salt as long. */
final class PssSignature extends SignatureSpi {
  private final Signature jdk;

  PssSignature() {
    try {
      jdk = Signature.getInstance("RSASSA-PSS");
      jdk.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK has no RSASSA-PSS", e);
    }
  }

  @Override
  protected void engineInitVerify(PublicKey key) throws InvalidKeyException {
    jdk.initVerify(key);
  }

  @Override
  protected void engineInitSign(PrivateKey key) throws InvalidKeyException {
    jdk.initSign(key);
  }

  @Override
  protected void engineUpdate(byte single) throws SignatureException {
    jdk.update(single);
  }

  @Override
  protected void engineUpdate(byte[] bytes, int from, int length) throws SignatureException {
    jdk.update(bytes, from, length);
  }

  @Override
  protected byte[] engineSign() throws SignatureException {
    return jdk.sign();
  }

  @Override
  protected boolean engineVerify(byte[] signature) throws SignatureException {
    return jdk.verify(signature);
  }

  @Override
  @Deprecated
  protected void engineSetParameter(String name, Object value) {
    throw new UnsupportedOperationException("the parameters are fixed");
  }

  @Override
  @Deprecated
  protected @Nullable Object engineGetParameter(String name) {
    throw new UnsupportedOperationException("the parameters are fixed");
  }
}
