package kr.madang.plugins.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.nio.ByteBuffer;
import java.security.KeyPair;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.eclipse.milo.opcua.sdk.client.identity.IdentityProvider;
import org.eclipse.milo.opcua.sdk.client.identity.SignedIdentityToken;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.security.SecurityAlgorithm;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.UaRequestMessageType;
import org.eclipse.milo.opcua.stack.core.types.UaResponseMessageType;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.enumerated.ApplicationType;
import org.eclipse.milo.opcua.stack.core.types.structured.ActivateSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ActivateSessionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ApplicationDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.CloseSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSessionRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.CreateSessionResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.eclipse.milo.opcua.stack.core.types.structured.SignatureData;
import org.eclipse.milo.opcua.stack.core.types.structured.SignedSoftwareCertificate;
import org.eclipse.milo.opcua.stack.core.types.structured.SubscriptionAcknowledgement;
import org.eclipse.milo.opcua.stack.core.util.CertificateUtil;
import org.eclipse.milo.opcua.stack.core.util.NonceUtil;
import org.eclipse.milo.opcua.stack.core.util.SignatureUtil;

/** A session at the server; it outlives the wire that it was made on. Any thread may call it. */
final class Session {
  /** How long the server keeps a session that says nothing, at least. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Identity identity;
  private final IdentityProvider login;
  private final NodeId token;
  private volatile ByteString serverNonce;
  private volatile Wire wire;

  private Session(
      Wire wire, Identity identity, IdentityProvider login, NodeId token, ByteString serverNonce) {
    this.wire = wire;
    this.identity = identity;
    this.login = login;
    this.token = token;
    this.serverNonce = serverNonce;
  }

  /**
   * Creates and activates a session.
   *
   * @param silence the longest time without a question of ours
   */
  static Session open(
      Wire wire,
      Identity identity,
      IdentityProvider login,
      List<EndpointDescription> offered,
      Duration silence,
      String name)
      throws InterruptedException {
    EndpointDescription endpoint = wire.endpoint();
    String what = "open a session at " + wire.target();
    ByteString nonce = NonceUtil.generateNonce(32);
    CreateSessionRequest request =
        new CreateSessionRequest(
            Stack.header(null, wire.timeout()),
            new ApplicationDescription(
                identity.uri(),
                "urn:madang",
                LocalizedText.english("Madang"),
                ApplicationType.Client,
                null,
                null,
                null),
            null,
            endpoint.getEndpointUrl(),
            name,
            nonce,
            identity.encoded(),
            (double) Math.max(PATIENCE.toMillis(), 3 * silence.toMillis()),
            uint(Stack.LONGEST_MESSAGE));
    CreateSessionResponse made = answer(wire, request, CreateSessionResponse.class, what);
    try {
      prove(endpoint, identity, nonce, made, offered);
    } catch (UaException e) {
      throw Faults.of(what + ": the server did not prove who it is", e);
    }
    Session session =
        new Session(wire, identity, login, made.getAuthenticationToken(), made.getServerNonce());
    session.activate(wire);
    return session;
  }

  /** The server signs what we sent, and says again what it offers: nobody stood in between. */
  private static void prove(
      EndpointDescription endpoint,
      Identity identity,
      ByteString nonce,
      CreateSessionResponse made,
      List<EndpointDescription> offered)
      throws UaException {
    if (Endpoints.isPlain(endpoint)) {
      return;
    }
    byte[] sent = made.getServerCertificate().bytesOrEmpty();
    if (sent.length == 0
        || !identity.isOf(CertificateUtil.decodeCertificates(sent).getFirst(), endpoint)) {
      throw new UaException(
          org.eclipse.milo.opcua.stack.core.StatusCodes.Bad_SecurityChecksFailed,
          "its certificate is not the one that it announced");
    }
    SignatureData signature = made.getServerSignature();
    byte[] own = identity.encoded().bytesOrEmpty();
    byte[] random = nonce.bytesOrEmpty();
    byte[] signed = Arrays.copyOf(own, own.length + random.length);
    System.arraycopy(random, 0, signed, own.length, random.length);
    SignatureUtil.verify(
        // The policy says which one; node-opcua names it wrongly for RSA-PSS.
        SecurityPolicy.fromUri(endpoint.getSecurityPolicyUri()).getAsymmetricSignatureAlgorithm(),
        CertificateUtil.decodeCertificates(sent).getFirst(),
        signed,
        signature.getSignature().bytesOrEmpty());
    EndpointDescription[] again = made.getServerEndpoints();
    if (again != null
        && !Endpoints.fingerprint(Arrays.asList(again)).equals(Endpoints.fingerprint(offered))) {
      throw new UaException(
          org.eclipse.milo.opcua.stack.core.StatusCodes.Bad_SecurityChecksFailed,
          "it offers other endpoints over the secure channel than it announced");
    }
  }

  /** Binds the session to a wire: at the beginning, or when the former one has gone. */
  void activate(Wire to) throws InterruptedException {
    String what = "activate the session at " + to.target();
    EndpointDescription endpoint = to.endpoint();
    try {
      SignedIdentityToken user = login.getIdentityToken(endpoint, serverNonce);
      ActivateSessionRequest request =
          new ActivateSessionRequest(
              Stack.header(token, to.timeout()),
              signature(endpoint),
              new SignedSoftwareCertificate[0],
              new String[] {"en"},
              ExtensionObject.encode(to.encoding(), user.getToken()),
              user.getSignature());
      serverNonce = answer(to, request, ActivateSessionResponse.class, what).getServerNonce();
      wire = to;
    } catch (InterruptedException | PluginException e) {
      throw e;
    } catch (Exception e) {
      throw Faults.of(what, e);
    }
  }

  private SignatureData signature(EndpointDescription endpoint) throws Exception {
    SecurityPolicy policy = SecurityPolicy.fromUri(endpoint.getSecurityPolicyUri());
    if (policy == SecurityPolicy.None) {
      return new SignatureData(null, null);
    }
    KeyPair keys =
        identity.keys().orElseThrow(() -> new IllegalStateException("no key for " + policy));
    byte[] server =
        CertificateUtil.decodeCertificates(endpoint.getServerCertificate().bytesOrEmpty())
            .getFirst()
            .getEncoded();
    SecurityAlgorithm algorithm = policy.getAsymmetricSignatureAlgorithm();
    byte[] signature =
        SignatureUtil.sign(
            algorithm,
            keys.getPrivate(),
            ByteBuffer.wrap(server),
            ByteBuffer.wrap(serverNonce.bytesOrEmpty()));
    return new SignatureData(algorithm.getUri(), ByteString.of(signature));
  }

  Wire wire() {
    return wire;
  }

  /** Asks and waits; a refusal of the service as a whole is thrown. */
  <T extends UaResponseMessageType> T call(
      Class<T> type, String what, Function<RequestHeader, UaRequestMessageType> request)
      throws InterruptedException {
    Wire used = wire;
    return answer(
        used,
        request.apply(Stack.header(token, used.timeout())),
        type,
        what + " at " + used.target());
  }

  /** Sends a publish request, which is answered when there is something to say. */
  CompletableFuture<UaResponseMessageType> publish(SubscriptionAcknowledgement[] acknowledged) {
    return wire.send(new PublishRequest(Stack.header(token, Duration.ZERO), acknowledged));
  }

  private static <T extends UaResponseMessageType> T answer(
      Wire wire, UaRequestMessageType request, Class<T> type, String what)
      throws InterruptedException {
    UaResponseMessageType answer =
        Faults.await(wire.send(request), wire.timeout().plusSeconds(1), what);
    if (!type.isInstance(answer)) {
      throw new PluginException(
          ErrorCode.PROTOCOL,
          what
              + ": expected "
              + type.getSimpleName()
              + ", got "
              + answer.getClass().getSimpleName());
    }
    return type.cast(answer);
  }

  /** Ends the session at the server if it can be reached, with what it subscribed. */
  void close() throws InterruptedException {
    Wire used = wire;
    if (used.alive()) {
      try {
        Faults.await(
            used.send(new CloseSessionRequest(Stack.header(token, used.timeout()), true)),
            Duration.ofSeconds(2).compareTo(used.timeout()) < 0
                ? Duration.ofSeconds(2)
                : used.timeout(),
            "close the session");
      } catch (PluginException e) {
        // The server forgets it by itself.
      }
    }
  }
}
