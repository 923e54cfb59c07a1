package kr.madang.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/** Makes batches of several shapes, each other than all before it, and tells them apart. */
final class Content implements AutoCloseable {
  private static final Schema WIDE =
      Frames.schema(
          List.of(
              Frames.field("current", Frames.DOUBLE, "A", "pump1/current"),
              Frames.field("count", new ArrowType.Int(64, true), "", ""),
              Frames.field("state", ArrowType.Utf8.INSTANCE, "", "")));
  private static final Schema WINDOWS =
      new Schema(
          List.of(
              new Field(
                  "window",
                  FieldType.nullable(new ArrowType.FixedSizeList(3)),
                  List.of(
                      Field.nullable(
                          "x", new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE)))),
              Field.nullable("image", ArrowType.Binary.INSTANCE)));

  private final BufferAllocator allocator;
  private final Random random;
  private final SampleWriter samples;
  private final FrameWriter frames;
  private long time = 1_767_225_600_000_000_000L;

  Content(BufferAllocator allocator, long seed) {
    this.allocator = allocator;
    random = new Random(seed);
    samples = new SampleWriter(allocator);
    frames = new FrameWriter(allocator, WIDE);
  }

  Batch batch(int rows) {
    return switch (random.nextInt(4)) {
      case 0 -> frames(rows);
      case 1 -> windows(rows);
      default -> samples(rows);
    };
  }

  private Batch samples(int rows) {
    for (int row = 0; row < rows; row++) {
      // names are added as time goes by
      int tag = samples.tag("pump" + random.nextInt(3 + samples.tags().size()) + "/전류");
      samples.receivedAt(time++);
      switch (random.nextInt(6)) {
        case 0 -> samples.putLong(tag, random.nextLong(), Quality.GOOD, time);
        case 1 -> samples.putText(tag, text(), Quality.UNCERTAIN, SampleWriter.NO_TIME);
        case 2 -> samples.putBytes(tag, bytes(), Quality.GOOD, time);
        case 3 -> samples.bad(tag, Quality.BAD_TIMEOUT, SampleWriter.NO_TIME);
        default -> samples.put(tag, random.nextGaussian(), Quality.GOOD, time);
      }
    }
    return samples.take();
  }

  private Batch frames(int rows) {
    for (int row = 0; row < rows; row++) {
      frames.begin(time++);
      if (random.nextBoolean()) {
        frames.set(0, random.nextGaussian(), Quality.GOOD);
      }
      frames.setLong(1, random.nextLong(), Quality.GOOD);
      if (random.nextBoolean()) {
        frames.setText(2, text(), Quality.UNCERTAIN);
      }
    }
    return frames.take();
  }

  private Batch windows(int rows) {
    VectorSchemaRoot root = VectorSchemaRoot.create(WINDOWS, allocator);
    root.allocateNew();
    FixedSizeListVector window = (FixedSizeListVector) root.getVector("window");
    VarBinaryVector image = (VarBinaryVector) root.getVector("image");
    Float4Vector values = (Float4Vector) window.getDataVector();
    for (int row = 0; row < rows; row++) {
      if (random.nextInt(5) > 0) {
        window.setNotNull(row);
      }
      for (int i = 0; i < 3; i++) {
        values.setSafe(3 * row + i, random.nextFloat());
      }
      image.setSafe(row, bytes());
    }
    root.setRowCount(rows);
    return Batch.of(root);
  }

  private String text() {
    return Long.toString(random.nextLong(), 36).substring(random.nextInt(8));
  }

  private byte[] bytes() {
    byte[] bytes = new byte[random.nextInt(100)];
    random.nextBytes(bytes);
    return bytes;
  }

  /** Bytes that begin with a number. */
  static byte[] meta(long number, Random random) {
    byte[] rest = new byte[random.nextInt(60)];
    random.nextBytes(rest);
    return ByteBuffer.allocate(8 + rest.length).putLong(number).put(rest).array();
  }

  /** A number for each row that differs when anything in the row does. */
  static long[] digests(Batch batch) {
    long[] sums = new long[batch.rows()];
    Arrays.fill(sums, batch.schema().toString().hashCode());
    for (FieldVector vector : batch.root().getFieldVectors()) {
      for (int row = 0; row < sums.length; row++) {
        sums[row] = mix(sums[row] * 31 + digest(batch, vector, row));
      }
    }
    return sums;
  }

  private static long digest(Batch batch, FieldVector vector, int row) {
    if (vector.isNull(row)) {
      return 17;
    }
    var encoding = vector.getField().getDictionary();
    if (encoding != null) {
      FieldVector names = batch.dictionaries().lookup(encoding.getId()).getVector();
      int index = ((Number) vector.getObject(row)).intValue();
      return String.valueOf(names.getObject(index)).hashCode();
    }
    return switch (vector) {
      case BaseFixedWidthVector fixed -> {
        long sum = 0;
        for (long i = 0, at = (long) row * fixed.getTypeWidth(); i < fixed.getTypeWidth(); i++) {
          sum = sum << 8 | sum >>> 56 ^ fixed.getDataBuffer().getByte(at + i) & 0xFF;
        }
        yield sum;
      }
      case BaseVariableWidthVector variable -> {
        int start = variable.getStartOffset(row);
        byte[] bytes = new byte[variable.getEndOffset(row) - start];
        variable.getDataBuffer().getBytes(start, bytes);
        yield new String(bytes, StandardCharsets.ISO_8859_1).hashCode();
      }
      default -> String.valueOf(vector.getObject(row)).hashCode();
    };
  }

  private static long mix(long value) {
    long mixed = (value ^ value >>> 30) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
    return mixed ^ mixed >>> 31;
  }

  @Override
  public void close() {
    samples.close();
    frames.close();
  }
}
