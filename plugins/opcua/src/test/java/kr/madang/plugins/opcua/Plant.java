package kr.madang.plugins.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.sdk.core.AccessLevel;
import org.eclipse.milo.opcua.sdk.core.QualifiedProperty;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.EndpointConfig;
import org.eclipse.milo.opcua.sdk.server.ManagedNamespaceWithLifecycle;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.OpcUaServerConfig;
import org.eclipse.milo.opcua.sdk.server.OpcUaServerConfigLimits;
import org.eclipse.milo.opcua.sdk.server.Session;
import org.eclipse.milo.opcua.sdk.server.identity.AnonymousIdentityValidator;
import org.eclipse.milo.opcua.sdk.server.identity.CompositeValidator;
import org.eclipse.milo.opcua.sdk.server.identity.UsernameIdentityValidator;
import org.eclipse.milo.opcua.sdk.server.identity.X509IdentityValidator;
import org.eclipse.milo.opcua.sdk.server.items.DataItem;
import org.eclipse.milo.opcua.sdk.server.items.MonitoredItem;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.security.CertificateQuarantine;
import org.eclipse.milo.opcua.stack.core.security.DefaultApplicationGroup;
import org.eclipse.milo.opcua.stack.core.security.DefaultCertificateManager;
import org.eclipse.milo.opcua.stack.core.security.MemoryCertificateQuarantine;
import org.eclipse.milo.opcua.stack.core.security.MemoryCertificateStore;
import org.eclipse.milo.opcua.stack.core.security.MemoryTrustListManager;
import org.eclipse.milo.opcua.stack.core.security.RsaSha256CertificateFactory;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.transport.TransportProfile;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.enumerated.UserTokenType;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryData;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadResult;
import org.eclipse.milo.opcua.stack.core.types.structured.HistoryReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.Range;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRawModifiedDetails;
import org.eclipse.milo.opcua.stack.core.types.structured.UserTokenPolicy;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateBuilder;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransport;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransportConfig;
import org.jspecify.annotations.Nullable;

/**
 * A real OPC UA server of which the test says each sample, so that nothing depends on the time at
 * which something is sampled.
 */
final class Plant implements AutoCloseable {
  static final String URI = "urn:plant";
  private static final UByte WITH_HISTORY =
      AccessLevel.toValue(
          AccessLevel.CurrentRead, AccessLevel.CurrentWrite, AccessLevel.HistoryRead);
  private static final KeyPair KEYS = keys();
  private static final X509Certificate CERTIFICATE = certificate(KEYS, "urn:plant:server");

  /** How a server differs from the usual one. */
  static final class Setup {
    int port;
    List<String> namespacesBefore = new ArrayList<>();
    boolean secured;
    int monitoredPerCall = 1_000;
    int perRead = 10_000;
    int perHistory = 10;
    double leastSampling;
    long mostQueue = 1_000_000;
    double leastPublishing = 5;
    X509Certificate certificate = CERTIFICATE;
    boolean passwordInClear;
  }

  private final OpcUaServer server;
  private final Fields fields;
  private final Gaps gaps;
  private final int port;
  private final MemoryTrustListManager trust = new MemoryTrustListManager();
  private final Map<String, List<DataValue>> history = new ConcurrentHashMap<>();
  private final List<DataItem> items = new CopyOnWriteArrayList<>();
  private final Setup setup;
  private volatile boolean endless;

  Plant() throws Exception {
    this(new Setup());
  }

  Plant(Setup setup) throws Exception {
    this.setup = setup;
    port = setup.port == 0 ? freePort() : setup.port;
    server = new OpcUaServer(config(), profile -> transport(profile));
    for (String uri : setup.namespacesBefore) {
      server.getNamespaceTable().add(uri);
    }
    fields = new Fields(server);
    fields.startup();
    gaps = new Gaps(server);
    server.addServiceSet("/plant", gaps);
    server.startup().get(20, TimeUnit.SECONDS);
  }

  private static OpcTcpServerTransport transport(TransportProfile profile) {
    if (profile != TransportProfile.TCP_UASC_UABINARY) {
      throw new IllegalArgumentException(profile.toString());
    }
    return new OpcTcpServerTransport(OpcTcpServerTransportConfig.newBuilder().build());
  }

  static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private OpcUaServerConfig config() throws Exception {
    MemoryCertificateStore store = new MemoryCertificateStore();
    CertificateQuarantine quarantine = new MemoryCertificateQuarantine();
    store.set(
        NodeIds.RsaSha256ApplicationCertificateType,
        new org.eclipse.milo.opcua.stack.core.security.CertificateStore.Entry(
            KEYS.getPrivate(), new X509Certificate[] {setup.certificate}));
    DefaultApplicationGroup group =
        DefaultApplicationGroup.createAndInitialize(
            trust,
            store,
            new RsaSha256CertificateFactory() {
              @Override
              protected X509Certificate[] createRsaSha256CertificateChain(KeyPair keys) {
                return new X509Certificate[] {setup.certificate};
              }
            },
            // Whom the server trusts is not what is tested here.
            (_, _, _) -> {});
    return OpcUaServerConfig.builder()
        .setApplicationUri("urn:plant:server")
        .setApplicationName(LocalizedText.english("Plant"))
        .setProductUri("urn:plant")
        .setCertificateManager(new DefaultCertificateManager(quarantine, group))
        .setIdentityValidator(
            new CompositeValidator(
                AnonymousIdentityValidator.INSTANCE,
                new UsernameIdentityValidator(
                    it -> it.getUsername().equals("operator") && it.getPassword().equals("gawi")),
                new X509IdentityValidator(
                    it -> it.getSubjectX500Principal().getName().contains("CN=Worker"))))
        .setLimits(limits())
        .setEndpoints(endpoints())
        .build();
  }

  private OpcUaServerConfigLimits limits() {
    return new OpcUaServerConfigLimits() {
      @Override
      public Double getMinPublishingInterval() {
        return setup.leastPublishing;
      }

      @Override
      public Double getMinSubscriptionLifetime() {
        return 100.0;
      }

      @Override
      public UInteger getMaxMonitoredItemsPerCall() {
        return uint(setup.monitoredPerCall);
      }

      @Override
      public UInteger getMaxNodesPerRead() {
        return uint(setup.perRead);
      }

      @Override
      public UInteger getMaxNodesPerHistoryReadData() {
        return uint(setup.perHistory);
      }
    };
  }

  private Set<EndpointConfig> endpoints() {
    Set<EndpointConfig> all = new LinkedHashSet<>();
    EndpointConfig.Builder any =
        EndpointConfig.newBuilder()
            .setBindAddress("127.0.0.1")
            .setHostname("127.0.0.1")
            .setBindPort(port)
            .setPath("/plant")
            .setCertificate(setup.certificate)
            .setTransportProfile(TransportProfile.TCP_UASC_UABINARY);
    List<UserTokenPolicy> tokens = new ArrayList<>();
    tokens.add(OpcUaServerConfig.USER_TOKEN_POLICY_ANONYMOUS);
    tokens.add(
        setup.passwordInClear
            ? new UserTokenPolicy(
                "clear", UserTokenType.UserName, null, null, SecurityPolicy.None.getUri())
            : OpcUaServerConfig.USER_TOKEN_POLICY_USERNAME);
    tokens.add(OpcUaServerConfig.USER_TOKEN_POLICY_X509);
    any.addTokenPolicies(tokens.toArray(UserTokenPolicy[]::new));
    all.add(any.copy().setSecurityPolicy(SecurityPolicy.None).build());
    if (setup.secured) {
      for (SecurityPolicy policy :
          List.of(
              SecurityPolicy.Basic256Sha256,
              SecurityPolicy.Aes128_Sha256_RsaOaep,
              SecurityPolicy.Aes256_Sha256_RsaPss)) {
        for (MessageSecurityMode mode :
            List.of(MessageSecurityMode.Sign, MessageSecurityMode.SignAndEncrypt)) {
          all.add(any.copy().setSecurityPolicy(policy).setSecurityMode(mode).build());
        }
      }
    }
    return all;
  }

  int port() {
    return port;
  }

  String endpoint() {
    return "opc.tcp://127.0.0.1:" + port + "/plant";
  }

  OpcUaServer server() {
    return server;
  }

  Gaps gaps() {
    return gaps;
  }

  static X509Certificate certificate() {
    return CERTIFICATE;
  }

  static KeyPair keyPair() {
    return KEYS;
  }

  /** Adds a variable with a first value. */
  Plant add(String name, NodeId type, Object value) {
    return add(name, type, good(value));
  }

  Plant add(String name, NodeId type, DataValue value) {
    fields.variable(name, type, value);
    return this;
  }

  UaVariableNode node(String name) {
    return (UaVariableNode) fields.getNodeManager().getNode(fields.id(name)).orElseThrow();
  }

  /** One sample, for all who monitor it. */
  void set(String name, DataValue value) {
    node(name).setValue(value);
    for (DataItem item : items) {
      if (item.getReadValueId().getNodeId().equals(fields.id(name))) {
        fields.send(item);
      }
    }
  }

  /** The same sample for all items, at the least cost. */
  void pushAll(Object value) {
    DataValue sample = good(value);
    items.forEach(item -> item.setValue(sample));
  }

  void set(String name, Object value) {
    set(name, good(value));
  }

  static DataValue good(Object value) {
    DateTime now = DateTime.now();
    return new DataValue(new Variant(value), StatusCode.GOOD, now, now);
  }

  /** Gives a variable an EURange. */
  void range(String name, double low, double high) {
    node(name)
        .setProperty(
            new QualifiedProperty<>(
                "http://opcfoundation.org/UA/",
                "EURange",
                NodeIds.Range.expanded(),
                -1,
                ExtensionObject.class),
            ExtensionObject.encode(server.getStaticEncodingContext(), new Range(low, high)));
  }

  /** Monitored items of a variable. */
  long monitored(String name) {
    return items.stream()
        .filter(it -> it.getReadValueId().getNodeId().equals(fields.id(name)))
        .count();
  }

  /** Gives a variable a recorded past. */
  void record(String name, List<DataValue> values) {
    history.put(name, List.copyOf(values));
    node(name).setAccessLevel(WITH_HISTORY);
    node(name).setUserAccessLevel(WITH_HISTORY);
    node(name).setHistorizing(true);
  }

  /** Lets each page of history be followed by another one. */
  void endlessHistory() {
    endless = true;
  }

  /** Forgets the sessions, with or without their subscriptions. */
  void killSessions(boolean subscriptions) {
    for (Session session : List.copyOf(server.getSessionManager().getAllSessions())) {
      server.getSessionManager().killSession(session.getSessionId(), subscriptions);
    }
  }

  int sessions() {
    return server.getSessionManager().getAllSessions().size();
  }

  int subscriptions() {
    return server.getSubscriptions().size();
  }

  @Override
  public void close() throws Exception {
    fields.shutdown();
    server.shutdown().get(20, TimeUnit.SECONDS);
  }

  static KeyPair keys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static X509Certificate certificate(KeyPair keys, String uri) {
    try {
      return new SelfSignedCertificateBuilder(keys)
          .setCommonName("Plant")
          .setOrganization("Test")
          .setApplicationUri(uri)
          .addDnsName("plant.test")
          .addIpAddress("127.0.0.1")
          .build();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** The nodes. */
  private final class Fields extends ManagedNamespaceWithLifecycle {
    Fields(OpcUaServer server) {
      super(server, URI);
    }

    NodeId id(String name) {
      return newNodeId(name);
    }

    void variable(String name, NodeId type, DataValue value) {
      Object inner = value.getValue().getValue();
      UaVariableNode node =
          UaVariableNode.build(
              getNodeContext(),
              b ->
                  b.setNodeId(id(name))
                      .setBrowseName(newQualifiedName(name))
                      .setDisplayName(LocalizedText.english(name))
                      .setDataType(type)
                      .setValueRank(inner != null && inner.getClass().isArray() ? 1 : -1)
                      .setTypeDefinition(NodeIds.BaseDataVariableType)
                      .setAccessLevel(AccessLevel.READ_WRITE)
                      .setUserAccessLevel(AccessLevel.READ_WRITE)
                      .setValue(value)
                      .build());
      node.addReference(
          new Reference(
              node.getNodeId(),
              NodeIds.Organizes,
              NodeIds.ObjectsFolder.expanded(),
              Reference.Direction.INVERSE));
      getNodeManager().addNode(node);
    }

    void send(DataItem item) {
      List<DataValue> read =
          read(
              new ReadContext(server, item.getSession()),
              0.0,
              TimestampsToReturn.Both,
              List.of(item.getReadValueId()));
      item.setValue(read.getFirst());
    }

    @Override
    public RevisedDataItemParameters onCreateDataItem(
        org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId id,
        Double sampling,
        UInteger queue) {
      return new RevisedDataItemParameters(
          Math.max(setup.leastSampling, sampling),
          uint(Math.min(setup.mostQueue, queue.longValue())));
    }

    @Override
    public void onDataItemsCreated(List<DataItem> created) {
      items.addAll(created);
      created.forEach(this::send);
    }

    @Override
    public void onDataItemsModified(List<DataItem> modified) {}

    @Override
    public void onDataItemsDeleted(List<DataItem> deleted) {
      items.removeAll(deleted);
    }

    @Override
    public void onMonitoringModeChanged(List<MonitoredItem> changed) {}

    @Override
    public List<HistoryReadResult> historyRead(
        HistoryReadContext context,
        HistoryReadDetails details,
        TimestampsToReturn timestamps,
        List<HistoryReadValueId> ids) {
      return ids.stream().map(id -> page((ReadRawModifiedDetails) details, id)).toList();
    }

    private HistoryReadResult page(ReadRawModifiedDetails details, HistoryReadValueId id) {
      String name = String.valueOf(id.getNodeId().getIdentifier());
      List<DataValue> all = history.get(name);
      if (all == null) {
        return new HistoryReadResult(
            new StatusCode(StatusCodes.Bad_HistoryOperationUnsupported), null, null);
      }
      List<DataValue> within =
          all.stream()
              .filter(it ->
                  ticks(it) >= details.getStartTime().getUtcTime()
                      && ticks(it) < details.getEndTime().getUtcTime())
              .toList();
      int from = start(id.getContinuationPoint());
      int to = (int) Math.min(within.size(), from + details.getNumValuesPerNode().longValue());
      List<DataValue> part = from >= within.size() ? List.of() : within.subList(from, to);
      boolean more = to < within.size() || endless;
      return new HistoryReadResult(
          StatusCode.GOOD,
          more ? ByteString.of(Integer.toString(Math.max(from, to)).getBytes()) : null,
          ExtensionObject.encode(
              server.getStaticEncodingContext(), new HistoryData(part.toArray(DataValue[]::new))));
    }

    private static int start(@Nullable ByteString point) {
      return point == null || point.isNullOrEmpty()
          ? 0
          : Integer.parseInt(new String(point.bytesOrEmpty()));
    }

    private static long ticks(DataValue value) {
      DateTime time = value.getSourceTime();
      return time == null ? 0 : time.getUtcTime();
    }
  }

  static Object unsignedByte(int value) {
    return ubyte(value);
  }
}
