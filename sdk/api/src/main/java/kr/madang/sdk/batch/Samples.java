package kr.madang.sdk.batch;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.TimeStampNanoTZVector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A batch of samples seen by column: one row a sample, as it came. Reading allocates nothing.
 *
 * <p>Columns: {@code tag} dictionary&lt;int32, utf8&gt;; {@code value} float64; {@code long} int64,
 * {@code text} utf8 and {@code bytes} binary for what a double cannot carry; {@code status} uint32
 * (see {@link Quality}); {@code sourceTime} (null where unknown) and {@code receiveTime}
 * timestamp[ns, UTC]. At most one of the four value columns is set; none when the value is missing.
 */
public final class Samples {
  static final String TAG = "tag";
  static final DictionaryEncoding TAG_ENCODING =
      new DictionaryEncoding(1, false, new ArrowType.Int(32, true));
  private static final ArrowType TIME = new ArrowType.Timestamp(TimeUnit.NANOSECOND, "UTC");

  /** The schema of every samples batch. */
  public static final Schema SCHEMA =
      new Schema(
          List.of(
              new Field(TAG, new FieldType(false, new ArrowType.Int(32, true), TAG_ENCODING), null),
              Field.nullable("value", new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE)),
              Field.nullable("long", new ArrowType.Int(64, true)),
              Field.nullable("text", ArrowType.Utf8.INSTANCE),
              Field.nullable("bytes", ArrowType.Binary.INSTANCE),
              Field.notNullable("status", new ArrowType.Int(32, false)),
              Field.nullable("sourceTime", TIME),
              Field.notNullable("receiveTime", TIME)));

  private final Object names;
  private final String[] tagNames;
  private final int rows;
  private final IntVector tag;
  private final Float8Vector value;
  private final BigIntVector longs;
  private final VarCharVector text;
  private final VarBinaryVector bytes;
  private final UInt4Vector status;
  private final TimeStampNanoTZVector sourceTime;
  private final TimeStampNanoTZVector receiveTime;

  private Samples(Batch batch) {
    VectorSchemaRoot root = batch.root();
    rows = root.getRowCount();
    tag = (IntVector) root.getVector(0);
    value = (Float8Vector) root.getVector(1);
    longs = (BigIntVector) root.getVector(2);
    text = (VarCharVector) root.getVector(3);
    bytes = (VarBinaryVector) root.getVector(4);
    status = (UInt4Vector) root.getVector(5);
    sourceTime = (TimeStampNanoTZVector) root.getVector(6);
    receiveTime = (TimeStampNanoTZVector) root.getVector(7);
    TagNames known = batch.tags();
    if (known != null) {
      tagNames = known.names();
    } else {
      tagNames = decode(batch.dictionaries().lookup(TAG_ENCODING.getId()).getVector());
    }
    names = tagNames;
  }

  private static String[] decode(FieldVector dictionary) {
    VarCharVector vector = (VarCharVector) dictionary;
    String[] decoded = new String[vector.getValueCount()];
    for (int i = 0; i < decoded.length; i++) {
      decoded[i] = new String(vector.get(i), StandardCharsets.UTF_8);
    }
    return decoded;
  }

  /** Reads a batch; it must stay open while this view is used. */
  public static Samples of(Batch batch) {
    if (!matches(batch.schema())) {
      throw new IllegalArgumentException("not a samples batch: " + batch.schema());
    }
    return new Samples(batch);
  }

  /** Whether batches of this schema are samples. */
  public static boolean matches(Schema schema) {
    if (schema.getFields().size() != SCHEMA.getFields().size()) {
      return false;
    }
    for (int i = 0; i < SCHEMA.getFields().size(); i++) {
      Field expected = SCHEMA.getFields().get(i);
      Field got = schema.getFields().get(i);
      if (!expected.getName().equals(got.getName()) || !expected.getType().equals(got.getType())) {
        return false;
      }
    }
    return schema.getFields().get(0).getDictionary() != null;
  }

  /** The number of samples. */
  public int rows() {
    return rows;
  }

  /** The number of the sample's tag, an index into {@link #tagName}. */
  public int tag(int row) {
    return tag.get(row);
  }

  /** The number of tags that this batch knows. */
  public int tagCount() {
    return tagNames.length;
  }

  /** The name of a tag by its number. */
  public String tagName(int tag) {
    return tagNames[tag];
  }

  /**
   * An object that is the same for two batches only if their tag numbers mean the same names: a key
   * for what was looked up once.
   */
  public Object tagsIdentity() {
    return names;
  }

  /** Whether the sample has a number. */
  public boolean hasValue(int row) {
    return value.isSet(row) == 1;
  }

  /** The number, meaningful only if {@link #hasValue}. */
  public double value(int row) {
    return value.getDataBuffer().getDouble((long) row << 3);
  }

  /** The integer of a sample that a double cannot carry, or null. */
  public @Nullable Long longValue(int row) {
    return longs.getObject(row);
  }

  /** The text of a sample, or null. */
  public @Nullable String text(int row) {
    byte[] got = text.isNull(row) ? null : text.get(row);
    return got == null ? null : new String(got, StandardCharsets.UTF_8);
  }

  /** The bytes of a sample, or null. */
  public byte @Nullable [] bytes(int row) {
    return bytes.isNull(row) ? null : bytes.get(row);
  }

  /** The status code of the sample. */
  public int status(int row) {
    return status.getDataBuffer().getInt((long) row << 2);
  }

  /** Whether the source said when the value was true. */
  public boolean hasSourceTime(int row) {
    return sourceTime.isSet(row) == 1;
  }

  /** The time at the source if it is known, else the time of arrival; ns since 1970 UTC. */
  public long time(int row) {
    return hasSourceTime(row)
        ? sourceTime.getDataBuffer().getLong((long) row << 3)
        : receiveTime(row);
  }

  /** The time of arrival; ns since 1970 UTC. */
  public long receiveTime(int row) {
    return receiveTime.getDataBuffer().getLong((long) row << 3);
  }
}
