package kr.madang.gateway.grpc;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import kr.madang.gateway.oip.Datatype;
import kr.madang.inference.Tensor;

/** {@code ModelInferResponse}: raw for who has asked raw, typed for others where that can be. */
final class InferAnswer {
  private InferAnswer() {}

  static byte[] write(
      String model, String version, String id, boolean askedRaw, List<Tensor> outputs) {
    boolean raw = askedRaw || outputs.stream().anyMatch(one -> Contents.field(type(one)) == 0);
    return Wire.message(out -> {
      out.text(1, model).text(2, version).text(3, id);
      for (Tensor output : outputs) {
        out.message(
            5,
            tensor -> {
              tensor.text(1, output.name()).text(2, type(output).name()).packed(3, output.shape());
              if (!raw) {
                tensor.message(5, contents -> contents(contents.raw(), output));
              }
            });
      }
      if (raw) {
        for (Tensor output : outputs) {
          byte[] bytes = new byte[output.data().remaining()];
          output.data().get(output.data().position(), bytes);
          out.bytes(6, bytes);
        }
      }
    });
  }

  private static Datatype type(Tensor tensor) {
    return Datatype.labelled(tensor.type()).orElseThrow();
  }

  private static void contents(CodedOutputStream out, Tensor tensor) throws IOException {
    Datatype type = type(tensor);
    ByteBuffer data = tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
    if (type == Datatype.BYTES) {
      while (data.hasRemaining()) {
        byte[] text = new byte[data.getInt()];
        data.get(text);
        out.writeByteArray(8, text);
      }
      return;
    }
    int count = data.remaining() / type.size();
    if (count == 0) {
      return;
    }
    out.writeTag(Contents.field(type), WireFormat.WIRETYPE_LENGTH_DELIMITED);
    boolean fixed = type == Datatype.FP32 || type == Datatype.FP64;
    int size = fixed ? data.remaining() : 0;
    for (int i = 0; !fixed && i < count; i++) {
      size += CodedOutputStream.computeUInt64SizeNoTag(whole(data, type, i));
    }
    out.writeUInt32NoTag(size);
    for (int i = 0; i < count; i++) {
      switch (type) {
        case FP32 -> out.writeFixed32NoTag(data.getInt(data.position() + i * 4));
        case FP64 -> out.writeFixed64NoTag(data.getLong(data.position() + i * 8));
        default -> out.writeUInt64NoTag(whole(data, type, i));
      }
    }
  }

  /** As a varint carries it: signed numbers are extended to 64 bits. */
  private static long whole(ByteBuffer data, Datatype type, int i) {
    int at = data.position() + i * type.size();
    return switch (type) {
      case BOOL -> data.get(at) == 0 ? 0 : 1;
      case INT8 -> data.get(at);
      case UINT8 -> data.get(at) & 0xFFL;
      case INT16 -> data.getShort(at);
      case UINT16 -> data.getShort(at) & 0xFFFFL;
      case INT32 -> data.getInt(at);
      case UINT32 -> data.getInt(at) & 0xFFFF_FFFFL;
      default -> data.getLong(at);
    };
  }
}
