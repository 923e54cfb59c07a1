package kr.madang.plugins.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ulong;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.eclipse.milo.opcua.stack.core.UaSerializationException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.Range;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.WriteValue;
import org.jspecify.annotations.Nullable;

/** Writes a number to a node and reads it back. */
final class Commander {
  private Commander() {}

  static double write(Server server, Target target, double value) throws InterruptedException {
    String tag = target.item().tag();
    if (target.path().isPresent() || target.width() > 1) {
      throw refuse(tag, "a single value", "a part of a structure or a window of an array");
    }
    NodeId node =
        target
            .id()
            .orElseThrow(() ->
                new PluginException(
                    ErrorCode.NOT_FOUND, tag + ": the server has not the node's namespace"));
    checkRange(server, node, tag, value);
    Object converted = convert(target, value);
    @Nullable String range = target.item().range().orElse(null);
    WriteValue wanted =
        new WriteValue(
            node,
            uint(Server.VALUE),
            range,
            DataValue.valueOnly(new Variant(range == null ? converted : array(converted))));
    String what = "write " + tag;
    StatusCode status =
        Server.same(
            what,
            1,
            server
                .session()
                .call(
                    WriteResponse.class,
                    what,
                    header -> new WriteRequest(header, new WriteValue[] {wanted}))
                .getResults())[0];
    if (!status.isGood()) {
      throw new PluginException(
          ErrorCode.REFUSED,
          what + ": the server refused " + value + ": " + Faults.name(Faults.code(status)));
    }
    DataValue back =
        server.read(List.of(Server.read(node, Server.VALUE, range)), "read back " + tag).getFirst();
    return number(tag, back);
  }

  private static void checkRange(Server server, NodeId node, String tag, double value)
      throws InterruptedException {
    Optional<NodeId> property = Browser.property(server, node, "EURange");
    if (property.isEmpty()) {
      return;
    }
    Object got =
        server
            .read(List.of(Server.read(property.get(), Server.VALUE)), "read EURange of " + tag)
            .getFirst()
            .getValue()
            .getValue();
    try {
      if (got instanceof ExtensionObject object
          && object.decode(server.session().wire().encoding()) instanceof Range range
          && range.getLow() < range.getHigh()
          && !(value >= range.getLow() && value <= range.getHigh())) {
        throw refuse(
            tag,
            "a value from " + range.getLow() + " to " + range.getHigh(),
            String.valueOf(value));
      }
    } catch (UaSerializationException e) {
      throw new PluginException(
          ErrorCode.PROTOCOL, tag + ": EURange cannot be read: " + Faults.said(e), e);
    }
  }

  private static Object convert(Target target, double value) {
    String tag = target.item().tag();
    return switch (target.builtIn()) {
      case 1 -> {
        if (value != 0 && value != 1) {
          throw refuse(tag, "0 or 1", String.valueOf(value));
        }
        yield value == 1;
      }
      case 2 -> (byte) whole(tag, value, Byte.MIN_VALUE, Byte.MAX_VALUE);
      case 3 -> ubyte((int) whole(tag, value, 0, 0xFF));
      case 4 -> (short) whole(tag, value, Short.MIN_VALUE, Short.MAX_VALUE);
      case 5 -> ushort((int) whole(tag, value, 0, 0xFFFF));
      case 6 -> (int) whole(tag, value, Integer.MIN_VALUE, Integer.MAX_VALUE);
      case 7 -> uint(whole(tag, value, 0, 0xFFFF_FFFFL));
      case 8 -> whole(tag, value, -(1L << 53), 1L << 53);
      case 9 -> ulong(whole(tag, value, 0, 1L << 53));
      case 10 -> {
        if (Math.abs(value) > Float.MAX_VALUE || Double.isNaN(value)) {
          throw refuse(tag, "a number that fits into 32 bits", String.valueOf(value));
        }
        yield (float) value;
      }
      case 11 -> {
        if (!Double.isFinite(value)) {
          throw refuse(tag, "a number", String.valueOf(value));
        }
        yield value;
      }
      default ->
          throw refuse(tag, "a node that holds a number", "built-in type " + target.builtIn());
    };
  }

  private static Object array(Object one) {
    Object array = java.lang.reflect.Array.newInstance(one.getClass(), 1);
    java.lang.reflect.Array.set(array, 0, one);
    return array;
  }

  private static long whole(String tag, double value, long least, long most) {
    if (value != Math.rint(value) || value < least || value > most) {
      throw refuse(tag, "a whole number from " + least + " to " + most, String.valueOf(value));
    }
    return (long) value;
  }

  private static double number(String tag, DataValue back) {
    Object value = Objects.requireNonNullElse(back.getValue().getValue(), "nothing");
    if (value.getClass().isArray() && java.lang.reflect.Array.getLength(value) == 1) {
      value = java.lang.reflect.Array.get(value, 0);
    }
    if (Quality.isBad(Faults.code(back.getStatusCode()))) {
      throw new PluginException(
          ErrorCode.BAD_DATA,
          tag
              + ": was written, but reads back as "
              + Faults.name(Faults.code(back.getStatusCode())));
    }
    return switch (value) {
      case Boolean on -> on ? 1 : 0;
      case Number number -> number.doubleValue();
      default ->
          throw new PluginException(
              ErrorCode.BAD_DATA, tag + ": was written, but reads back as " + value);
    };
  }

  private static PluginException refuse(String tag, String expected, String got) {
    return new PluginException(
        new ErrorCode("COMMAND_INVALID", kr.madang.sdk.error.Blame.CONFIG, false),
        tag + ": expected " + expected + ", got " + got);
  }
}
