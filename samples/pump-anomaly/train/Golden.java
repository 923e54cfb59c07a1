import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;

/**
 * Makes golden.arrow of the raw float32 files that train.py leaves in a model's folder, and deletes
 * them: {@code java -cp 'ARROW JARS' Golden.java FOLDER}.
 */
final class Golden {
  private Golden() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[0]);
    int rows = (int) (Files.size(folder.resolve("golden-score.f32")) / 4);
    try (RootAllocator allocator = new RootAllocator()) {
      List<FieldVector> columns = new ArrayList<>();
      for (String tensor : List.of("window", "score")) {
        Path file = folder.resolve("golden-" + tensor + ".f32");
        ByteBuffer values = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        columns.add(column(tensor, values, rows, allocator));
        Files.delete(file);
      }
      try (VectorSchemaRoot root = new VectorSchemaRoot(columns);
          var channel =
              Files.newByteChannel(
                  folder.resolve("golden.arrow"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.TRUNCATE_EXISTING,
                  StandardOpenOption.WRITE);
          ArrowFileWriter writer =
              new ArrowFileWriter(root, new DictionaryProvider.MapDictionaryProvider(), channel)) {
        root.setRowCount(rows);
        writer.start();
        writer.writeBatch();
        writer.end();
      }
    }
  }

  private static FieldVector column(
      String name, ByteBuffer values, int rows, RootAllocator allocator) {
    int width = values.remaining() / 4 / rows;
    FieldType number =
        FieldType.notNullable(new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE));
    if (width == 1) {
      Float4Vector plain = new Float4Vector(new Field(name, number, null), allocator);
      fill(plain, values);
      return plain;
    }
    Field list =
        new Field(
            name,
            FieldType.notNullable(new ArrowType.FixedSizeList(width)),
            List.of(new Field("item", number, null)));
    FixedSizeListVector lists = (FixedSizeListVector) list.createVector(allocator);
    lists.setInitialCapacity(rows);
    lists.allocateNew();
    for (int row = 0; row < rows; row++) {
      lists.setNotNull(row);
    }
    fill((Float4Vector) lists.getDataVector(), values);
    lists.setValueCount(rows);
    return lists;
  }

  private static void fill(Float4Vector vector, ByteBuffer values) {
    int count = values.remaining() / 4;
    vector.allocateNew(count);
    for (int i = 0; i < count; i++) {
      vector.set(i, values.getFloat());
    }
    vector.setValueCount(count);
  }
}
