package kr.madang.plugins.opcua;

import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.jspecify.annotations.Nullable;

/**
 * The two algorithms of Aes256_Sha256_RsaPss under the names by which Milo asks for them. The JDK
 * has both by other names, so no foreign provider is needed. It stands in the JVM's list only while
 * a connection needs it: the list would else hold the plugin's class loader for ever.
 */
final class PssProvider extends Provider {
  private static final long serialVersionUID = 1;
  private static final Object LIST = new Object();
  private static @Nullable PssProvider registered;
  private static int users;

  private PssProvider() {
    // Several versions of the plugin may stand side by side, each with its own.
    super("MadangOpcUa-" + System.identityHashCode(PssProvider.class), "1", "RSA-PSS for OPC UA");
    putService(
        new Service(
            this, "Signature", "SHA256withRSA/PSS", PssSignature.class.getName(), null, null) {
          @Override
          public Object newInstance(Object parameter) {
            return new PssSignature();
          }

          @Override
          public boolean supportsParameter(Object key) {
            return true;
          }
        });
    putService(
        new Service(
            this,
            "Cipher",
            "RSA/ECB/OAEPWithSHA256AndMGF1Padding",
            OaepCipher.class.getName(),
            null,
            null) {
          @Override
          public Object newInstance(Object parameter) {
            return new OaepCipher();
          }

          @Override
          public boolean supportsParameter(Object key) {
            return true;
          }
        });
  }

  static boolean neededBy(EndpointDescription endpoint) {
    return Stream.concat(
            Stream.of(String.valueOf(endpoint.getSecurityPolicyUri())),
            endpoint.getUserIdentityTokens() == null
                ? Stream.of()
                : Arrays.stream(endpoint.getUserIdentityTokens())
                    .filter(Objects::nonNull)
                    .map(it -> String.valueOf(it.getSecurityPolicyUri())))
        .anyMatch(SecurityPolicy.Aes256_Sha256_RsaPss.getUri()::equals);
  }

  /** One more connection needs it. */
  static void acquire() {
    synchronized (LIST) {
      if (users++ == 0) {
        registered = new PssProvider();
        Security.addProvider(registered);
      }
    }
  }

  /** A connection needs it no more. */
  static void release() {
    synchronized (LIST) {
      if (--users == 0 && registered != null) {
        Security.removeProvider(registered.getName());
        registered = null;
      }
    }
  }
}
