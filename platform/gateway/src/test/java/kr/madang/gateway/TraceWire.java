package kr.madang.gateway;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Messages of {@code TraceSetting} and the calls that it decides on, by the numbers of fields. */
final class TraceWire {
  private TraceWire() {}

  /** Writes fields. */
  @FunctionalInterface
  private interface Fields {
    void to(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      fields.to(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** {@code TraceSettingRequest}. */
  static byte[] request(String model, Map<String, List<String>> settings) {
    return message(out -> {
      for (Map.Entry<String, List<String>> setting : settings.entrySet()) {
        out.writeByteArray(
            1,
            message(entry -> {
              entry.writeString(1, setting.getKey());
              entry.writeByteArray(
                  2,
                  message(value -> {
                    for (String one : setting.getValue()) {
                      value.writeString(1, one);
                    }
                  }));
            }));
      }
      out.writeString(2, model);
    });
  }

  /** {@code TraceSettingResponse}. */
  static Map<String, List<String>> settings(byte[] response) {
    Map<String, List<String>> settings = new TreeMap<>();
    for (byte[] entry : parts(response, 1)) {
      settings.put(texts(entry, 1).getFirst(), texts(parts(entry, 2).getFirst(), 1));
    }
    return settings;
  }

  /** The texts of a field. */
  static List<String> texts(byte[] message, int field) {
    return parts(message, field).stream()
        .map(part -> new String(part, java.nio.charset.StandardCharsets.UTF_8))
        .toList();
  }

  private static List<byte[]> parts(byte[] message, int field) {
    List<byte[]> parts = new ArrayList<>();
    try {
      CodedInputStream in = CodedInputStream.newInstance(message);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (WireFormat.getTagFieldNumber(tag) == field) {
          parts.add(in.readByteArray());
        } else {
          in.skipField(tag);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return parts;
  }

  /** {@code ModelInferRequest} of one row, raw. */
  static byte[] infer(String model) {
    return infer(model, "FP32");
  }

  /** One of a type that is none. */
  static byte[] broken(String model) {
    return infer(model, "none");
  }

  private static byte[] infer(String model, String type) {
    return message(out -> {
      out.writeString(1, model);
      out.writeByteArray(
          5,
          message(tensor -> {
            tensor.writeString(1, "x");
            tensor.writeString(2, type);
            tensor.writeByteArray(3, new byte[] {1, 1});
          }));
      out.writeByteArray(7, new byte[4]);
    });
  }
}
