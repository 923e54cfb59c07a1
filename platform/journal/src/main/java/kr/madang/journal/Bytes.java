package kr.madang.journal;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/** Writes the payloads of the journal's own records, and reads what may be hostile. */
final class Bytes {
  private ByteBuffer buffer = Layout.buffer(256);

  Bytes int8(int value) {
    room(1).put((byte) value);
    return this;
  }

  Bytes int32(int value) {
    room(4).putInt(value);
    return this;
  }

  Bytes int64(long value) {
    room(8).putLong(value);
    return this;
  }

  Bytes text(String value) {
    return bytes(value.getBytes(StandardCharsets.UTF_8));
  }

  Bytes bytes(byte[] value) {
    int32(value.length);
    room(value.length).put(value);
    return this;
  }

  byte[] take() {
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  private ByteBuffer room(int bytes) {
    if (buffer.remaining() < bytes) {
      int more = Math.max(buffer.capacity() * 2, buffer.position() + bytes);
      buffer =
          ByteBuffer.wrap(Arrays.copyOf(buffer.array(), more))
              .order(ByteOrder.LITTLE_ENDIAN)
              .position(buffer.position());
    }
    return buffer;
  }

  static ByteBuffer of(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Reads bytes with their length; never more than there are. */
  static byte[] bytes(ByteBuffer from) {
    int length = from.getInt();
    if (length < 0 || length > from.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    from.get(bytes);
    return bytes;
  }

  static String text(ByteBuffer from) {
    return new String(bytes(from), StandardCharsets.UTF_8);
  }

  /** Reads a number of things of which each takes some bytes; never more than there can be. */
  static int count(ByteBuffer from, int bytesOfOne) {
    int count = from.getInt();
    if (count < 0 || count > from.remaining() / bytesOfOne) {
      throw new BufferUnderflowException();
    }
    return count;
  }

  static void put(ByteBuffer to, UUID id) {
    to.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
  }

  static UUID uuid(ByteBuffer from) {
    return new UUID(from.getLong(), from.getLong());
  }
}
