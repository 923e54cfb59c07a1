package kr.madang.gateway;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtUtil;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kr.madang.gateway.OnnxCase.DataSet;
import kr.madang.gateway.OnnxCase.Value;

/** The bare library, asked what it makes of a test that did not pass. */
final class OnnxOracle {
  private OnnxOracle() {}

  /** Why the library does not give what is expected; empty if it does. */
  static String says(OnnxCase one, DataSet set) {
    Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        OrtSession session = OrtEnvironment.getEnvironment().createSession(one.model(), options)) {
      for (int i = 0; i < one.inputs().size(); i++) {
        OnnxTensor tensor = tensor(set.inputs().get(i));
        if (tensor == null) {
          return "Java cannot make a tensor of " + set.inputs().get(i).type();
        }
        inputs.put(one.inputs().get(i).name(), tensor);
      }
      try (OrtSession.Result result = session.run(inputs)) {
        for (int i = 0; i < one.outputs().size(); i++) {
          Value expected = set.outputs().get(i);
          String why = OnnxCompare.difference(expected, value(expected.type(), result.get(i)));
          if (!why.isEmpty()) {
            return why;
          }
        }
      }
      return "";
    } catch (OrtException e) {
      return e.getMessage();
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  private static @org.jspecify.annotations.Nullable OnnxTensor tensor(Value value)
      throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    if (value.type().equals("string")) {
      List<String> texts = new ArrayList<>();
      ByteBuffer data = value.data();
      while (data.hasRemaining()) {
        byte[] text = new byte[data.getInt()];
        data.get(text);
        texts.add(new String(text, StandardCharsets.UTF_8));
      }
      return OnnxTensor.createTensor(environment, texts.toArray(String[]::new), value.shape());
    }
    OnnxJavaType type =
        switch (value.type()) {
          case "float32" -> OnnxJavaType.FLOAT;
          case "float64" -> OnnxJavaType.DOUBLE;
          case "float16" -> OnnxJavaType.FLOAT16;
          case "bfloat16" -> OnnxJavaType.BFLOAT16;
          case "bool" -> OnnxJavaType.BOOL;
          case "int8" -> OnnxJavaType.INT8;
          case "uint8" -> OnnxJavaType.UINT8;
          case "int16" -> OnnxJavaType.INT16;
          case "int32" -> OnnxJavaType.INT32;
          case "int64" -> OnnxJavaType.INT64;
          default -> OnnxJavaType.UNKNOWN;
        };
    if (type == OnnxJavaType.UNKNOWN) {
      return null;
    }
    ByteBuffer direct =
        ByteBuffer.allocateDirect(value.bytes().length).order(ByteOrder.nativeOrder());
    return OnnxTensor.createTensor(environment, direct.put(0, value.bytes()), value.shape(), type);
  }

  private static Value value(String type, OnnxValue got) throws OrtException {
    OnnxTensor tensor = (OnnxTensor) got;
    long[] shape = tensor.getInfo().getShape();
    if (type.equals("string")) {
      String[] texts =
          tensor.getInfo().isScalar()
              ? new String[] {(String) tensor.getValue()}
              : OrtUtil.flattenString(tensor.getValue());
      return new Value(type, shape, Models.texts(texts));
    }
    ByteBuffer bytes = tensor.getByteBuffer();
    byte[] all = new byte[bytes.remaining()];
    bytes.get(all);
    return new Value(type, shape, all);
  }
}
