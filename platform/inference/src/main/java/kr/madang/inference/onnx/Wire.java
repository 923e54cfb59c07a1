package kr.madang.inference.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Walks over the protobuf fields of a file without taking it into memory. Every length is checked
 * against the message around it. One thread.
 */
final class Wire implements AutoCloseable {
  static final int VARINT = 0;
  static final int BITS64 = 1;
  static final int BYTES = 2;
  static final int BITS32 = 5;

  private static final int MOST_FIELD = (1 << 29) - 1;

  private final FileChannel channel;
  private final long size;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(1 << 15).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  private long position;
  private long fieldAt;
  private int kind;

  Wire(Path file) throws IOException {
    channel = FileChannel.open(file, StandardOpenOption.READ);
    size = channel.size();
  }

  long size() {
    return size;
  }

  long position() {
    return position;
  }

  /** Where the tag of the current field starts. */
  long fieldAt() {
    return fieldAt;
  }

  /** How the current field is written. */
  int kind() {
    return kind;
  }

  /** The number of the next field of a message; 0 at its end. */
  int next(long end) throws IOException {
    if (position >= end) {
      return 0;
    }
    fieldAt = position;
    long tag = varint(end);
    long field = tag >>> 3;
    kind = (int) (tag & 7);
    if (field == 0
        || field > MOST_FIELD
        || kind != VARINT && kind != BITS64 && kind != BYTES && kind != BITS32) {
      throw damaged(fieldAt, "a field of a message", "tag " + tag);
    }
    return (int) field;
  }

  /** The current field as a number. */
  long number(long end) throws IOException {
    expect(VARINT, "a number");
    return varint(end);
  }

  /** The current field as a message or bytes: where it ends; they start at {@link #position}. */
  long message(long end) throws IOException {
    expect(BYTES, "bytes");
    long length = varint(end);
    if (length < 0 || length > end - position) {
      throw damaged(
          fieldAt,
          "a field within its message",
          length + " bytes where " + (end - position) + " are left");
    }
    return position + length;
  }

  /** The current field as a short text. */
  String text(long end, int most, String what) throws IOException {
    long textEnd = message(end);
    long length = textEnd - position;
    if (length > most) {
      throw new OnnxFault(what, "at most " + most + " bytes", length + " bytes");
    }
    byte[] bytes = new byte[(int) length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = single(textEnd);
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new OnnxFault(what, "UTF-8", "other bytes at byte " + (position - length));
    }
  }

  /** The bytes up to a place as a text, with signs of replacement where they are none. */
  String shown(long textEnd) throws IOException {
    byte[] bytes = new byte[(int) (textEnd - position)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = single(textEnd);
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** The current field as a 32-bit floating point number. */
  float real(long end) throws IOException {
    expect(BITS32, "a 32-bit number");
    int bits = 0;
    for (int shift = 0; shift < 32; shift += 8) {
      bits |= (single(end) & 0xff) << shift;
    }
    return Float.intBitsToFloat(bits);
  }

  /** A little-endian integer of some bytes at the position. */
  long fixed(int bytes, long end) throws IOException {
    long bits = 0;
    for (int i = 0; i < bytes; i++) {
      bits |= (single(end) & 0xffL) << (8 * i);
    }
    return bits;
  }

  long varint(long end) throws IOException {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte next = single(end);
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw damaged(position - 10, "a number of at most 10 bytes", "one that does not end");
  }

  /** Goes over the current field. */
  void skip(long end) throws IOException {
    switch (kind) {
      case VARINT -> varint(end);
      case BITS64 -> to(within(8, end));
      case BITS32 -> to(within(4, end));
      default -> to(message(end));
    }
  }

  /** Goes to a place. */
  void to(long place) {
    long ahead = place - position;
    position = place;
    if (ahead >= 0 && ahead <= buffer.remaining()) {
      buffer.position(buffer.position() + (int) ahead);
    } else {
      buffer.limit(0);
    }
  }

  private long within(long bytes, long end) throws OnnxFault {
    if (bytes > end - position) {
      throw damaged(fieldAt, bytes + " bytes", "the end of the message");
    }
    return position + bytes;
  }

  private void expect(int wanted, String what) throws OnnxFault {
    if (kind != wanted) {
      throw damaged(fieldAt, what, "a field of wire type " + kind);
    }
  }

  private byte single(long end) throws IOException {
    if (position >= end) {
      throw damaged(position, "more bytes", "the end of the " + (end == size ? "file" : "message"));
    }
    if (!buffer.hasRemaining()) {
      buffer.clear();
      int got = channel.read(buffer, position);
      buffer.flip();
      if (got <= 0) {
        throw damaged(position, "more bytes", "the end of the file");
      }
    }
    position++;
    return buffer.get();
  }

  private static OnnxFault damaged(long at, String expected, String got) {
    return new OnnxFault("byte " + at, expected, got);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
