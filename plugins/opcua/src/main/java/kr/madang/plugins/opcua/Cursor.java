package kr.madang.plugins.opcua;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * Reads OPC UA Binary (OPC 10000-6 §5.2) from an array without making an object for what is skipped
 * or is a number. What does not fit ends in a {@link PluginException} of kind {@code PROTOCOL}.
 */
final class Cursor {
  /** How deep values may lie within one another. */
  static final int DEEPEST = 16;

  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] bytes = new byte[0];
  private int at;

  /** Goes to the beginning of other bytes. */
  Cursor over(byte[] next) {
    bytes = next;
    at = 0;
    return this;
  }

  int position() {
    return at;
  }

  void position(int to) {
    at = to;
  }

  int remaining() {
    return bytes.length - at;
  }

  private int take(int count) {
    int from = at;
    if (count < 0 || count > bytes.length - from) {
      throw wrong(count + " bytes", (bytes.length - from) + " left");
    }
    at = from + count;
    return from;
  }

  static PluginException wrong(String expected, String got) {
    return new PluginException(
        ErrorCode.PROTOCOL, "notification cannot be read: expected " + expected + ", got " + got);
  }

  int u8() {
    return bytes[take(1)] & 0xFF;
  }

  short i16() {
    return (short) SHORT.get(bytes, take(2));
  }

  int i32() {
    return (int) INT.get(bytes, take(4));
  }

  long i64() {
    return (long) LONG.get(bytes, take(8));
  }

  float f32() {
    return Float.intBitsToFloat(i32());
  }

  double f64() {
    return Double.longBitsToDouble(i64());
  }

  /** The length of an array of which each element takes so many bytes at least; -1 is none. */
  int length(int atLeast) {
    int length = i32();
    if (length < 0) {
      return -1;
    }
    if ((long) length * atLeast > remaining()) {
      throw wrong("an array of at most " + remaining() + " bytes", length + " elements");
    }
    return length;
  }

  byte @Nullable [] blob() {
    int length = length(1);
    if (length < 0) {
      return null;
    }
    byte[] copy = new byte[length];
    System.arraycopy(bytes, take(length), copy, 0, length);
    return copy;
  }

  @Nullable String text() {
    int length = length(1);
    return length < 0 ? null : new String(bytes, take(length), length, StandardCharsets.UTF_8);
  }

  void skip(int count) {
    take(count);
  }

  void skipBlob() {
    int length = length(1);
    take(Math.max(0, length));
  }

  String guid() {
    long first = i32() & 0xFFFF_FFFFL;
    long second = i16() & 0xFFFFL;
    long third = i16() & 0xFFFFL;
    long last = Long.reverseBytes(i64());
    return new UUID(first << 32 | second << 16 | third, last).toString();
  }

  /** A node id as people write it; the flags of an expanded one are read as well. */
  String nodeId(boolean expanded) {
    int form = u8();
    String id =
        switch (form & 0x3F) {
          case 0 -> "i=" + u8();
          case 1 -> {
            int namespace = u8();
            yield namespaced(namespace) + "i=" + (i16() & 0xFFFF);
          }
          case 2 -> namespaced(i16() & 0xFFFF) + "i=" + (i32() & 0xFFFF_FFFFL);
          case 3 -> namespaced(i16() & 0xFFFF) + "s=" + text();
          case 4 -> namespaced(i16() & 0xFFFF) + "g=" + guid();
          case 5 -> {
            int namespace = i16() & 0xFFFF;
            byte[] opaque = blob();
            yield namespaced(namespace)
                + "b="
                + java.util.Base64.getEncoder()
                    .encodeToString(opaque == null ? new byte[0] : opaque);
          }
          default -> throw wrong("a form of node id from 0 to 5", String.valueOf(form & 0x3F));
        };
    if (expanded && (form & 0x80) != 0) {
      String uri = text();
      id = "nsu=" + uri + ";" + id.substring(id.indexOf(';') + 1);
    }
    if (expanded && (form & 0x40) != 0) {
      id = "svr=" + (i32() & 0xFFFF_FFFFL) + ";" + id;
    }
    return id;
  }

  private static String namespaced(int namespace) {
    return namespace == 0 ? "" : "ns=" + namespace + ";";
  }

  @Nullable String localizedText() {
    int mask = u8();
    if ((mask & 1) != 0) {
      skipBlob();
    }
    return (mask & 2) != 0 ? text() : null;
  }

  String qualifiedName() {
    int namespace = i16() & 0xFFFF;
    String name = text();
    return namespace == 0 ? String.valueOf(name) : namespace + ":" + name;
  }

  void skipDiagnosticInfo(int depth) {
    if (depth > DEEPEST) {
      throw wrong("at most " + DEEPEST + " levels", "more");
    }
    int mask = u8();
    skip(4 * (Integer.bitCount(mask & 0x0F)));
    if ((mask & 0x10) != 0) {
      skipBlob();
    }
    if ((mask & 0x20) != 0) {
      skip(4);
    }
    if ((mask & 0x40) != 0) {
      skipDiagnosticInfo(depth + 1);
    }
  }
}
