package kr.madang.plugins.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import kr.madang.sdk.error.Blame;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.enumerated.ApplicationType;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.types.structured.ApplicationDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.GetEndpointsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.GetEndpointsResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.UserTokenPolicy;
import org.eclipse.milo.opcua.stack.core.util.EndpointUtil;
import org.jspecify.annotations.Nullable;

/** The ways into a server, and which of them is taken. */
final class Endpoints {
  private static final String UA_TCP =
      "http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary";

  /** What a person changes in the config. */
  private static final ErrorCode NOT_OFFERED =
      new ErrorCode("SECURITY_NOT_OFFERED", Blame.CONFIG, true);

  private Endpoints() {}

  /** Asks the server for its endpoints, over a channel without security as all clients do. */
  static List<EndpointDescription> of(OpcUaConfig config, Duration timeout)
      throws InterruptedException {
    String what = "ask " + config.endpoint() + " for its endpoints";
    try (Wire wire = Wire.open(plain(config.endpoint()), Identity.none(), timeout)) {
      UaResponseMessageType answer =
          Faults.await(
              wire.send(
                  new GetEndpointsRequest(
                      Stack.header(null, timeout), config.endpoint(), null, new String[] {UA_TCP})),
              timeout.plusSeconds(1),
              what);
      EndpointDescription[] offered =
          answer instanceof GetEndpointsResponse response ? response.getEndpoints() : null;
      List<EndpointDescription> usable = new ArrayList<>();
      for (EndpointDescription each : offered == null ? new EndpointDescription[0] : offered) {
        if (each != null && usable(each)) {
          usable.add(each);
        }
      }
      if (usable.isEmpty()) {
        throw new PluginException(
            ErrorCode.PROTOCOL, what + ": expected at least one for UA TCP, got none");
      }
      return usable;
    }
  }

  private static boolean usable(EndpointDescription endpoint) {
    return endpoint.getServer() != null
        && (endpoint.getTransportProfileUri() == null
            || UA_TCP.equals(endpoint.getTransportProfileUri()))
        && endpoint.getEndpointUrl() != null
        && endpoint.getEndpointUrl().startsWith("opc.tcp://");
  }

  /** The strongest endpoint that the config allows, at the address that the config names. */
  static EndpointDescription choose(List<EndpointDescription> offered, OpcUaConfig config) {
    Optional<EndpointDescription> best =
        offered.stream()
            .filter(it -> allowed(it, config))
            .max(
                Comparator.comparing((EndpointDescription it) -> mode(it))
                    .thenComparing(it -> policy(it).orElse(Policy.NONE)));
    if (best.isEmpty()) {
      throw new PluginException(NOT_OFFERED, refusal(offered, config));
    }
    String host = Objects.requireNonNull(EndpointUtil.getHost(config.endpoint()));
    return EndpointUtil.updateUrl(best.get(), host, EndpointUtil.getPort(config.endpoint()));
  }

  private static boolean allowed(EndpointDescription endpoint, OpcUaConfig config) {
    Optional<Policy> policy = policy(endpoint);
    if (policy.isEmpty()) {
      return false;
    }
    boolean secured = policy.get() != Policy.NONE;
    if (config.policy().isPresent() ? policy.get() != config.policy().get() : !secured) {
      return false;
    }
    MessageSecurityMode mode = endpoint.getSecurityMode();
    if (!secured) {
      return mode == MessageSecurityMode.None;
    }
    return config.mode().isPresent()
        ? mode == config.mode().get().mode()
        : mode == MessageSecurityMode.Sign || mode == MessageSecurityMode.SignAndEncrypt;
  }

  private static String refusal(List<EndpointDescription> offered, OpcUaConfig config) {
    TreeSet<String> names = new TreeSet<>();
    offered.forEach(it -> names.add(describe(it)));
    String wanted =
        config.policy().map(Policy::toString).orElse("any policy but none")
            + config.mode().map(it -> " with mode " + it).orElse("");
    boolean only = config.policy().isEmpty() && offered.stream().allMatch(Endpoints::isPlain);
    return config.endpoint()
        + ": expected an endpoint with "
        + wanted
        + ", got "
        + String.join(", ", names)
        + (only ? "; set policy: none to go without security" : "; see policy and mode");
  }

  static boolean isPlain(EndpointDescription endpoint) {
    return SecurityPolicy.None.getUri().equals(endpoint.getSecurityPolicyUri());
  }

  /** For people: {@code basic256sha256 sign_and_encrypt}. */
  static String describe(EndpointDescription endpoint) {
    String uri = String.valueOf(endpoint.getSecurityPolicyUri());
    String policy =
        policy(endpoint).map(Policy::toString).orElse(uri.substring(uri.indexOf('#') + 1));
    return isPlain(endpoint) ? policy : policy + " " + words(endpoint.getSecurityMode());
  }

  private static String words(@Nullable MessageSecurityMode mode) {
    return mode == MessageSecurityMode.SignAndEncrypt
        ? Mode.SIGN_AND_ENCRYPT.toString()
        : mode == MessageSecurityMode.Sign ? Mode.SIGN.toString() : String.valueOf(mode);
  }

  static Optional<Policy> policy(EndpointDescription endpoint) {
    return policy(endpoint.getSecurityPolicyUri());
  }

  static Optional<Policy> policy(@Nullable String uri) {
    return Arrays.stream(Policy.values())
        .filter(it -> it.policy().getUri().equals(uri))
        .findFirst();
  }

  private static int mode(EndpointDescription endpoint) {
    return endpoint.getSecurityMode() == null ? 0 : endpoint.getSecurityMode().getValue();
  }

  /**
   * What of a list of endpoints nobody on the way may change. Certificates are not among it: within
   * a session a server may leave them out.
   */
  static TreeSet<String> fingerprint(List<EndpointDescription> endpoints) {
    TreeSet<String> all = new TreeSet<>();
    for (EndpointDescription each : endpoints) {
      if (each != null && usable(each)) {
        TreeSet<String> logins = new TreeSet<>();
        UserTokenPolicy[] tokens = each.getUserIdentityTokens();
        for (UserTokenPolicy token : tokens == null ? new UserTokenPolicy[0] : tokens) {
          String uri = token.getSecurityPolicyUri();
          logins.add(token.getTokenType() + " " + (uri == null ? "" : uri));
        }
        all.add(each.getSecurityPolicyUri() + " " + each.getSecurityMode() + " " + logins);
      }
    }
    return all;
  }

  private static EndpointDescription plain(String url) {
    return new EndpointDescription(
        url,
        new ApplicationDescription(
            null, null, LocalizedText.NULL_VALUE, ApplicationType.Server, null, null, null),
        ByteString.NULL_VALUE,
        MessageSecurityMode.None,
        SecurityPolicy.None.getUri(),
        null,
        UA_TCP,
        ubyte(0));
  }
}
