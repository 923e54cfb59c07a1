package kr.madang.plugins.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.eclipse.milo.opcua.stack.core.UaSerializationException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.enumerated.BrowseDirection;
import org.eclipse.milo.opcua.stack.core.types.enumerated.StructureType;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseResult;
import org.eclipse.milo.opcua.stack.core.types.structured.EnumDefinition;
import org.eclipse.milo.opcua.stack.core.types.structured.EnumField;
import org.eclipse.milo.opcua.stack.core.types.structured.EnumValueType;
import org.eclipse.milo.opcua.stack.core.types.structured.ReferenceDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.StructureDefinition;
import org.eclipse.milo.opcua.stack.core.types.structured.StructureField;
import org.eclipse.milo.opcua.stack.core.types.structured.ViewDescription;
import org.jspecify.annotations.Nullable;

/** The data types of a server, asked for once each in a session. */
final class Types {
  /** The built-in type of what may be anything. */
  static final int ANY = 24;

  /** The built-in type of a structure. */
  static final int STRUCTURE = 22;

  static final NodeId HAS_PROPERTY = new NodeId(0, 46);

  private static final NodeId HAS_SUBTYPE = new NodeId(0, 45);
  private static final int ENUMERATION = 29;
  private static final int INT32 = 6;
  private static final int MOST_FIELDS = 10_000;

  private final Server server;
  private final Map<NodeId, Integer> builtIn = new HashMap<>();
  private final Map<NodeId, Optional<Shape>> shapes = new HashMap<>();
  private final Map<NodeId, Map<Long, String>> names = new HashMap<>();

  Types(Server server) {
    this.server = server;
  }

  /** The number of the built-in type that values of a data type are written as. */
  int builtIn(NodeId type) throws InterruptedException {
    Integer known = builtIn.get(type);
    if (known == null) {
      known = find(type);
      builtIn.put(type, known);
    }
    return known;
  }

  private int find(NodeId type) throws InterruptedException {
    NodeId at = type;
    for (int depth = 0; depth < Cursor.DEEPEST; depth++) {
      if (at.getNamespaceIndex().intValue() == 0
          && at.getIdentifier() instanceof Number number
          && number.longValue() <= ENUMERATION) {
        int id = number.intValue();
        return id == ENUMERATION ? INT32 : id >= 1 && id <= 25 ? id : ANY;
      }
      Optional<NodeId> parent = superType(at);
      if (parent.isEmpty()) {
        return ANY;
      }
      at = parent.get();
    }
    return ANY;
  }

  private Optional<NodeId> superType(NodeId type) throws InterruptedException {
    BrowseDescription up =
        new BrowseDescription(type, BrowseDirection.Inverse, HAS_SUBTYPE, true, uint(0), uint(0));
    BrowseResult[] results =
        server
            .session()
            .call(
                BrowseResponse.class,
                "look for the data type " + type.toParseableString(),
                header ->
                    new BrowseRequest(
                        header,
                        new ViewDescription(NodeId.NULL_VALUE, null, uint(0)),
                        uint(1),
                        new BrowseDescription[] {up}))
            .getResults();
    ReferenceDescription[] found =
        Server.same("look for a data type", 1, results)[0].getReferences();
    if (found == null || found.length == 0) {
      return Optional.empty();
    }
    return local(found[0]);
  }

  private Optional<NodeId> local(ReferenceDescription reference) {
    return Browser.local(reference.getNodeId(), server.namespaces());
  }

  /** How values of a structure are laid out; empty if the server does not say. */
  Optional<Shape> shape(NodeId type) throws InterruptedException {
    return shape(type, 0);
  }

  private Optional<Shape> shape(NodeId type, int depth) throws InterruptedException {
    Optional<Shape> known = shapes.get(type);
    if (known != null) {
      return known;
    }
    if (depth > Cursor.DEEPEST
        || !(definition(type) instanceof StructureDefinition definition)
        || definition.getFields() == null
        || definition.getFields().length > MOST_FIELDS) {
      return Optional.empty();
    }
    List<Shape.Part> parts = new ArrayList<>();
    // A structure may hold itself: what lies deeper than a path goes stays unknown.
    shapes.put(type, Optional.empty());
    StructureType kind = definition.getStructureType();
    for (StructureField field : definition.getFields()) {
      NodeId of = field.getDataType();
      int base = builtIn(of);
      Optional<Shape> nested =
          base == STRUCTURE && !of.equals(new NodeId(0, STRUCTURE))
              ? shape(of, depth + 1)
              : Optional.empty();
      boolean optional = Boolean.TRUE.equals(field.getIsOptional());
      boolean subtyped =
          optional
              && kind != StructureType.StructureWithOptionalFields
              && kind != StructureType.Structure;
      parts.add(
          new Shape.Part(
              String.valueOf(field.getName()),
              subtyped ? STRUCTURE : base,
              subtyped ? Optional.empty() : nested,
              field.getValueRank() == null ? -1 : field.getValueRank(),
              optional && !subtyped,
              of));
    }
    Optional<Shape> made =
        Optional.of(
            new Shape(
                definition.getDefaultEncodingId() == null
                    ? ""
                    : definition.getDefaultEncodingId().toParseableString(),
                kind == StructureType.Union || kind == StructureType.UnionWithSubtypedValues,
                kind == StructureType.StructureWithOptionalFields,
                List.copyOf(parts)));
    shapes.put(type, made);
    return made;
  }

  /** The names of an enumeration's numbers; empty if the server does not say. */
  Map<Long, String> names(NodeId type) throws InterruptedException {
    Map<Long, String> known = names.get(type);
    if (known == null) {
      known = readNames(type);
      names.put(type, known);
    }
    return known;
  }

  private Map<Long, String> readNames(NodeId type) throws InterruptedException {
    Map<Long, String> found = new HashMap<>();
    if (definition(type) instanceof EnumDefinition definition && definition.getFields() != null) {
      for (EnumField field : definition.getFields()) {
        found.put(field.getValue(), text(field.getDisplayName(), field.getName()));
      }
      return found;
    }
    for (String property : List.of("EnumStrings", "EnumValues")) {
      Optional<NodeId> node = Browser.property(server, type, property);
      if (node.isPresent()) {
        Object value =
            server
                .read(List.of(Server.read(node.get(), Server.VALUE)), "read " + property)
                .getFirst()
                .getValue()
                .getValue();
        collect(value, found);
      }
    }
    return found;
  }

  private void collect(@Nullable Object value, Map<Long, String> into) {
    if (value instanceof LocalizedText[] texts) {
      for (int i = 0; i < texts.length; i++) {
        into.put((long) i, text(texts[i], null));
      }
    } else if (value instanceof ExtensionObject[] objects) {
      for (ExtensionObject each : objects) {
        if (decode(each) instanceof EnumValueType entry) {
          into.put(entry.getValue(), text(entry.getDisplayName(), null));
        }
      }
    }
  }

  private static String text(@Nullable LocalizedText text, @Nullable String otherwise) {
    String shown = otherwise != null && !otherwise.isEmpty() ? otherwise : null;
    return shown != null ? shown : text == null ? "" : String.valueOf(text.getText());
  }

  private @Nullable Object definition(NodeId type) throws InterruptedException {
    DataValue value =
        server
            .read(
                List.of(Server.read(type, Server.DEFINITION)),
                "read the definition of data type " + type.toParseableString())
            .getFirst();
    return value.getValue().getValue() instanceof ExtensionObject object ? decode(object) : null;
  }

  private @Nullable Object decode(@Nullable ExtensionObject object) {
    try {
      return object == null ? null : object.decode(server.session().wire().encoding());
    } catch (UaSerializationException e) {
      return null;
    }
  }
}
