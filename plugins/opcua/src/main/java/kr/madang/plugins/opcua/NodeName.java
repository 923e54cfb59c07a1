package kr.madang.plugins.opcua;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;

/**
 * A node as a config names it.
 *
 * @param uri of the namespace; empty where the index is given
 * @param id the node id, whose index counts only where no URI is given
 */
record NodeName(Optional<String> uri, NodeId id) {

  static NodeName parse(String text) {
    String rest = text.strip();
    Optional<String> uri = Optional.empty();
    if (rest.startsWith("nsu=")) {
      int end = rest.lastIndexOf(";", Math.max(0, idAt(rest)));
      if (end < 5) {
        throw wrong(text);
      }
      uri = Optional.of(rest.substring(4, end));
      rest = rest.substring(end + 1);
    }
    Optional<NodeId> id = NodeId.parseSafe(rest);
    if (id.isEmpty() || id.get().isNull()) {
      throw wrong(text);
    }
    return new NodeName(uri, id.get());
  }

  private static int idAt(String text) {
    for (String kind : List.of(";s=", ";i=", ";g=", ";b=")) {
      int at = text.indexOf(kind);
      if (at > 0) {
        return at;
      }
    }
    return -1;
  }

  private static IllegalArgumentException wrong(String text) {
    return new IllegalArgumentException(
        "node: expected a node id such as ns=2;s=Pump1.Current, ns=2;i=1001 or"
            + " nsu=urn:example;s=Pump1.Current, got '"
            + text
            + "'");
  }

  /** The node id at a server with these namespaces; empty if it has not this one. */
  Optional<NodeId> in(String[] namespaces) {
    if (uri.isEmpty()) {
      return Optional.of(id);
    }
    int index = Arrays.asList(namespaces).indexOf(uri.get());
    return index < 0 ? Optional.empty() : Optional.of(at(index, id));
  }

  /** The name by URI of a node id, which a restart of the server does not change. */
  static String of(NodeId id, String[] namespaces) {
    int index = id.getNamespaceIndex().intValue();
    if (index == 0 || index >= namespaces.length || namespaces[index] == null) {
      return id.toParseableString();
    }
    String text = id.toParseableString();
    return "nsu=" + namespaces[index] + ";" + text.substring(text.indexOf(';') + 1);
  }

  private static NodeId at(int index, NodeId id) {
    return id.withNamespaceIndex(
        org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort(index));
  }
}
