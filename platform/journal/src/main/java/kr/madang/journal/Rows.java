package kr.madang.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.flatbuf.MessageHeader;
import org.apache.arrow.flatbuf.RecordBatch;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.validate.ValidateUtil;
import org.apache.arrow.vector.validate.ValidateVectorBufferVisitor;

/** Makes batches of payloads. */
final class Rows {
  private static final int PREFIX = 8;

  private Rows() {}

  /**
   * Makes a batch whose vectors are slices of the payload.
   *
   * @param payload whose last hold is taken over, also if it cannot be read
   * @param length of the payload
   * @param at where in it the Arrow message begins
   * @throws IOException if it cannot be read, with the reason
   */
  static Batch read(
      ArrowBuf payload, int length, int at, int rows, SchemaIn schema, BufferAllocator allocator)
      throws IOException {
    VectorSchemaRoot root = null;
    boolean done = false;
    try (payload) {
      ByteBuffer bytes = payload.nioBuffer(0, length).order(ByteOrder.LITTLE_ENDIAN);
      if (at + PREFIX > length || bytes.getInt(at) != MessageSerializer.IPC_CONTINUATION_TOKEN) {
        throw new IOException("expected an Arrow message");
      }
      int metadata = bytes.getInt(at + 4);
      if (metadata < 8 || metadata > length - at - PREFIX) {
        throw new IOException("expected an Arrow message, got one of " + metadata + " bytes");
      }
      Message message =
          Message.getRootAsMessage(
              bytes.slice(at + PREFIX, metadata).order(ByteOrder.LITTLE_ENDIAN));
      int body = at + PREFIX + metadata;
      RecordBatch batch = batch(message, length - body, rows);
      root = VectorSchemaRoot.create(schema.schema, allocator);
      payload.getReferenceManager().retain();
      ArrowBuf slice = payload.slice(body, length - body);
      ArrowRecordBatch loaded;
      try {
        loaded = MessageSerializer.deserializeRecordBatch(batch, slice);
      } catch (RuntimeException | IOException e) {
        slice.close();
        throw e;
      }
      try (loaded) {
        new VectorLoader(root).load(loaded);
      }
      ValidateVectorBufferVisitor check = new ValidateVectorBufferVisitor();
      for (FieldVector vector : root.getFieldVectors()) {
        vector.accept(check, null);
      }
      Batch made = schema.batch(root);
      done = true;
      return made;
    } catch (ValidateUtil.ValidateException | IllegalArgumentException e) {
      throw new IOException("rows cannot be read: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      throw new IOException("rows cannot be read: " + e, e);
    } finally {
      if (!done && root != null) {
        root.close();
      }
    }
  }

  private static RecordBatch batch(Message message, int body, int rows) throws IOException {
    if (message.headerType() != MessageHeader.RecordBatch) {
      throw new IOException("expected an Arrow record batch, got " + message.headerType());
    }
    if (!(message.header(new RecordBatch()) instanceof RecordBatch batch)) {
      throw new IOException("expected an Arrow record batch");
    }
    if (batch.length() != rows) {
      throw new IOException("expected " + rows + " rows, got " + batch.length());
    }
    for (int i = 0; i < batch.buffersLength(); i++) {
      long offset = batch.buffers(i).offset();
      long length = batch.buffers(i).length();
      if (offset < 0 || length < 0 || offset > body - length) {
        throw new IOException("a buffer lies outside of the record");
      }
    }
    return batch;
  }
}
