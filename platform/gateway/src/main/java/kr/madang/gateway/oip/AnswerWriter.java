package kr.madang.gateway.oip;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import kr.madang.inference.Tensor;

/** Writes the outputs of a run as the protocol wants them: JSON, and bytes behind it. */
final class AnswerWriter {
  private static final byte[] MODEL = ascii("{\"model_name\":");
  private static final byte[] VERSION = ascii(",\"model_version\":");
  private static final byte[] ID = ascii(",\"id\":");
  private static final byte[] OUTPUTS = ascii(",\"outputs\":[");
  private static final byte[] NAME = ascii("{\"name\":");
  private static final byte[] SHAPE = ascii(",\"shape\":[");
  private static final byte[] DATATYPE = ascii("],\"datatype\":\"");
  private static final byte[] DATA = ascii("\",\"data\":[");
  private static final byte[] SIZE = ascii("\",\"parameters\":{\"binary_data_size\":");
  private static final byte[] CLOSED = ascii("]}");
  private static final int HEAD = 160;

  private AnswerWriter() {}

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * A body.
   *
   * @param json how many bytes of it are JSON; -1 if all are
   */
  record Written(byte[] bytes, int length, int json) {}

  static Written write(String model, String version, Asked asked, List<Tensor> outputs) {
    long expected = HEAD;
    for (Tensor output : outputs) {
      expected += 64 + output.name().length() + 3L * output.data().remaining();
    }
    JsonBytes out = new JsonBytes((int) Math.min(expected, 1 << 16));
    out.raw(MODEL).text(model).raw(VERSION).text(version);
    String id = asked.id;
    if (id != null) {
      out.raw(ID).text(id);
    }
    out.raw(OUTPUTS);
    boolean bytesFollow = false;
    for (int i = 0; i < outputs.size(); i++) {
      if (i > 0) {
        out.put(',');
      }
      Tensor output = outputs.get(i);
      bytesFollow |= asked.binary(i);
      head(out, output);
      if (asked.binary(i)) {
        out.raw(SIZE).number(output.data().remaining()).put('}').put('}');
      } else {
        out.raw(DATA);
        data(out, output);
        out.raw(CLOSED);
      }
    }
    out.raw(CLOSED);
    int json = out.length();
    for (int i = 0; bytesFollow && i < outputs.size(); i++) {
      if (asked.binary(i)) {
        out.copy(outputs.get(i).data());
      }
    }
    return new Written(out.array(), out.length(), bytesFollow ? json : -1);
  }

  private static void head(JsonBytes out, Tensor output) {
    out.raw(NAME).text(output.name()).raw(SHAPE);
    long[] shape = output.shape();
    for (int i = 0; i < shape.length; i++) {
      if (i > 0) {
        out.put(',');
      }
      out.number(shape[i]);
    }
    out.raw(DATATYPE).raw(ascii(Datatype.nameOf(output.type())));
  }

  private static void data(JsonBytes out, Tensor output) {
    Datatype type =
        Datatype.labelled(output.type())
            .orElseThrow(() -> new IllegalStateException("no type " + output.type()));
    if (!type.inJson()) {
      throw Refusal.invalid(
          "sending %s data via JSON is not supported. Please use the binary data format for output %s"
              .formatted(type, output.name()));
    }
    ByteBuffer data = output.data().slice().order(ByteOrder.nativeOrder());
    if (type == Datatype.BYTES) {
      texts(out, data.order(ByteOrder.LITTLE_ENDIAN));
      return;
    }
    int count = data.remaining() / type.size();
    for (int i = 0; i < count; i++) {
      if (i > 0) {
        out.put(',');
      }
      switch (type) {
        case FP32 -> out.number(data.getFloat(i << 2));
        case FP64 -> out.number(data.getDouble(i << 3));
        case BOOL -> out.flag(data.get(i) != 0);
        case INT8 -> out.number((long) data.get(i));
        case UINT8 -> out.number(data.get(i) & 0xFFL);
        case INT16 -> out.number((long) data.getShort(i << 1));
        case UINT16 -> out.number(data.getShort(i << 1) & 0xFFFFL);
        case INT32 -> out.number((long) data.getInt(i << 2));
        case UINT32 -> out.number(data.getInt(i << 2) & 0xFFFF_FFFFL);
        case INT64 -> out.number(data.getLong(i << 3));
        case UINT64 -> out.unsigned(data.getLong(i << 3));
        case FP16, BF16, BYTES -> throw new IllegalStateException("written before");
      }
    }
  }

  private static void texts(JsonBytes out, ByteBuffer data) {
    for (int at = 0; at < data.limit(); ) {
      if (at > 0) {
        out.put(',');
      }
      int size = data.getInt(at);
      out.text(data, at + 4, size);
      at += 4 + size;
    }
  }
}
