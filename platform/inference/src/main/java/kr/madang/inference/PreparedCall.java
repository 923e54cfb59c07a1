package kr.madang.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/**
 * A model with buffers of its own for one number of rows: write the inputs, {@link #run}, read the
 * outputs. Nothing is copied or made in between. One thread at a time; keeps the model in memory
 * until closed.
 */
public final class PreparedCall implements AutoCloseable {
  private final Session session;
  private final Tenant tenant;
  private final int rows;
  private final Arena arena = Arena.ofShared();
  private final RunControl control;
  private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
  private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
  private final Map<String, ByteBuffer> buffers = new LinkedHashMap<>();
  private final Object lock = new Object();
  private boolean closed;

  /** Takes over the caller's hold of the session, unless it throws. */
  PreparedCall(Session session, Tenant tenant, ModelInfo info, int rows) {
    this.session = session;
    this.tenant = tenant;
    this.rows = rows;
    try {
      control = new RunControl();
    } catch (OrtException e) {
      throw new PluginException(ErrorCode.BUG, OrtErrors.text(e), e);
    }
    try {
      add(info.inputs(), rows, inputs, "input");
      add(info.outputs(), rows, outputs, "output");
    } catch (RuntimeException e) {
      free();
      throw e;
    }
  }

  private void add(
      List<ModelInfo.Signature> signatures, int rows, Map<String, OnnxTensor> to, String kind) {
    for (ModelInfo.Signature signature : signatures) {
      String where = "model %s, %s '%s'".formatted(session.model(), kind, signature.name());
      ElementType type = ElementType.labelled(signature.type()).orElse(ElementType.STRING);
      long[] shape = signature.shape().stream().mapToLong(Long::longValue).toArray();
      if (shape.length > 0 && shape[0] < 0) {
        shape[0] = rows;
      }
      boolean possible = kind.equals("input") ? type.wraps() : type.pins();
      if (!possible || !Shapes.isKnown(shape) || (shape.length > 0 && shape[0] != rows)) {
        throw new PluginException(
            ErrorCode.SCHEMA_MISFIT,
            "%s: %s%s cannot be prepared for %d rows"
                .formatted(where, signature.type(), Shapes.text(signature.shape()), rows));
      }
      MemorySegment memory = arena.allocate(Math.max(1, Shapes.product(shape) * type.size), 64);
      ByteBuffer buffer =
          memory
              .asByteBuffer()
              .limit(Math.toIntExact(Shapes.product(shape) * type.size))
              .slice()
              .order(ByteOrder.nativeOrder());
      try {
        // A view without the arena: ONNX Runtime keeps only the address.
        to.put(
            signature.name(),
            OnnxTensor.createTensor(
                session.environment(),
                Memory.view(memory.address(), buffer.capacity()),
                shape,
                type.java));
      } catch (OrtException e) {
        throw new PluginException(ErrorCode.BUG, where + ": " + OrtErrors.text(e), e);
      }
      buffers.put(kind + signature.name(), buffer);
    }
  }

  /** Where the caller writes an input, row-major in the byte order of the machine. */
  public ByteBuffer input(String tensor) {
    return buffer("input", tensor);
  }

  /** Where an output stands after a run. */
  public ByteBuffer output(String tensor) {
    return buffer("output", tensor);
  }

  private ByteBuffer buffer(String kind, String tensor) {
    ByteBuffer buffer = buffers.get(kind + tensor);
    if (buffer == null) {
      throw new PluginException(
          ErrorCode.SCHEMA_MISFIT,
          "model %s has no %s '%s'".formatted(session.model(), kind, tensor));
    }
    return buffer;
  }

  /** Runs what the input buffers hold, on this thread and under a permit. */
  public void run() throws InterruptedException {
    synchronized (lock) {
      if (closed) {
        throw new PluginException(
            ErrorCode.NOT_FOUND, "model " + session.model() + ": the call is closed");
      }
      try (OrtSession.Result _ =
          session.run(tenant, rows, inputs, Set.of(), outputs, control, null)) {
        // The results are in the buffers.
      }
    }
  }

  /** Frees the buffers; their views then throw. Closing twice is fine. */
  @Override
  public void close() {
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      free();
    }
    session.release();
  }

  private void free() {
    inputs.values().forEach(OnnxTensor::close);
    outputs.values().forEach(OnnxTensor::close);
    control.close();
    arena.close();
  }
}
