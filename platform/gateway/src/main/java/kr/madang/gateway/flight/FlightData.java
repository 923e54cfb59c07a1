package kr.madang.gateway.flight;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import kr.madang.gateway.arrow.IpcMessage;
import kr.madang.gateway.grpc.Wire;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;
import org.jspecify.annotations.Nullable;

/**
 * {@code FlightData}: a message of a stream, whose parts stay where they lie.
 *
 * @param path of the descriptor; null if there is no descriptor
 */
record FlightData(byte[] bytes, @Nullable List<String> path, Part head, Part metadata, Part body) {
  private static final int DESCRIPTOR = 1;
  private static final int HEAD = 2;
  private static final int METADATA = 3;
  private static final int BODY = 1000;

  /** A part of the bytes. */
  record Part(int from, int length) {
    static final Part NONE = new Part(0, 0);
  }

  /** Writes bytes into others. */
  @FunctionalInterface
  interface Body {
    void to(byte[] bytes, int from);
  }

  static FlightData read(byte[] bytes) {
    Part[] parts = {Part.NONE, Part.NONE, Part.NONE};
    List<List<String>> path = new ArrayList<>(1);
    Wire.read(
        bytes,
        0,
        bytes.length,
        (field, in) -> {
          switch (field) {
            case DESCRIPTOR -> {
              if (!path.isEmpty()) {
                // each takes two bytes here and many more when it is read
                throw new Refusal(
                    Status.INVALID, "a message: expected at most one descriptor, got several");
              }
              path.add(Descriptor.path(in));
            }
            case HEAD -> parts[0] = part(in);
            case METADATA -> parts[1] = part(in);
            case BODY -> parts[2] = part(in);
            default -> {
              return false;
            }
          }
          return true;
        });
    return new FlightData(
        bytes, path.isEmpty() ? null : path.getFirst(), parts[0], parts[1], parts[2]);
  }

  private static Part part(CodedInputStream in) throws IOException {
    int length = in.readRawVarint32();
    int from = in.getTotalBytesRead();
    in.skipRawBytes(length);
    return new Part(from, length);
  }

  /** Whether it has more than a descriptor and metadata. */
  boolean hasMessage() {
    return head.length > 0;
  }

  IpcMessage message() {
    return IpcMessage.read(
        ByteBuffer.wrap(bytes, head.from, head.length).slice(), bytes, body.from, body.length);
  }

  /** Metadata alone. */
  static byte[] of(byte[] metadata) {
    return Wire.message(out -> out.bytes(METADATA, metadata));
  }

  /** A message without a body. */
  static byte[] of(ByteBuffer head, byte[] metadata) {
    return Wire.message(out -> {
      out.raw().writeByteBuffer(HEAD, head.slice());
      if (metadata.length > 0) {
        out.bytes(METADATA, metadata);
      }
    });
  }

  /** A message with a body. */
  static byte[] of(ByteBuffer message, byte[] metadata, int length, Body body) {
    // all of a buffer would be written, also what stands before its position
    ByteBuffer head = message.slice();
    int size =
        CodedOutputStream.computeByteBufferSize(HEAD, head)
            + (metadata.length > 0 ? CodedOutputStream.computeByteArraySize(METADATA, metadata) : 0)
            + CodedOutputStream.computeTagSize(BODY)
            + CodedOutputStream.computeUInt32SizeNoTag(length);
    byte[] bytes = new byte[Math.addExact(size, length)];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      out.writeByteBuffer(HEAD, head);
      if (metadata.length > 0) {
        out.writeByteArray(METADATA, metadata);
      }
      out.writeTag(BODY, WireFormat.WIRETYPE_LENGTH_DELIMITED);
      out.writeUInt32NoTag(length);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    body.to(bytes, bytes.length - length);
    return bytes;
  }
}
