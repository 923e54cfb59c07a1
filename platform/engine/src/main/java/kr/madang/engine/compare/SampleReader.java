package kr.madang.engine.compare;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Samples;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** Reads samples: the column of a row is its tag. */
final class SampleReader extends RowReader {
  private final Tags tags;
  private final Encoded names;
  private final Float8Vector value;
  private final BigIntVector longs;
  private final VarCharVector text;
  private final VarBinaryVector bytes;
  private final UInt4Vector status;
  private final @Nullable Times preferred;
  private final Times otherwise;
  private int[] numbers = new int[0];
  private int age = -1;

  SampleReader(ArrowFile file, String key, Tags tags) {
    super(file);
    this.tags = tags;
    VectorSchemaRoot root = file.root();
    names =
        new Encoded(
            file,
            root.getVector(0),
            Objects.requireNonNull(file.dictionary(root.getVector(0).getField())),
            0);
    value = (Float8Vector) root.getVector(1);
    longs = (BigIntVector) root.getVector(2);
    text = (VarCharVector) root.getVector(3);
    bytes = (VarBinaryVector) root.getVector(4);
    status = (UInt4Vector) root.getVector(5);
    boolean time = key.equals(Frames.TIME);
    preferred = time ? Times.of(root.getVector("sourceTime")) : null;
    otherwise = Objects.requireNonNull(Times.of(root.getVector(time ? "receiveTime" : key)));
  }

  /** Whether a file holds samples that can be read so. */
  static boolean reads(ArrowFile file) {
    Schema schema = file.root().getSchema();
    return Samples.matches(schema) && file.dictionary(schema.getFields().getFirst()) != null;
  }

  @Override
  void fill(int row, Row into) {
    into.tag = tag(row);
    Times times = preferred != null && preferred.isSet(row) ? preferred : otherwise;
    into.timed = times.isSet(row);
    into.time = into.timed ? times.get(row) : 0;
    into.statuses[0] = status.isNull(row) ? 0 : status.get(row);
    if (!value.isNull(row)) {
      into.kinds[0] = Row.DOUBLE;
      into.bits[0] = Double.doubleToRawLongBits(value.get(row));
    } else if (!longs.isNull(row)) {
      into.kinds[0] = Row.LONG;
      into.bits[0] = longs.get(row);
    } else if (!text.isNull(row)) {
      into.kinds[0] = Row.TEXT;
      into.texts[0] = new String(Cells.bytes(text, row), StandardCharsets.UTF_8);
    } else if (!bytes.isNull(row)) {
      into.kinds[0] = Row.TEXT;
      into.texts[0] = Cells.bytes(Cells.bytes(bytes, row));
    } else {
      into.kinds[0] = Row.MISSING;
    }
  }

  private int tag(int row) {
    int index = names.index(row);
    if (age != file.dictionaryAge()) {
      age = file.dictionaryAge();
      Arrays.fill(numbers, -1);
    }
    if (index >= numbers.length) {
      int known = numbers.length;
      numbers = Arrays.copyOf(numbers, Math.max(index + 1, 2 * known));
      Arrays.fill(numbers, known, numbers.length, -1);
    }
    if (numbers[index] < 0) {
      String name = names.textAt(index);
      numbers[index] = tags.number(name == null ? "" : name);
    }
    return numbers[index];
  }
}
