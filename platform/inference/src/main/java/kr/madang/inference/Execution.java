package kr.madang.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A session with the inputs and outputs of one step. A batch is one run, or several where the graph
 * fixes the number of rows or a tensor would pass 2 GiB. One thread at a time; the owner holds the
 * session.
 */
final class Execution implements AutoCloseable {
  private static final long LARGEST_TENSOR = Integer.MAX_VALUE;

  private final Session session;
  private final Tenant tenant;
  private final long batch;
  private final RunControl control;
  private @Nullable CenterClient center;
  private boolean atCenter;
  private @Nullable Use use;
  private final List<InputTensor> inputs = new ArrayList<>();
  private final List<OutputTensor> outputs = new ArrayList<>();
  private final Map<String, OnnxTensor> given = new LinkedHashMap<>();
  private final Map<String, OnnxTensor> pinned = new LinkedHashMap<>();
  private final Set<String> taken = new HashSet<>();

  /** Fits a model to a schema. Runs the model once on zeros where its file does not tell shapes. */
  Execution(
      Session session,
      Tenant tenant,
      Binding binding,
      List<InputSpec> inputSpecs,
      Map<String, ModelSpec.Scale> scale,
      Schema in,
      BufferAllocator allocator)
      throws InterruptedException {
    this.session = session;
    this.tenant = tenant;
    this.batch = binding.batch();
    if (!binding.unrowed().isEmpty()) {
      throw new PluginException(
          ErrorCode.SCHEMA_MISFIT, "model " + binding.model() + ", " + binding.unrowed());
    }
    try {
      this.control = new RunControl();
    } catch (OrtException e) {
      throw new PluginException(ErrorCode.BUG, OrtErrors.text(e), e);
    }
    try {
      String where = "model " + binding.model();
      for (InputSpec spec : inputSpecs) {
        inputs.add(new InputTensor(spec, in, scale, where, session.environment(), allocator));
      }
      Map<String, long[]> shapes = rowShapes(binding);
      for (OutputSpec spec : binding.outputs()) {
        long[] rowShape = shapes.getOrDefault(spec.tensor(), new long[0]);
        OutputTensor output = new OutputTensor(spec, rowShape, session.environment(), allocator);
        outputs.add(output);
        if (!output.pinned()) {
          taken.add(spec.tensor());
        }
      }
    } catch (Throwable t) {
      close();
      throw t;
    }
  }

  List<InputTensor> inputs() {
    return inputs;
  }

  List<OutputTensor> outputs() {
    return outputs;
  }

  /** The rows that inputs and outputs need room for, when this many are run. */
  int padded(int rows) {
    return batch < 0 ? rows : Math.toIntExact((rows + batch - 1) / batch * batch);
  }

  /** Has rows run elsewhere from now on. */
  void at(CenterClient newCenter) {
    for (InputTensor input : inputs) {
      requireCarried(input.spec().tensor(), input.spec().type());
    }
    for (OutputTensor output : outputs) {
      requireCarried(output.spec().tensor(), output.spec().type());
    }
    center = newCenter;
  }

  private void requireCarried(String tensor, ElementType type) {
    if (!type.wraps()) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "model %s: at: '%s' is %s, which is not sent to a center; expected numbers or bool"
              .formatted(session.model(), tensor, type.label()));
    }
  }

  /** Counts its runs there from now on. */
  void countIn(Use newUse) {
    use = newUse;
  }

  /** Whether the latest rows were run by the center. */
  boolean atCenter() {
    return atCenter;
  }

  /** How long the latest rows have waited for cores. */
  long queuedNanos() {
    return control.queuedNanos();
  }

  /** How long the latest rows have taken here. */
  long runNanos() {
    return control.runNanos();
  }

  /** Runs the rows that the inputs have placed; the outputs then hold theirs. */
  void run(int rows) throws InterruptedException {
    control.countFromNow();
    CenterClient known = center;
    atCenter = known != null && known.run(inputs, outputs, padded(rows));
    if (atCenter) {
      return;
    }
    int size = (int) (batch > 0 ? batch : Math.min(rows, largest()));
    int padded = padded(rows);
    boolean done = false;
    try {
      for (int from = 0; from < padded; from += size) {
        runOnce(from, Math.min(size, padded - from));
      }
      done = true;
    } finally {
      count(rows, done);
    }
  }

  private void count(int rows, boolean done) {
    Use known = use;
    if (known == null) {
      return;
    }
    if (!done) {
      known.failed(0);
      return;
    }
    long in = 0;
    long out = 0;
    for (InputTensor input : inputs) {
      in += input.spec().type() == ElementType.STRING ? 0 : rows * input.rowBytes();
    }
    for (OutputTensor output : outputs) {
      out += output.spec().type() == ElementType.STRING ? 0 : rows * output.rowBytes();
    }
    known.answered(rows, 0, in, out);
  }

  private long largest() {
    long rowBytes = 1;
    for (InputTensor input : inputs) {
      rowBytes = Math.max(rowBytes, input.rowBytes());
    }
    for (OutputTensor output : outputs) {
      rowBytes = Math.max(rowBytes, output.rowBytes());
    }
    return Math.max(1, LARGEST_TENSOR / rowBytes);
  }

  private void runOnce(int from, int rows) throws InterruptedException {
    for (InputTensor input : inputs) {
      given.put(input.spec().tensor(), input.tensor(from, rows));
    }
    for (OutputTensor output : outputs) {
      if (output.pinned()) {
        pinned.put(output.spec().tensor(), output.tensor(from, rows));
      }
    }
    try (OrtSession.Result result = session.run(tenant, rows, given, taken, pinned, control, use)) {
      if (!taken.isEmpty()) {
        for (OutputTensor output : outputs) {
          if (!output.pinned()) {
            output.take(value(result, output.spec().tensor()), from, rows);
          }
        }
      }
    } catch (OrtException e) {
      throw new PluginException(
          ErrorCode.SCHEMA_MISFIT,
          "model %s: an output cannot be read: %s".formatted(session.model(), OrtErrors.text(e)),
          e);
    }
  }

  private static OnnxValue value(OrtSession.Result result, String tensor) {
    return result
        .get(tensor)
        .orElseThrow(
            () -> new PluginException(ErrorCode.BUG, "output '" + tensor + "' did not come"));
  }

  /** The dimensions after the batch, by output. */
  private Map<String, long[]> rowShapes(Binding binding) throws InterruptedException {
    Map<String, long[]> shapes = new HashMap<>();
    boolean known = true;
    for (OutputSpec output : binding.outputs()) {
      long[] rowShape = Shapes.rowShape(output.shape());
      shapes.put(output.tensor(), rowShape);
      known &= !output.shape().isEmpty() && Shapes.isKnown(rowShape);
    }
    return known ? shapes : tried(binding);
  }

  private Map<String, long[]> tried(Binding binding) throws InterruptedException {
    int rows = (int) Math.max(1, batch);
    Set<String> wanted = new HashSet<>();
    binding.outputs().forEach(output -> wanted.add(output.tensor()));
    for (InputTensor input : inputs) {
      input.placeZeros(rows);
      given.put(input.spec().tensor(), input.tensor(0, rows));
    }
    Map<String, long[]> shapes = new HashMap<>();
    try (OrtSession.Result result =
        session.run(tenant, rows, given, wanted, Map.of(), control, null)) {
      for (OutputSpec output : binding.outputs()) {
        if (value(result, output.tensor()) instanceof OnnxTensor tensor) {
          long[] shape = tensor.getInfo().getShape();
          if (shape.length == 0 || shape[0] != rows) {
            throw new PluginException(
                ErrorCode.SCHEMA_MISFIT,
                "model %s, output '%s': a run of %d rows gives shape %s; a step needs a row for each row of its input"
                    .formatted(binding.model(), output.tensor(), rows, Shapes.text(shape)));
          }
          shapes.put(output.tensor(), java.util.Arrays.copyOfRange(shape, 1, shape.length));
        }
      }
      return shapes;
    } catch (PluginException e) {
      throw new PluginException(
          e.code(),
          e.getMessage()
              + " (found by a trial with zeros, since neither the ONNX file nor model.yaml tells"
              + " the shapes of all outputs)",
          e);
    }
  }

  @Override
  public void close() {
    inputs.forEach(InputTensor::close);
    outputs.forEach(OutputTensor::close);
    control.close();
    CenterClient known = center;
    center = null;
    if (known != null) {
      known.close();
    }
  }
}
