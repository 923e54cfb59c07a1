package kr.madang.plugins.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.jspecify.annotations.Nullable;

/**
 * What a server has said of itself in a session.
 *
 * @param namespaces URIs by index
 * @param limits how much one request may ask
 */
record Server(Session session, String[] namespaces, Limits limits) {
  static final int VALUE = 13;
  static final int DATA_TYPE = 14;
  static final int VALUE_RANK = 15;
  static final int ACCESS_LEVEL = 17;
  static final int DEFINITION = 23;

  private static final NodeId NAMESPACE_ARRAY = new NodeId(0, 2255);
  private static final int MOST_NAMESPACES = 10_000;

  /**
   * How much one request may ask; what a server does not limit is limited here.
   *
   * @param read nodes of one Read
   * @param monitor items of one CreateMonitoredItems
   * @param history nodes of one HistoryRead
   * @param browse nodes of one Browse or TranslateBrowsePaths
   */
  record Limits(int read, int monitor, int history, int browse) {
    static final Limits OURS = new Limits(1_000, 1_000, 20, 100);

    private static final int[] NODES = {11_705, 11_714, 12_165, 11_710};
  }

  /** Asks for namespaces and limits. */
  static Server of(Session session) throws InterruptedException {
    List<ReadValueId> asked = new ArrayList<>();
    asked.add(read(NAMESPACE_ARRAY, VALUE));
    for (int node : Limits.NODES) {
      asked.add(read(new NodeId(0, node), VALUE));
    }
    DataValue[] got = ask(session, asked, "read the namespaces");
    return new Server(
        session,
        namespaces(got[0]),
        new Limits(
            least(got[1], Limits.OURS.read()),
            least(got[2], Limits.OURS.monitor()),
            least(got[3], Limits.OURS.history()),
            least(got[4], Limits.OURS.browse())));
  }

  private static String[] namespaces(DataValue value) {
    if (value.getValue().getValue() instanceof String[] uris
        && uris.length > 0
        && uris.length <= MOST_NAMESPACES) {
      return uris;
    }
    throw new PluginException(
        ErrorCode.PROTOCOL,
        "expected the server's namespaces as an array of texts, got "
            + Faults.name(Faults.code(value.getStatusCode())));
  }

  private static int least(DataValue value, int ours) {
    return value.getValue().getValue() instanceof UInteger limit && limit.longValue() > 0
        ? (int) Math.min(limit.longValue(), ours)
        : ours;
  }

  static ReadValueId read(NodeId node, int attribute) {
    return read(node, attribute, null);
  }

  static ReadValueId read(NodeId node, int attribute, @Nullable String range) {
    return new ReadValueId(node, uint(attribute), range, QualifiedName.NULL_VALUE);
  }

  /** Reads any number of attributes, in as few requests as the server allows. */
  List<DataValue> read(List<ReadValueId> all, String what) throws InterruptedException {
    List<DataValue> values = new ArrayList<>(all.size());
    for (int from = 0; from < all.size(); from += limits.read()) {
      List<ReadValueId> part = all.subList(from, Math.min(all.size(), from + limits.read()));
      values.addAll(List.of(ask(session, part, what)));
    }
    return values;
  }

  private static DataValue[] ask(Session session, List<ReadValueId> part, String what)
      throws InterruptedException {
    ReadValueId[] asked = part.toArray(ReadValueId[]::new);
    DataValue[] got =
        session
            .call(
                ReadResponse.class,
                what,
                header -> new ReadRequest(header, 0.0, TimestampsToReturn.Both, asked))
            .getResults();
    return same(what, asked.length, got);
  }

  /** An answer must hold one result for each thing asked. */
  static <T> T[] same(String what, int expected, T @Nullable [] got) {
    if (got == null || got.length != expected) {
      throw new PluginException(
          ErrorCode.PROTOCOL,
          what
              + ": expected "
              + expected
              + " results, got "
              + (got == null ? "none" : String.valueOf(got.length)));
    }
    return got;
  }
}
