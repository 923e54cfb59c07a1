package kr.madang.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/**
 * One output of one step. Where Java can wrap its type, ONNX Runtime writes straight into memory
 * that was given before the run; strings and wide unsigned integers are copied out after it.
 */
final class OutputTensor implements AutoCloseable {
  private final OutputSpec spec;
  private final long[] rowShape;
  private final int elements;
  private final Wrapped wrapped;
  private final BufferAllocator allocator;
  private @Nullable ArrowBuf staging;
  private String[] texts = {};
  private long base;

  /**
   * An output whose rows have a known shape.
   *
   * @param rowShape the dimensions after the batch
   */
  OutputTensor(
      OutputSpec spec, long[] rowShape, OrtEnvironment environment, BufferAllocator allocator) {
    this.spec = spec;
    this.rowShape = rowShape;
    this.elements = Math.toIntExact(Shapes.product(rowShape));
    this.wrapped = new Wrapped(environment, spec.type(), rowShape);
    this.allocator = allocator;
  }

  OutputSpec spec() {
    return spec;
  }

  /** Elements of one row. */
  int elements() {
    return elements;
  }

  /** Whether the tensor is written to memory that is given before the run. */
  boolean pinned() {
    return spec.type().pins();
  }

  long rowBytes() {
    return (long) elements * Math.max(1, spec.type().size);
  }

  /** The next runs write their rows here; the caller keeps the memory until they are over. */
  void into(long address) {
    base = address;
  }

  /** The next runs write their rows to a buffer of this output. */
  void intoStaging(int rows) {
    if (spec.type() == ElementType.STRING) {
      texts = new String[rows * elements];
      return;
    }
    long bytes = rows * rowBytes();
    ArrowBuf current = staging;
    if (current == null || current.capacity() < bytes) {
      staging = null;
      if (current != null) {
        current.close();
      }
      current = allocator.buffer(bytes);
      staging = current;
    }
    base = current.memoryAddress();
  }

  /** The tensor that a run writes to. */
  OnnxTensor tensor(int from, int rows) {
    return wrapped.at(base + from * rowBytes(), rows);
  }

  /** Copies out what a run made, for an output that is not pinned. */
  void take(OnnxValue value, int from, int rows) throws OrtException {
    if (!(value instanceof OnnxTensor tensor)) {
      throw misfit("a tensor", value.getType().toString());
    }
    long[] shape = tensor.getInfo().getShape();
    long[] expected = Shapes.withBatch(rows, rowShape);
    if (!Arrays.equals(shape, expected)) {
      throw misfit("shape " + Shapes.text(expected), Shapes.text(shape));
    }
    if (spec.type() == ElementType.STRING) {
      String[] flat = ai.onnxruntime.OrtUtil.flattenString(tensor.getValue());
      System.arraycopy(flat, 0, texts, from * elements, flat.length);
    } else {
      ByteBuffer bytes = tensor.getByteBuffer();
      Memory.view(base + from * rowBytes(), rows * rowBytes()).put(bytes);
    }
  }

  private PluginException misfit(String expected, String got) {
    return new PluginException(
        ErrorCode.SCHEMA_MISFIT,
        "output '%s': expected %s, got %s; declare its shape in model.yaml"
            .formatted(spec.tensor(), expected, got));
  }

  /** Where the rows of the latest runs lie. */
  long base() {
    return base;
  }

  /** An element of the latest runs, of a text output. */
  String text(int index) {
    return texts[index];
  }

  @Override
  public void close() {
    wrapped.close();
    ArrowBuf buffer = staging;
    staging = null;
    if (buffer != null) {
      buffer.close();
    }
  }
}
