package kr.madang.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * A tensor over memory that is somebody else's. It is kept for the next run: an allocator that
 * gives the same address again saves the making of a new one. The handle says only where memory is;
 * it is handed out for an address that the caller holds at that moment.
 */
final class Wrapped implements AutoCloseable {
  private final OrtEnvironment environment;
  private final ElementType type;
  private final long[] rowShape;
  private final long rowBytes;
  private @Nullable OnnxTensor tensor;
  private long address;
  private long rows;

  Wrapped(OrtEnvironment environment, ElementType type, long[] rowShape) {
    this.environment = environment;
    this.type = type;
    this.rowShape = rowShape;
    this.rowBytes = Shapes.product(rowShape) * type.size;
  }

  OnnxTensor at(long address, long rows) {
    OnnxTensor current = tensor;
    if (current != null && this.address == address && this.rows == rows) {
      return current;
    }
    close();
    try {
      current =
          OnnxTensor.createTensor(
              environment,
              Memory.view(address, rows * rowBytes),
              Shapes.withBatch(rows, rowShape),
              type.java);
    } catch (OrtException e) {
      throw new PluginException(ErrorCode.BUG, "a tensor cannot be made: " + OrtErrors.text(e), e);
    }
    this.address = address;
    this.rows = rows;
    tensor = current;
    return current;
  }

  @Override
  public void close() {
    OnnxTensor current = tensor;
    tensor = null;
    if (current != null) {
      current.close();
    }
  }
}
