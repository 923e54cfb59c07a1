package kr.madang.plugins.opcua;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.batch.Quality;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;

/** Asks a server what the nodes of the config are, before anything is subscribed. */
final class Survey {
  private static final int ASKED = 2;
  private static final int HISTORY_READ = 4;

  private Survey() {}

  /** Finds the node of each target and how its values are to be read. */
  static void of(List<Target> targets, Server server) throws InterruptedException {
    List<Target> found = new ArrayList<>();
    List<ReadValueId> asked = new ArrayList<>();
    for (Target target : targets) {
      target.locate(server.namespaces());
      Optional<NodeId> id = target.id();
      if (id.isPresent()) {
        found.add(target);
        asked.add(Server.read(id.get(), Server.DATA_TYPE));
        asked.add(Server.read(id.get(), Server.ACCESS_LEVEL));
      }
    }
    List<DataValue> got = server.read(asked, "read the types of the nodes");
    Types types = new Types(server);
    for (int i = 0; i < found.size(); i++) {
      describe(found.get(i), got.get(ASKED * i), got.get(ASKED * i + 1), types);
    }
  }

  private static void describe(Target target, DataValue type, DataValue access, Types types)
      throws InterruptedException {
    boolean history =
        access.getValue().getValue() instanceof UByte level
            && (level.intValue() & HISTORY_READ) != 0;
    if (!(type.getValue().getValue() instanceof NodeId typeId)) {
      int status = Faults.code(type.getStatusCode());
      // A node that gives no type may still give values; one that is not there gives none.
      target.describe(0, null, Map.of(), history);
      target.problem(Quality.isBad(status) && gone(status) ? status : 0);
      return;
    }
    int builtIn = types.builtIn(typeId);
    Shape shape = null;
    NodeId leaf = typeId;
    if (target.path().isPresent()) {
      shape = types.shape(typeId).orElse(null);
      if (shape == null) {
        target.describe(builtIn, null, Map.of(), history);
        target.problem(Quality.BAD_TYPE_MISMATCH);
        return;
      }
      try {
        leaf = shape.at(target.path().get()).type();
      } catch (IllegalArgumentException e) {
        target.describe(builtIn, null, Map.of(), history);
        target.problem(Quality.BAD_CONFIGURATION_ERROR);
        return;
      }
    }
    target.describe(builtIn, shape, target.asText() ? types.names(leaf) : Map.of(), history);
  }

  private static boolean gone(int status) {
    int code = status & 0xFFFF_0000;
    return code == Quality.BAD_NODE_ID_UNKNOWN || code == 0x8033_0000; // Bad_NodeIdInvalid
  }

  /** What a person should know about a target, or empty. */
  static Optional<String> complaint(Target target) {
    if (target.id().isEmpty()) {
      return Optional.of(
          target.item().tag() + ": the server has no namespace of node " + target.item().node());
    }
    if (target.path().isPresent() && target.problem() != 0 && target.shape() == null) {
      return Optional.of(
          target.item().tag()
              + ": expected field "
              + target.item().field().orElse("")
              + " in a structure whose definition the server gives, got none");
    }
    return target.problem() == 0
        ? Optional.empty()
        : Optional.of(target.item().tag() + ": " + Faults.name(target.problem()));
  }
}
