package kr.madang.plugins.opcua;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.SourceContext;
import org.eclipse.milo.opcua.sdk.client.identity.IdentityProvider;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.util.NonceUtil;

/**
 * The way into a server, found once: which endpoint, who we are there, as whom we sign in.
 *
 * @param offered all endpoints as they were announced
 * @param chosen the one that is used
 * @param silence the longest time without a message
 */
record Access(
    List<EndpointDescription> offered,
    EndpointDescription chosen,
    Identity identity,
    IdentityProvider login,
    Duration timeout,
    Duration silence) {

  /** Finds and checks the way in; connects only to ask for the endpoints. */
  static Access find(OpcUaConfig config, Duration timeout, InstantSource clock)
      throws InterruptedException {
    List<EndpointDescription> offered = Endpoints.of(config, timeout);
    EndpointDescription chosen = Endpoints.choose(offered, config);
    return checked(config, offered, chosen, timeout, clock);
  }

  static Access checked(
      OpcUaConfig config,
      List<EndpointDescription> offered,
      EndpointDescription chosen,
      Duration timeout,
      InstantSource clock)
      throws InterruptedException {
    boolean secured = !Endpoints.isPlain(chosen);
    IdentityProvider login = Login.of(config, chosen);
    // Made before the server is judged, so that the server can be told to trust it meanwhile.
    Identity identity = secured ? new Pki(config.pki()).own() : Identity.none();
    if (secured || Login.needsTrust(config, chosen)) {
      Trust.check(chosen, config, clock);
    }
    seeded(timeout);
    return new Access(offered, chosen, identity, login, timeout, config.keepAlive());
  }

  /** Milo takes weak random numbers until the strong ones are ready: wait for those. */
  private static void seeded(Duration timeout) throws InterruptedException {
    try {
      NonceUtil.blockUntilSecureRandomSeeded(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new PluginException(
          ErrorCode.EXHAUSTED,
          "no secure random numbers within " + timeout.toMillis() + " ms; try again",
          e);
    }
  }

  Wire connect() throws InterruptedException {
    return Wire.open(chosen, identity, timeout);
  }

  /** The connection that all sources share which trust and reach the server alike. */
  Wire connect(SourceContext context) throws InterruptedException {
    String key =
        String.join(
            "|",
            chosen.getEndpointUrl(),
            Endpoints.describe(chosen),
            identity.uri(),
            String.valueOf(Arrays.hashCode(identity.encoded().bytesOrEmpty())),
            String.valueOf(Arrays.hashCode(chosen.getServerCertificate().bytesOrEmpty())),
            timeout.toString());
    try {
      return context.connection(key, this::connect);
    } catch (InterruptedException | RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw Faults.of("connect to " + chosen.getEndpointUrl(), e);
    }
  }

  Session open(Wire wire, String name) throws InterruptedException {
    return Session.open(wire, identity, login, offered, silence, name);
  }
}
