package kr.madang.plugins.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Tag;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UShort;
import org.eclipse.milo.opcua.stack.core.types.enumerated.BrowseDirection;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseNextRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseNextResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowsePath;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowsePathResult;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseResult;
import org.eclipse.milo.opcua.stack.core.types.structured.ReferenceDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.RelativePath;
import org.eclipse.milo.opcua.stack.core.types.structured.RelativePathElement;
import org.eclipse.milo.opcua.stack.core.types.structured.TranslateBrowsePathsToNodeIdsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.TranslateBrowsePathsToNodeIdsResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ViewDescription;
import org.jspecify.annotations.Nullable;

/**
 * Lists what lies under a node, page by page. A server's continuation point is kept between two
 * pages that follow one another and released when the next question is another one. Calls come one
 * at a time.
 */
final class Browser {
  private static final NodeId OBJECTS = new NodeId(0, 85);
  private static final NodeId HIERARCHICAL = new NodeId(0, 33);
  private static final int OBJECTS_AND_VARIABLES = 1 | 2;
  private static final int ALL_FIELDS = 0x3F;
  private static final int MOST = 10_000;
  // A server that gives continuation points without end must not be followed without end.
  private static final int MOST_SEEN = 1_000_000;

  private @Nullable Open open;

  /** A list at the server that has been read up to a name. */
  private record Open(Session session, String place, String after, ByteString point) {}

  /** One page; see {@link kr.madang.sdk.source.Browsable}. */
  List<Tag> page(Server server, String place, String after, int atMost)
      throws InterruptedException {
    int wanted = Math.clamp(atMost, 1, MOST);
    Open known = open;
    open = null;
    List<Tag> page = new ArrayList<>();
    ByteString point = null;
    boolean skipping = !after.isEmpty();
    try {
      BrowseResult result;
      if (known != null
          && known.session() == server.session()
          && known.place().equals(place)
          && known.after().equals(after)) {
        skipping = false;
        result = next(server, known.point(), false);
      } else {
        if (known != null && known.session() == server.session()) {
          next(server, known.point(), true);
        }
        result = first(server, node(server, place), wanted);
      }
      long seen = 0;
      while (true) {
        point = result.getContinuationPoint();
        ReferenceDescription[] found = result.getReferences();
        // More than asked for is not read twice: the page may be longer than wanted.
        for (ReferenceDescription each : found == null ? new ReferenceDescription[0] : found) {
          seen++;
          Optional<Tag> entry = entry(server, each);
          if (entry.isEmpty()) {
            continue;
          }
          if (!skipping) {
            page.add(entry.get());
          } else if (entry.get().name().equals(after)) {
            skipping = false;
          }
        }
        if (point == null || point.isNullOrEmpty()) {
          return page;
        }
        if (page.size() >= wanted) {
          open = new Open(server.session(), place, page.getLast().name(), point);
          point = null;
          return page;
        }
        if (seen > MOST_SEEN || found == null || found.length == 0) {
          throw new PluginException(
              ErrorCode.PROTOCOL,
              "browse " + place + ": the server goes on without end; got " + seen + " entries");
        }
        result = next(server, point, false);
      }
    } finally {
      if (point != null && !point.isNullOrEmpty() && server.session().wire().alive()) {
        release(server, point);
      }
    }
  }

  private static void release(Server server, ByteString point) throws InterruptedException {
    // An operator who stops waiting interrupts: the server must get its memory back all the same.
    boolean interrupted = Thread.interrupted();
    try {
      next(server, point, true);
    } catch (PluginException e) {
      // The server forgets it with the session.
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static NodeId node(Server server, String place) {
    if (place.isEmpty()) {
      return OBJECTS;
    }
    try {
      return NodeName.parse(place)
          .in(server.namespaces())
          .orElseThrow(() -> new IllegalArgumentException("the server has not its namespace"));
    } catch (IllegalArgumentException e) {
      throw new PluginException(
          ErrorCode.NOT_FOUND, "browse: there is no place '" + place + "': " + e.getMessage(), e);
    }
  }

  private static BrowseResult first(Server server, NodeId node, int wanted)
      throws InterruptedException {
    String what = "browse " + node.toParseableString();
    BrowseDescription down =
        new BrowseDescription(
            node,
            BrowseDirection.Forward,
            HIERARCHICAL,
            true,
            uint(OBJECTS_AND_VARIABLES),
            uint(ALL_FIELDS));
    return checked(
        what,
        server
            .session()
            .call(
                BrowseResponse.class,
                what,
                header ->
                    new BrowseRequest(
                        header,
                        new ViewDescription(NodeId.NULL_VALUE, null, uint(0)),
                        uint(wanted),
                        new BrowseDescription[] {down}))
            .getResults());
  }

  private static BrowseResult next(Server server, ByteString point, boolean release)
      throws InterruptedException {
    String what = release ? "end browsing" : "browse on";
    BrowseResult[] results =
        server
            .session()
            .call(
                BrowseNextResponse.class,
                what,
                header -> new BrowseNextRequest(header, release, new ByteString[] {point}))
            .getResults();
    return release
        ? new BrowseResult(
            org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode.GOOD, null, null)
        : checked(what, results);
  }

  private static BrowseResult checked(String what, BrowseResult @Nullable [] results) {
    BrowseResult result = Server.same(what, 1, results)[0];
    if (result.getStatusCode().isBad()) {
      throw new PluginException(
          ErrorCode.NOT_FOUND, what + ": " + Faults.name(Faults.code(result.getStatusCode())));
    }
    return result;
  }

  private static Optional<Tag> entry(Server server, @Nullable ReferenceDescription reference) {
    if (reference == null || reference.getNodeId() == null) {
      return Optional.empty();
    }
    Optional<NodeId> id = local(reference.getNodeId(), server.namespaces());
    LocalizedText shown = reference.getDisplayName();
    String text = shown == null ? "" : String.valueOf(shown.getText());
    try {
      return id.map(it ->
          new Tag(
              NodeName.of(it, server.namespaces()),
              "",
              text.strip() + " (" + reference.getNodeClass() + ")"));
    } catch (IllegalArgumentException e) {
      return Optional.empty(); // An id that no config could name either.
    }
  }

  static Optional<NodeId> local(ExpandedNodeId id, String[] namespaces) {
    if (!id.isLocal()) {
      return Optional.empty();
    }
    String uri = id.getNamespaceUri();
    int index =
        uri == null
            ? id.getNamespaceIndex() == null ? 0 : id.getNamespaceIndex().intValue()
            : java.util.Arrays.asList(namespaces).indexOf(uri);
    if (index < 0 || index > UShort.MAX_VALUE) {
      return Optional.empty();
    }
    UShort at = org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort(index);
    return switch (id.getIdentifier()) {
      case org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger number ->
          Optional.of(new NodeId(at, number));
      case String text -> Optional.of(new NodeId(at, text));
      case java.util.UUID guid -> Optional.of(new NodeId(at, guid));
      case ByteString opaque -> Optional.of(new NodeId(at, opaque));
      default -> Optional.empty();
    };
  }

  /** The node of a property that the standard names, if the server has it. */
  static Optional<NodeId> property(Server server, NodeId of, String name)
      throws InterruptedException {
    RelativePathElement element =
        new RelativePathElement(Types.HAS_PROPERTY, false, true, new QualifiedName(0, name));
    BrowsePath path = new BrowsePath(of, new RelativePath(new RelativePathElement[] {element}));
    String what = "look for " + name + " of " + of.toParseableString();
    BrowsePathResult result =
        Server.same(
            what,
            1,
            server
                .session()
                .call(
                    TranslateBrowsePathsToNodeIdsResponse.class,
                    what,
                    header ->
                        new TranslateBrowsePathsToNodeIdsRequest(header, new BrowsePath[] {path}))
                .getResults())[0];
    return result.getTargets() == null || result.getTargets().length == 0
        ? Optional.empty()
        : local(result.getTargets()[0].getTargetId(), server.namespaces());
  }
}
