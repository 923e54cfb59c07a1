package kr.madang.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtUtil;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Runs of loose tensors, with copies in and out; many threads at once. */
final class RawRuns implements AutoCloseable {
  private final Session session;
  private final ModelInfo info;
  private final Set<String> outputs = new LinkedHashSet<>();
  private final ConcurrentLinkedDeque<RunControl> idle = new ConcurrentLinkedDeque<>();
  private volatile boolean closed;

  RawRuns(Session session, ModelInfo info) {
    this.session = session;
    this.info = info;
    for (ModelInfo.Signature output : info.outputs()) {
      if (ElementType.labelled(output.type()).isPresent()) {
        outputs.add(output.name());
      }
    }
  }

  List<Tensor> run(List<Tensor> tensors) throws InterruptedException {
    Map<String, Tensor> byName = named(tensors);
    Map<String, OnnxTensor> given = new LinkedHashMap<>();
    RunControl control = null;
    try {
      for (ModelInfo.Signature input : info.inputs()) {
        Tensor tensor = byName.get(input.name());
        if (tensor != null) {
          given.put(input.name(), tensor(tensor, input));
        }
      }
      control = control();
      List<Tensor> results = new ArrayList<>();
      try (OrtSession.Result result = session.run(given, outputs, Map.of(), control)) {
        for (Map.Entry<String, OnnxValue> entry : result) {
          results.add(copy(entry.getKey(), (OnnxTensor) entry.getValue()));
        }
      }
      return results;
    } catch (OrtException e) {
      throw new PluginException(
          ErrorCode.SCHEMA_MISFIT, "model %s: %s".formatted(session.model(), OrtErrors.text(e)), e);
    } finally {
      given.values().forEach(OnnxTensor::close);
      if (control != null) {
        giveBack(control);
      }
    }
  }

  private RunControl control() throws OrtException {
    RunControl control = idle.poll();
    return control == null ? new RunControl() : control;
  }

  private void giveBack(RunControl control) {
    idle.push(control);
    if (closed) {
      close();
    }
  }

  private Map<String, Tensor> named(List<Tensor> tensors) {
    Map<String, Tensor> byName = new LinkedHashMap<>();
    for (Tensor tensor : tensors) {
      if (byName.put(tensor.name(), tensor) != null) {
        throw misfit("input '%s' is given twice".formatted(tensor.name()));
      }
    }
    List<String> needed = info.inputs().stream().map(ModelInfo.Signature::name).toList();
    List<String> missing = new ArrayList<>(needed);
    missing.removeAll(byName.keySet());
    if (!missing.isEmpty() || byName.size() != needed.size()) {
      throw misfit(
          "expected inputs %s, got %s, missing %s".formatted(needed, byName.keySet(), missing));
    }
    return byName;
  }

  private OnnxTensor tensor(Tensor tensor, ModelInfo.Signature input) throws OrtException {
    String where = "input '" + input.name() + "'";
    if (!tensor.type().equals(input.type())) {
      throw misfit("%s: expected type %s, got %s".formatted(where, input.type(), tensor.type()));
    }
    ElementType type =
        ElementType.labelled(tensor.type())
            .orElseThrow(() -> misfit(where + ": no type " + tensor.type()));
    long[] shape = tensor.shape();
    boolean fits = shape.length == input.shape().size();
    for (int i = 0; fits && i < shape.length; i++) {
      long expected = input.shape().get(i);
      fits = shape[i] >= 0 && (expected < 0 || expected == shape[i]);
    }
    if (!fits) {
      throw misfit(
          "%s: expected shape %s, got %s"
              .formatted(where, Shapes.text(input.shape()), Shapes.text(shape)));
    }
    long elements;
    try {
      elements = Shapes.product(shape);
    } catch (ArithmeticException e) {
      throw misfit("%s: shape %s is too large".formatted(where, Shapes.text(shape)));
    }
    if (type == ElementType.STRING) {
      return OnnxTensor.createTensor(
          session.environment(),
          ByteStrings.read(tensor.data(), elements, "model " + session.model() + ", " + where),
          shape);
    }
    int bytes = tensor.data().remaining();
    if (elements > Integer.MAX_VALUE || elements * type.size != bytes) {
      throw misfit(
          "%s: shape %s of %s takes %s bytes, got %d"
              .formatted(
                  where,
                  Shapes.text(shape),
                  type.label(),
                  elements > Integer.MAX_VALUE ? "too many" : elements * type.size,
                  bytes));
    }
    ByteBuffer data = ByteBuffer.allocateDirect(Math.max(1, bytes)).order(ByteOrder.nativeOrder());
    data.put(tensor.data().duplicate()).flip();
    return OnnxTensor.createTensor(session.environment(), data, shape, type.java);
  }

  private Tensor copy(String name, OnnxTensor tensor) throws OrtException {
    ElementType type = ElementType.of(tensor.getInfo().onnxType).orElseThrow();
    long[] shape = tensor.getInfo().getShape();
    if (type == ElementType.STRING) {
      String[] texts =
          tensor.getInfo().isScalar()
              ? new String[] {(String) tensor.getValue()}
              : OrtUtil.flattenString(tensor.getValue());
      return new Tensor(name, type.label(), shape, ByteStrings.write(texts));
    }
    ByteBuffer heap = tensor.getByteBuffer();
    ByteBuffer data =
        ByteBuffer.allocateDirect(heap.remaining()).order(ByteOrder.nativeOrder()).put(heap).flip();
    return new Tensor(name, type.label(), shape, data);
  }

  private PluginException misfit(String what) {
    return new PluginException(ErrorCode.SCHEMA_MISFIT, "model " + session.model() + ": " + what);
  }

  @Override
  public void close() {
    closed = true;
    for (RunControl control = idle.poll(); control != null; control = idle.poll()) {
      control.close();
    }
  }
}
