package kr.madang.gateway;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;

/** Record batches in the making, by the library that the doors do not read them with. */
final class Tables {
  static final String TYPE = "application/vnd.apache.arrow.stream";

  private Tables() {}

  static Field list(String name, ArrowType values, int size) {
    return new Field(
        name,
        FieldType.notNullable(new ArrowType.FixedSizeList(size)),
        List.of(Field.notNullable("item", values)));
  }

  static Field floats(String name, int size) {
    return list(name, new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE), size);
  }

  /** One column of lists of float32. */
  static VectorSchemaRoot floats(
      BufferAllocator allocator, String name, int rows, int size, IntToDoubleFunction values) {
    FieldVector column = floats(name, size).createVector(allocator);
    fill((FixedSizeListVector) column, rows, values);
    VectorSchemaRoot root = VectorSchemaRoot.of(column);
    root.setRowCount(rows);
    return root;
  }

  static void fill(FixedSizeListVector list, int rows, IntToDoubleFunction values) {
    int all = rows * list.getListSize();
    list.setInitialCapacity(rows);
    list.allocateNew();
    Float4Vector inner = (Float4Vector) list.getDataVector();
    inner.allocateNew(Math.max(1, all));
    for (int i = 0; i < all; i++) {
      inner.set(i, (float) values.applyAsDouble(i));
    }
    inner.setValueCount(all);
    for (int row = 0; row < rows; row++) {
      list.setNotNull(row);
    }
    list.setValueCount(rows);
  }

  static byte[] stream(VectorSchemaRoot root) {
    return stream(root, new DictionaryProvider.MapDictionaryProvider(), 1);
  }

  /** The same rows, some times. */
  static byte[] stream(VectorSchemaRoot root, DictionaryProvider dictionaries, int times) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ArrowStreamWriter writer =
        new ArrowStreamWriter(root, dictionaries, Channels.newChannel(bytes))) {
      writer.start();
      for (int i = 0; i < times; i++) {
        writer.writeBatch();
      }
      writer.end();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Each column of a stream as text, with what its schema says behind it. */
  static List<String> read(BufferAllocator allocator, byte[] bytes) throws IOException {
    List<String> columns = new ArrayList<>();
    try (ArrowStreamReader reader =
        new ArrowStreamReader(new ByteArrayInputStream(bytes), allocator)) {
      VectorSchemaRoot root = reader.getVectorSchemaRoot();
      while (reader.loadNextBatch()) {
        root.getFieldVectors().forEach(column -> columns.add(column.getName() + column));
      }
      columns.add(new java.util.TreeMap<>(root.getSchema().getCustomMetadata()).toString());
    }
    return columns;
  }
}
