package kr.madang.gateway.grpc;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;

/**
 * Messages by the numbers of their fields, read and written where they lie: what the protocol's
 * generated classes would copy twice.
 */
public final class Wire {
  private Wire() {}

  /** Writes the fields of a message. */
  @FunctionalInterface
  public interface Fields {
    /** Writes them. */
    void to(Wire.Out out) throws IOException;
  }

  /** Reads the fields of a message, each by its number. */
  @FunctionalInterface
  public interface Reader {
    /** Reads one field or returns false to have it left out. */
    boolean field(int number, CodedInputStream in) throws IOException;
  }

  /** A message in the making; what has its default value is left out, as proto3 has it. */
  public static final class Out {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    private final CodedOutputStream out = CodedOutputStream.newInstance(bytes, 256);

    /** A text. */
    public Out text(int field, String value) throws IOException {
      if (!value.isEmpty()) {
        out.writeString(field, value);
      }
      return this;
    }

    /** One of several, which counts even if it is empty. */
    public Out item(int field, String value) throws IOException {
      out.writeString(field, value);
      return this;
    }

    /** A flag. */
    public Out flag(int field, boolean value) throws IOException {
      if (value) {
        out.writeBool(field, true);
      }
      return this;
    }

    /** A number of 64 bits. */
    public Out number(int field, long value) throws IOException {
      if (value != 0) {
        out.writeInt64(field, value);
      }
      return this;
    }

    /** A message. */
    public Out message(int field, Fields fields) throws IOException {
      return bytes(field, Wire.message(fields));
    }

    /** Bytes. */
    public Out bytes(int field, byte[] value) throws IOException {
      out.writeByteArray(field, value);
      return this;
    }

    /** Numbers of 64 bits, packed. */
    public Out packed(int field, long[] values) throws IOException {
      if (values.length > 0) {
        out.writeTag(field, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        int size = 0;
        for (long value : values) {
          size += CodedOutputStream.computeUInt64SizeNoTag(value);
        }
        out.writeUInt32NoTag(size);
        for (long value : values) {
          out.writeUInt64NoTag(value);
        }
      }
      return this;
    }

    /** For what has no word here. */
    public CodedOutputStream raw() {
      return out;
    }
  }

  /** A message of these fields. */
  public static byte[] message(Fields fields) {
    try {
      Out out = new Out();
      fields.to(out);
      out.out.flush();
      return out.bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads a message; what is no message is refused. */
  public static void read(byte[] bytes, int from, int length, Reader reader) {
    try {
      fields(CodedInputStream.newInstance(bytes, from, length), reader);
    } catch (IOException e) {
      throw new Refusal(Status.INVALID, "the message cannot be read: " + e.getMessage());
    }
  }

  private static void fields(CodedInputStream in, Reader reader) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (!reader.field(WireFormat.getTagFieldNumber(tag), in)) {
        in.skipField(tag);
      }
    }
  }

  /** A message within another one. */
  public static void nested(CodedInputStream in, Reader reader) throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    fields(in, reader);
    in.checkLastTagWas(0);
    in.popLimit(limit);
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
