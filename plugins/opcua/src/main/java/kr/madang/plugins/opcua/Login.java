package kr.madang.plugins.opcua;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import kr.madang.sdk.error.Blame;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.eclipse.milo.opcua.sdk.client.identity.AnonymousProvider;
import org.eclipse.milo.opcua.sdk.client.identity.IdentityProvider;
import org.eclipse.milo.opcua.sdk.client.identity.UsernameProvider;
import org.eclipse.milo.opcua.sdk.client.identity.X509IdentityProvider;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.types.enumerated.UserTokenType;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.UserTokenPolicy;

/** As whom a session is activated. */
final class Login {
  private static final ErrorCode NOT_OFFERED =
      new ErrorCode("LOGIN_NOT_OFFERED", Blame.CONFIG, true);
  private static final ErrorCode IN_CLEAR = new ErrorCode("PASSWORD_IN_CLEAR", Blame.CONFIG, true);

  private Login() {}

  /** What signs in at this endpoint; refuses what would show a password to all on the way. */
  static IdentityProvider of(OpcUaConfig config, EndpointDescription endpoint) {
    if (config.userCertificate().isPresent() && config.userKey().isPresent()) {
      offered(endpoint, UserTokenType.Certificate, "a user certificate");
      return new X509IdentityProvider(
          KeyFiles.certificate(config.userCertificate().get(), "userCertificate"),
          KeyFiles.key(config.userKey().get(), "userKey"));
    }
    if (config.user().isPresent() && config.password().isPresent()) {
      UserTokenPolicy policy = forPassword(endpoint, config.passwordInClear());
      return new UsernameProvider(
          config.user().get(),
          config.password().get().value(),
          // The certificate was checked before the channel was opened, whatever its policy.
          (_, _, _) -> {},
          _ -> policy);
    }
    offered(endpoint, UserTokenType.Anonymous, "anonymous");
    return new AnonymousProvider();
  }

  /** Whether a secret is encrypted for the server's certificate, which must be trusted then. */
  static boolean needsTrust(OpcUaConfig config, EndpointDescription endpoint) {
    return config.user().isPresent()
        && protection(endpoint, forPassword(endpoint, config.passwordInClear())) != Policy.NONE;
  }

  private static UserTokenPolicy forPassword(EndpointDescription endpoint, boolean inClear) {
    Optional<UserTokenPolicy> best =
        offered(endpoint, UserTokenType.UserName, "user name and password").stream()
            .filter(it -> Endpoints.policy(effective(endpoint, it)).isPresent())
            .max(Comparator.comparing(it -> protection(endpoint, it)));
    if (best.isEmpty()) {
      throw new PluginException(
          NOT_OFFERED,
          endpoint.getEndpointUrl()
              + ": the server takes passwords only by a security policy that is not known here");
    }
    boolean hidden =
        protection(endpoint, best.get()) != Policy.NONE
            || endpoint.getSecurityMode() == MessageSecurityMode.SignAndEncrypt;
    if (!hidden && !inClear) {
      throw new PluginException(
          IN_CLEAR,
          endpoint.getEndpointUrl()
              + ": the password would go over the wire unencrypted; choose another policy, or set"
              + " passwordInClear: true if the network is trusted");
    }
    return best.get();
  }

  private static String effective(EndpointDescription endpoint, UserTokenPolicy token) {
    String uri = token.getSecurityPolicyUri();
    return uri == null || uri.isEmpty() ? String.valueOf(endpoint.getSecurityPolicyUri()) : uri;
  }

  private static Policy protection(EndpointDescription endpoint, UserTokenPolicy token) {
    return Endpoints.policy(effective(endpoint, token)).orElse(Policy.NONE);
  }

  private static List<UserTokenPolicy> offered(
      EndpointDescription endpoint, UserTokenType type, String what) {
    UserTokenPolicy[] all = endpoint.getUserIdentityTokens();
    List<UserTokenPolicy> found =
        all == null
            ? List.of()
            : Arrays.stream(all).filter(it -> it != null && it.getTokenType() == type).toList();
    if (found.isEmpty()) {
      throw new PluginException(
          NOT_OFFERED,
          endpoint.getEndpointUrl()
              + ": expected a login by "
              + what
              + ", got "
              + (all == null
                  ? "none"
                  : Arrays.stream(all).map(it -> String.valueOf(it.getTokenType())).toList())
              + "; see user, password and userCertificate");
    }
    return found;
  }
}
