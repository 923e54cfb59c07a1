package kr.madang.gateway.grpc;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import kr.madang.gateway.oip.Datatype;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;

/**
 * {@code InferTensorContents} of one input: counted first, so that only what has come takes memory,
 * then written where the tensor lies.
 */
final class Contents {
  private final String input;
  private final Datatype type;
  private final int expected;
  private long bytes;
  private ByteBuffer to = ByteBuffer.allocate(0);
  private int at;

  Contents(String input, Datatype type) {
    this.input = input;
    this.type = type;
    this.expected = field(type);
  }

  /** The field that carries a type; 0 for those that go raw only. */
  static int field(Datatype type) {
    return switch (type) {
      case BOOL -> 1;
      case INT8, INT16, INT32 -> 2;
      case INT64 -> 3;
      case UINT8, UINT16, UINT32 -> 4;
      case UINT64 -> 5;
      case FP32 -> 6;
      case FP64 -> 7;
      case BYTES -> 8;
      case FP16, BF16 -> 0;
    };
  }

  long bytes() {
    return bytes;
  }

  void into(ByteBuffer data) {
    to = type == Datatype.BYTES ? data.order(ByteOrder.LITTLE_ENDIAN) : data;
  }

  private void expect(int number) {
    if (number < 1 || number > 8) {
      return;
    }
    if (expected == 0) {
      throw new Refusal(
          Status.INVALID,
          "input '%s': %s goes in raw_input_contents only".formatted(input, type.name()));
    }
    if (number != expected) {
      throw new Refusal(
          Status.INVALID,
          "input '%s': expected its %s in field %d of contents, got field %d"
              .formatted(input, type.name(), expected, number));
    }
  }

  /** Counts what a field holds. */
  boolean count(int number, CodedInputStream in) throws IOException {
    expect(number);
    if (number != expected) {
      return false;
    }
    if (type == Datatype.BYTES) {
      int length = in.readRawVarint32();
      in.skipRawBytes(length);
      bytes += 4L + length;
      return true;
    }
    each(in, () -> bytes += type.size());
    return true;
  }

  /** Writes what a field holds. */
  boolean fill(int number, CodedInputStream in) throws IOException {
    if (number != expected) {
      return false;
    }
    if (type == Datatype.BYTES) {
      byte[] text = in.readByteArray();
      to.putInt(at, text.length).put(at + 4, text);
      at += 4 + text.length;
      return true;
    }
    each(in, () -> {});
    return true;
  }

  private void each(CodedInputStream in, Runnable then) throws IOException {
    if ((in.getLastTag() & 7) != 2) {
      one(in);
      then.run();
      return;
    }
    int limit = in.pushLimit(in.readRawVarint32());
    while (!in.isAtEnd()) {
      one(in);
      then.run();
    }
    in.popLimit(limit);
  }

  /** Reads an element, and writes it once there is room for it. */
  private void one(CodedInputStream in) throws IOException {
    boolean write = to.capacity() > 0;
    switch (type) {
      case FP32 -> {
        int bits = in.readRawLittleEndian32();
        if (write) {
          to.putInt(at, bits);
        }
      }
      case FP64 -> {
        long bits = in.readRawLittleEndian64();
        if (write) {
          to.putLong(at, bits);
        }
      }
      default -> {
        long value = in.readRawVarint64();
        if (write) {
          whole(value);
        }
      }
    }
    if (write) {
      at += type.size();
    }
  }

  private void whole(long value) {
    switch (type) {
      case BOOL -> to.put(at, (byte) (value == 0 ? 0 : 1));
      case INT64, UINT64 -> to.putLong(at, value);
      case INT32 -> to.putInt(at, (int) inside((int) value, Integer.MIN_VALUE, Integer.MAX_VALUE));
      case UINT32 -> to.putInt(at, (int) value);
      case INT16 -> to.putShort(at, (short) inside((int) value, Short.MIN_VALUE, Short.MAX_VALUE));
      case UINT16 -> to.putShort(at, (short) inside(value & 0xFFFF_FFFFL, 0, 0xFFFF));
      case INT8 -> to.put(at, (byte) inside((int) value, Byte.MIN_VALUE, Byte.MAX_VALUE));
      default -> to.put(at, (byte) inside(value & 0xFFFF_FFFFL, 0, 0xFF));
    }
  }

  private long inside(long value, long least, long most) {
    if (value < least || value > most) {
      throw new Refusal(
          Status.INVALID, "input '%s': expected %s, got %d".formatted(input, type.name(), value));
    }
    return value;
  }
}
