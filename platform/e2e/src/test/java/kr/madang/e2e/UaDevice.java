package kr.madang.e2e;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.sdk.core.AccessLevel;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.EndpointConfig;
import org.eclipse.milo.opcua.sdk.server.ManagedNamespaceWithLifecycle;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.OpcUaServerConfig;
import org.eclipse.milo.opcua.sdk.server.OpcUaServerConfigLimits;
import org.eclipse.milo.opcua.sdk.server.identity.AnonymousIdentityValidator;
import org.eclipse.milo.opcua.sdk.server.items.DataItem;
import org.eclipse.milo.opcua.sdk.server.items.MonitoredItem;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.security.CertificateStore;
import org.eclipse.milo.opcua.stack.core.security.DefaultApplicationGroup;
import org.eclipse.milo.opcua.stack.core.security.DefaultCertificateManager;
import org.eclipse.milo.opcua.stack.core.security.MemoryCertificateQuarantine;
import org.eclipse.milo.opcua.stack.core.security.MemoryCertificateStore;
import org.eclipse.milo.opcua.stack.core.security.MemoryTrustListManager;
import org.eclipse.milo.opcua.stack.core.security.RsaSha256CertificateFactory;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.transport.TransportProfile;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateBuilder;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransport;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransportConfig;

/** An OPC UA server without security, of which the test says each sample. */
final class UaDevice implements AutoCloseable {
  static final String URI = "urn:plant";

  /** An instant to which OPC UA's ticks of 100 ns are counted. */
  private static final long EPOCH_TICKS = 116_444_736_000_000_000L;

  private final OpcUaServer server;
  private final Fields fields;
  private final int port = Ports.free();
  private final List<DataItem> items = new CopyOnWriteArrayList<>();

  /** Starts a server that has these variables, all of them Double. */
  UaDevice(String... names) throws Exception {
    server =
        new OpcUaServer(
            config(),
            _ -> new OpcTcpServerTransport(OpcTcpServerTransportConfig.newBuilder().build()));
    fields = new Fields();
    fields.startup();
    for (String name : names) {
      fields.add(name);
    }
    server.startup().get(30, TimeUnit.SECONDS);
  }

  private OpcUaServerConfig config() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    KeyPair keys = generator.generateKeyPair();
    X509Certificate certificate =
        new SelfSignedCertificateBuilder(keys)
            .setCommonName("Plant")
            .setApplicationUri("urn:plant:server")
            .addIpAddress("127.0.0.1")
            .build();
    MemoryCertificateStore store = new MemoryCertificateStore();
    store.set(
        NodeIds.RsaSha256ApplicationCertificateType,
        new CertificateStore.Entry(keys.getPrivate(), new X509Certificate[] {certificate}));
    DefaultApplicationGroup group =
        DefaultApplicationGroup.createAndInitialize(
            new MemoryTrustListManager(),
            store,
            new RsaSha256CertificateFactory() {
              @Override
              protected X509Certificate[] createRsaSha256CertificateChain(KeyPair any) {
                return new X509Certificate[] {certificate};
              }
            },
            (_, _, _) -> {});
    return OpcUaServerConfig.builder()
        .setApplicationUri("urn:plant:server")
        .setApplicationName(LocalizedText.english("Plant"))
        .setProductUri(URI)
        .setCertificateManager(
            new DefaultCertificateManager(new MemoryCertificateQuarantine(), group))
        .setIdentityValidator(AnonymousIdentityValidator.INSTANCE)
        .setLimits(
            new OpcUaServerConfigLimits() {
              @Override
              public Double getMinPublishingInterval() {
                return 10.0;
              }
            })
        .setEndpoints(
            Set.of(
                EndpointConfig.newBuilder()
                    .setBindAddress("127.0.0.1")
                    .setHostname("127.0.0.1")
                    .setBindPort(port)
                    .setPath("/plant")
                    .setCertificate(certificate)
                    .setTransportProfile(TransportProfile.TCP_UASC_UABINARY)
                    .addTokenPolicies(OpcUaServerConfig.USER_TOKEN_POLICY_ANONYMOUS)
                    .setSecurityPolicy(SecurityPolicy.None)
                    .build()))
        .build();
  }

  String endpoint() {
    return "opc.tcp://127.0.0.1:" + port + "/plant";
  }

  /** Whether somebody monitors a variable. */
  boolean monitored(String name) {
    return items.stream().anyMatch(item -> item.getReadValueId().getNodeId().equals(id(name)));
  }

  /**
   * One sample, for all who monitor the variable.
   *
   * @param status OPC UA, unsigned
   * @param nanos source time since 1970, a whole number of 100 ns
   */
  void set(String name, double value, long status, long nanos) {
    DateTime time = new DateTime(EPOCH_TICKS + nanos / 100);
    DataValue sample =
        new DataValue(new Variant(value), new StatusCode(status), time, DateTime.now());
    fields.node(name).setValue(sample);
    for (DataItem item : items) {
      if (item.getReadValueId().getNodeId().equals(id(name))) {
        item.setValue(sample);
      }
    }
  }

  private NodeId id(String name) {
    return fields.id(name);
  }

  @Override
  public void close() throws Exception {
    fields.shutdown();
    server.shutdown().get(30, TimeUnit.SECONDS);
  }

  private final class Fields extends ManagedNamespaceWithLifecycle {
    Fields() {
      super(server, URI);
    }

    NodeId id(String name) {
      return newNodeId(name);
    }

    UaVariableNode node(String name) {
      return (UaVariableNode) getNodeManager().getNode(id(name)).orElseThrow();
    }

    void add(String name) {
      UaVariableNode node =
          UaVariableNode.build(
              getNodeContext(),
              b ->
                  b.setNodeId(id(name))
                      .setBrowseName(newQualifiedName(name))
                      .setDisplayName(LocalizedText.english(name))
                      .setDataType(NodeIds.Double)
                      .setTypeDefinition(NodeIds.BaseDataVariableType)
                      .setAccessLevel(AccessLevel.READ_ONLY)
                      .setUserAccessLevel(AccessLevel.READ_ONLY)
                      .setValue(new DataValue(new StatusCode(0x80320000L)))
                      .build());
      node.addReference(
          new Reference(
              node.getNodeId(),
              NodeIds.Organizes,
              NodeIds.ObjectsFolder.expanded(),
              Reference.Direction.INVERSE));
      getNodeManager().addNode(node);
    }

    @Override
    public void onDataItemsCreated(List<DataItem> created) {
      items.addAll(created);
      for (DataItem item : created) {
        ReadValueId wanted = item.getReadValueId();
        getNodeManager()
            .getNode(wanted.getNodeId())
            .ifPresent(node -> item.setValue(((UaVariableNode) node).getValue()));
      }
    }

    @Override
    public void onDataItemsModified(List<DataItem> modified) {}

    @Override
    public void onDataItemsDeleted(List<DataItem> deleted) {
      items.removeAll(deleted);
    }

    @Override
    public void onMonitoringModeChanged(List<MonitoredItem> changed) {}
  }
}
