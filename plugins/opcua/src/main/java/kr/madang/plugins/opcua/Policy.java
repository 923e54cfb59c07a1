package kr.madang.plugins.opcua;

import java.util.Locale;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;

/** The security policies that a channel may use, the weakest first. */
enum Policy {
  /** Neither signed nor encrypted. */
  NONE(SecurityPolicy.None),
  /** AES 128, RSA OAEP. */
  AES128_SHA256_RSAOAEP(SecurityPolicy.Aes128_Sha256_RsaOaep),
  /** AES 256, RSA OAEP. */
  BASIC256SHA256(SecurityPolicy.Basic256Sha256),
  /** AES 256, RSA PSS and OAEP with SHA-256. */
  AES256_SHA256_RSAPSS(SecurityPolicy.Aes256_Sha256_RsaPss);

  private final SecurityPolicy policy;

  Policy(SecurityPolicy policy) {
    this.policy = policy;
  }

  SecurityPolicy policy() {
    return policy;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
