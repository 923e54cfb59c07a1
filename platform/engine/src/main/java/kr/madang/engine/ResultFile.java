package kr.madang.engine;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorLoader;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** Rows for one sink, as an Arrow IPC file; dictionaries are resolved, so that any reader can. */
final class ResultFile implements Downstream, AutoCloseable {
  private final BufferAllocator allocator;
  private final OutputStream out;
  private final Schema schema;
  private @Nullable VectorSchemaRoot root;
  private @Nullable ArrowFileWriter writer;
  private long rows;

  ResultFile(Path file, Schema schema, BufferAllocator allocator) throws IOException {
    this.allocator = allocator;
    this.schema = schema;
    this.out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
  }

  long rows() {
    return rows;
  }

  @Override
  public void data(Batch batch) {
    List<FieldVector> made = new ArrayList<>();
    try (batch) {
      List<FieldVector> plain = new ArrayList<>();
      for (FieldVector vector : batch.root().getFieldVectors()) {
        plain.add(plain(batch, vector, made));
      }
      VectorSchemaRoot all = new VectorSchemaRoot(plain);
      all.setRowCount(batch.rows());
      VectorSchemaRoot into = open(all.getSchema());
      try (ArrowRecordBatch record = new VectorUnloader(all).getRecordBatch()) {
        new VectorLoader(into).load(record);
      }
      writer().writeBatch();
      into.clear();
      rows += batch.rows();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      made.forEach(FieldVector::close);
    }
  }

  private static FieldVector plain(Batch batch, FieldVector vector, List<FieldVector> made) {
    DictionaryEncoding encoding = vector.getField().getDictionary();
    if (encoding == null) {
      return vector;
    }
    FieldVector decoded =
        (FieldVector)
            DictionaryEncoder.decode(vector, batch.dictionaries().lookup(encoding.getId()));
    made.add(decoded);
    Field named =
        new Field(
            vector.getName(), decoded.getField().getFieldType(), decoded.getField().getChildren());
    FieldVector renamed = named.createVector(batch.root().getVector(0).getAllocator());
    made.add(renamed);
    decoded.makeTransferPair(renamed).transfer();
    return renamed;
  }

  private VectorSchemaRoot open(Schema plain) throws IOException {
    VectorSchemaRoot into = root;
    if (into == null) {
      into = VectorSchemaRoot.create(plain, allocator);
      root = into;
      ArrowFileWriter made =
          new ArrowFileWriter(
              into, new DictionaryProvider.MapDictionaryProvider(), Channels.newChannel(out));
      writer = made;
      made.start();
    }
    return into;
  }

  private ArrowFileWriter writer() {
    ArrowFileWriter known = writer;
    if (known == null) {
      throw new IllegalStateException("the file was not begun");
    }
    return known;
  }

  @Override
  public void mark(int source, long number) {}

  @Override
  public void settle() {}

  @Override
  public void end(boolean finished) {}

  /** Ends the file; one without rows says what columns there would have been. */
  @Override
  public void close() throws IOException {
    try {
      if (writer == null && schema.getFields().stream().allMatch(f -> f.getDictionary() == null)) {
        open(schema);
      }
      if (writer != null) {
        writer.end();
        writer.close();
      }
    } finally {
      if (root != null) {
        root.close();
      }
      out.close();
    }
  }
}
