package kr.madang.plugins.opcua;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import kr.madang.sdk.Verification;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.jspecify.annotations.Nullable;

/** One walk to a server, step by step, that names what is wrong with it or with the config. */
final class Check implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int NAMED = 20;

  private final OpcUaConfig config;
  private final Duration timeout;
  private final List<Target> targets;
  private List<EndpointDescription> offered = List.of();
  private @Nullable EndpointDescription chosen;
  private @Nullable Access access;
  private @Nullable Wire wire;
  private @Nullable Server server;
  private List<String> revised = List.of();

  Check(OpcUaConfig config) {
    this.config = config;
    this.timeout = config.timeout().orElse(TIMEOUT);
    this.targets = Feed.targets(config);
  }

  void run(Verification verification) {
    verification.step("reach " + config.endpoint(), () -> offered = Endpoints.of(config, timeout));
    verification.step("agree on security and login", this::agree);
    String how = chosen == null ? "" : " (" + Endpoints.describe(chosen) + ")";
    verification.step(
        "trust the server's certificate" + how,
        () ->
            access =
                Access.checked(config, offered, there(chosen), timeout, InstantSource.system()));
    verification.step("connect and sign in", this::connect);
    verification.step("find " + config.tags().size() + " nodes", this::find);
    verification.step("read each node once", this::read);
    verification.step("subscribe", this::subscribe);
    revised.forEach(line -> verification.step(line, () -> {}));
  }

  private static <T> T there(@Nullable T thing) {
    return Objects.requireNonNull(thing, "an earlier step did not run");
  }

  private void agree() {
    chosen = Endpoints.choose(offered, config);
    Login.of(config, chosen);
  }

  private void connect() throws InterruptedException {
    wire = there(access).connect();
    server = Server.of(there(access).open(there(wire), "verify"));
  }

  private void find() throws InterruptedException {
    Survey.of(targets, there(server));
    List<String> complaints = new ArrayList<>();
    targets.forEach(it -> Survey.complaint(it).ifPresent(complaints::add));
    complain(complaints);
  }

  private void read() throws InterruptedException {
    List<DataValue> values =
        there(server)
            .read(
                targets.stream()
                    .map(it ->
                        Server.read(
                            there(it.id().orElse(null)),
                            Server.VALUE,
                            it.item().range().orElse(null)))
                    .toList(),
                "read each node");
    List<String> complaints = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      complaint(targets.get(i), values.get(i)).ifPresent(complaints::add);
    }
    complain(complaints);
  }

  private static Optional<String> complaint(Target target, DataValue value) {
    int status = Faults.code(value.getStatusCode());
    String tag = target.item().tag();
    if (Quality.isBad(status) && refused(status)) {
      return Optional.of(tag + ": " + Faults.name(status));
    }
    Object got = value.getValue().getValue();
    boolean bytes = target.builtIn() == 3;
    if (got != null && got.getClass().isArray() && target.range().isEmpty() && !bytes) {
      return Optional.of(
          tag
              + ": expected a single value, got an array of "
              + java.lang.reflect.Array.getLength(got)
              + "; name an element or a window in range");
    }
    if (got instanceof ExtensionObject && target.path().isEmpty()) {
      return Optional.of(
          tag + ": expected a single value, got a structure; name one of its fields in field");
    }
    return Optional.empty();
  }

  /** Whether it is the config that is wrong, not the device that is off at the moment. */
  private static boolean refused(int status) {
    return switch (status & 0xFFFF_0000) {
      // NodeIdInvalid, AttributeIdInvalid, IndexRangeInvalid, IndexRangeNoData, NotReadable,
      // UserAccessDenied
      case Quality.BAD_NODE_ID_UNKNOWN,
          0x8033_0000,
          0x8035_0000,
          0x8036_0000,
          0x8037_0000,
          0x803A_0000,
          0x801F_0000 ->
          true;
      default -> false;
    };
  }

  private void subscribe() throws InterruptedException {
    Revisions revisions = new Revisions();
    Subscriber subscriber = new Subscriber(config, revisions);
    List<String> complaints = new ArrayList<>();
    for (Subscription made : subscriber.subscribe(there(server), targets)) {
      made.refused().forEach(it -> Survey.complaint(it).ifPresent(complaints::add));
      Subscriber.delete(there(server), made.id());
    }
    revised = revisions.take();
    complain(complaints);
  }

  private static void complain(List<String> complaints) {
    if (!complaints.isEmpty()) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          String.join("\n", complaints.subList(0, Math.min(NAMED, complaints.size())))
              + (complaints.size() > NAMED
                  ? "\nand " + (complaints.size() - NAMED) + " more"
                  : ""));
    }
  }

  @Override
  public void close() throws InterruptedException {
    try {
      if (server != null) {
        server.session().close();
      }
    } finally {
      if (wire != null) {
        wire.close();
      }
    }
  }
}
