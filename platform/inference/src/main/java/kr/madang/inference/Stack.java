package kr.madang.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtUtil;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of one run. Those of a call that runs alone are used as they lie; of several calls
 * the rows are laid one behind the other. Outputs go where they are read from if their shape is
 * known before the run, else they are copied once.
 */
final class Stack implements AutoCloseable {
  private final Session session;
  private final ModelInfo info;
  private final List<ModelInfo.Signature> outputs;
  private final Slabs slabs;
  private final List<Checked> calls;
  private final boolean follows;
  private final boolean[] wanted;
  private final long rows;
  private final Map<String, OnnxTensor> given = new HashMap<>();
  private final Map<String, OnnxTensor> pinned = new HashMap<>();
  private final Set<String> taken = new LinkedHashSet<>();
  private final @Nullable Tensor[] ready;
  private final List<Slabs.Slab> in = new ArrayList<>(1);
  private List<Slabs.Slab> out = new ArrayList<>(1);

  Stack(
      Session session,
      ModelInfo info,
      List<ModelInfo.Signature> outputs,
      Slabs slabs,
      List<Checked> calls,
      boolean follows) {
    this.session = session;
    this.info = info;
    this.outputs = outputs;
    this.slabs = slabs;
    this.calls = calls;
    this.follows = follows;
    this.ready = new Tensor[outputs.size()];
    wanted = new boolean[outputs.size()];
    long sum = 0;
    for (Checked call : calls) {
      sum += call.rows();
      for (int output : call.wanted()) {
        wanted[output] = true;
      }
    }
    rows = sum;
  }

  long rows() {
    return rows;
  }

  Map<String, OnnxTensor> given() {
    return given;
  }

  Map<String, OnnxTensor> pinned() {
    return pinned;
  }

  Set<String> taken() {
    return taken;
  }

  /** Memory of the results; whoever takes it frees it. */
  List<Slabs.Slab> keep() {
    List<Slabs.Slab> kept = out;
    out = List.of();
    return kept;
  }

  void place() throws OrtException {
    for (int i = 0; i < info.inputs().size(); i++) {
      Tensor first = calls.getFirst().inputs().get(i);
      given.put(first.name(), calls.size() == 1 ? wrapped(first) : stacked(i, first));
    }
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i]) {
        ModelInfo.Signature output = outputs.get(i);
        ElementType type = ElementType.labelled(output.type()).orElseThrow();
        long[] shape = follows ? shape(output) : new long[] {-1};
        if (type.pins() && Shapes.isKnown(shape)) {
          pin(i, output, type, shape);
        } else {
          taken.add(output.name());
        }
      }
    }
  }

  private long[] shape(ModelInfo.Signature output) {
    long[] shape = new long[output.shape().size()];
    for (int i = 0; i < shape.length; i++) {
      long dimension = output.shape().get(i);
      shape[i] = i == 0 && dimension < 0 ? rows : dimension;
    }
    return shape;
  }

  private OnnxTensor wrapped(Tensor tensor) throws OrtException {
    ElementType type = ElementType.labelled(tensor.type()).orElseThrow();
    if (type == ElementType.STRING) {
      return OnnxTensor.createTensor(
          session.environment(),
          ByteStrings.read(
              tensor.data(),
              Shapes.product(tensor.shape()),
              "model " + session.model() + ", input '" + tensor.name() + "'"),
          tensor.shape());
    }
    return OnnxTensor.createTensor(
        session.environment(), view(tensor.data()), tensor.shape(), type.java);
  }

  private OnnxTensor stacked(int input, Tensor first) throws OrtException {
    ElementType type = ElementType.labelled(first.type()).orElseThrow();
    long bytes = 0;
    for (Checked call : calls) {
      bytes += call.inputs().get(input).data().remaining();
    }
    Slabs.Slab slab = slabs.take(bytes);
    in.add(slab);
    int at = 0;
    for (Checked call : calls) {
      ByteBuffer data = call.inputs().get(input).data();
      slab.buffer().put(at, data, data.position(), data.remaining());
      at += data.remaining();
    }
    long[] shape = first.shape().clone();
    shape[0] = rows;
    return OnnxTensor.createTensor(session.environment(), view(slab.part(0, at)), shape, type.java);
  }

  private void pin(int at, ModelInfo.Signature output, ElementType type, long[] shape)
      throws OrtException {
    int bytes;
    try {
      bytes = Math.toIntExact(Math.multiplyExact(Shapes.product(shape), type.size));
    } catch (ArithmeticException e) {
      throw new PluginException(
          ErrorCode.EXHAUSTED,
          "model %s, output '%s': %d rows make more than 2 GiB; send fewer at once"
              .formatted(session.model(), output.name(), rows),
          e);
    }
    Slabs.Slab slab = slabs.take(bytes);
    out.add(slab);
    ByteBuffer data = slab.part(0, bytes);
    pinned.put(
        output.name(),
        OnnxTensor.createTensor(session.environment(), view(data), shape, type.java));
    ready[at] = new Tensor(output.name(), type.label(), shape, data);
  }

  /** All outputs that some call wants, at their number; the others are null. */
  List<@Nullable Tensor> results(OrtSession.Result result) throws OrtException {
    for (int i = 0; i < wanted.length; i++) {
      if (wanted[i] && ready[i] == null) {
        String name = outputs.get(i).name();
        OnnxValue value =
            result
                .get(name)
                .orElseThrow(
                    () -> new PluginException(ErrorCode.BUG, "output '" + name + "' did not come"));
        ready[i] = copied(name, (OnnxTensor) value);
      }
    }
    return Arrays.asList(ready);
  }

  private Tensor copied(String name, OnnxTensor tensor) throws OrtException {
    ElementType type = ElementType.of(tensor.getInfo().onnxType).orElseThrow();
    long[] shape = tensor.getInfo().getShape();
    ByteBuffer heap =
        type == ElementType.STRING
            ? ByteStrings.write(
                tensor.getInfo().isScalar()
                    ? new String[] {(String) tensor.getValue()}
                    : OrtUtil.flattenString(tensor.getValue()))
            : tensor.getByteBuffer();
    Slabs.Slab slab = slabs.take(heap.remaining());
    out.add(slab);
    slab.buffer().put(0, heap, heap.position(), heap.remaining());
    return new Tensor(name, type.label(), shape, slab.part(0, heap.remaining()));
  }

  /**
   * ONNX Runtime takes the address and looks at nothing else; it must be there for no bytes too.
   */
  private static ByteBuffer view(ByteBuffer data) {
    return Memory.view(MemorySegment.ofBuffer(data).address(), data.remaining());
  }

  @Override
  public void close() {
    given.values().forEach(OnnxTensor::close);
    pinned.values().forEach(OnnxTensor::close);
    in.forEach(Slabs.Slab::close);
    out.forEach(Slabs.Slab::close);
  }
}
