package kr.madang.plugins.kafka;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;

/**
 * A record for each batch, an IPC stream with schema and dictionaries; halves if it is too long.
 */
final class ArrowEncoder implements Encoder {
  private final int longest;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  ArrowEncoder(int longest) {
    this.longest = longest;
  }

  @Override
  public void encode(Batch batch, int from, Output out) throws IOException {
    part(batch, from, batch.rows(), out);
  }

  private void part(Batch batch, int from, int to, Output out) throws IOException {
    if (from >= to) {
      return;
    }
    byte[] record;
    if (from == 0 && to == batch.rows()) {
      record = write(batch, batch.root());
    } else {
      try (VectorSchemaRoot slice = batch.root().slice(from, to - from)) {
        record = write(batch, slice);
      }
    }
    if (record.length > longest && to - from > 1) {
      int half = (from + to) >>> 1;
      part(batch, from, half, out);
      part(batch, half, to, out);
    } else {
      out.record(null, record, from, to - from);
    }
  }

  private byte[] write(Batch batch, VectorSchemaRoot root) throws IOException {
    bytes.reset();
    // To close it leaves the batch's own vectors alone, but frees the copy of its dictionaries.
    try (ArrowStreamWriter writer =
        new ArrowStreamWriter(root, batch.dictionaries(), Channels.newChannel(bytes))) {
      writer.start();
      writer.writeBatch();
      writer.end();
    }
    return bytes.toByteArray();
  }
}
