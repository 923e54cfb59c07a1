package kr.madang.plugins.opcua;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.interfaces.RSAKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.CipherSpi;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.NoSuchPaddingException;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.jspecify.annotations.Nullable;

/** The JDK's RSA with OAEP, SHA-256 for the digest and for the mask. */
final class OaepCipher extends CipherSpi {
  private static final OAEPParameterSpec SHA256 =
      new OAEPParameterSpec(
          "SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);

  private final Cipher jdk;

  OaepCipher() {
    try {
      jdk = Cipher.getInstance("RSA/ECB/OAEPPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the JDK has no RSA with OAEP", e);
    }
  }

  @Override
  protected void engineSetMode(String mode) throws NoSuchAlgorithmException {
    throw new NoSuchAlgorithmException("the mode is fixed");
  }

  @Override
  protected void engineSetPadding(String padding) throws NoSuchPaddingException {
    throw new NoSuchPaddingException("the padding is fixed");
  }

  @Override
  protected int engineGetBlockSize() {
    return jdk.getBlockSize();
  }

  @Override
  protected int engineGetOutputSize(int length) {
    return jdk.getOutputSize(length);
  }

  @Override
  protected int engineGetKeySize(Key key) throws InvalidKeyException {
    if (key instanceof RSAKey rsa) {
      return rsa.getModulus().bitLength();
    }
    throw new InvalidKeyException("expected an RSA key, got " + key.getAlgorithm());
  }

  @Override
  protected byte @Nullable [] engineGetIV() {
    return null;
  }

  @Override
  protected @Nullable AlgorithmParameters engineGetParameters() {
    return null;
  }

  @Override
  protected void engineInit(int mode, Key key, SecureRandom random) throws InvalidKeyException {
    try {
      jdk.init(mode, key, SHA256, random);
    } catch (InvalidAlgorithmParameterException e) {
      throw new InvalidKeyException(e);
    }
  }

  @Override
  protected void engineInit(int mode, Key key, AlgorithmParameterSpec spec, SecureRandom random)
      throws InvalidKeyException {
    engineInit(mode, key, random);
  }

  @Override
  protected void engineInit(int mode, Key key, AlgorithmParameters given, SecureRandom random)
      throws InvalidKeyException {
    engineInit(mode, key, random);
  }

  @Override
  protected byte @Nullable [] engineUpdate(byte[] in, int from, int length) {
    return jdk.update(in, from, length);
  }

  @Override
  protected int engineUpdate(byte[] in, int from, int length, byte[] out, int at)
      throws ShortBufferException {
    return jdk.update(in, from, length, out, at);
  }

  @Override
  protected byte[] engineDoFinal(byte @Nullable [] in, int from, int length)
      throws IllegalBlockSizeException, BadPaddingException {
    return in == null ? jdk.doFinal() : jdk.doFinal(in, from, length);
  }

  @Override
  protected int engineDoFinal(byte @Nullable [] in, int from, int length, byte[] out, int at)
      throws ShortBufferException, IllegalBlockSizeException, BadPaddingException {
    return in == null ? jdk.doFinal(out, at) : jdk.doFinal(in, from, length, out, at);
  }
}
