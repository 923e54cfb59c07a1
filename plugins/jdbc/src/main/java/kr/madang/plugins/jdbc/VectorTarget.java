package kr.madang.plugins.jdbc;

import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;

/** A column of the table that is filled from a column of the batch. */
final class VectorTarget extends Target {
  private static final DateTimeFormatter SQLITE_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSS'Z'");

  private final String field;
  private final Kind kind;
  private final ArrowType arrow;
  private final long nanosPerUnit;
  private @Nullable FieldVector vector;

  /** Texts of a dictionary, as bytes; read anew when the dictionary is another. */
  private byte[][] words = new byte[0][];

  private @Nullable FieldVector wordsOf;
  private byte[] scratch = new byte[256];

  /**
   * A column.
   *
   * @param field name of the column of the batch
   * @param arrow its type, that of its dictionary's words if it has one
   */
  VectorTarget(String name, Type type, boolean required, String field, ArrowType arrow, Kind kind) {
    super(name, type, required);
    this.field = field;
    this.arrow = arrow;
    this.kind = kind;
    this.nanosPerUnit =
        arrow instanceof ArrowType.Timestamp timestamp ? nanos(timestamp.getUnit()) : 1;
  }

  /** What holds values of an Arrow type, or null if nothing here does. */
  static @Nullable Type typeOf(ArrowType arrow) {
    return switch (arrow) {
      case ArrowType.FloatingPoint f ->
          f.getPrecision() == org.apache.arrow.vector.types.FloatingPointPrecision.HALF
              ? null
              : Type.DOUBLE;
      case ArrowType.Int i -> i.getBitWidth() == 64 && !i.getIsSigned() ? null : Type.LONG;
      case ArrowType.Bool _ -> Type.FLAG;
      case ArrowType.Utf8 _ -> Type.TEXT;
      case ArrowType.Binary _ -> Type.BYTES;
      case ArrowType.Timestamp _ -> Type.TIME;
      default -> null;
    };
  }

  private static long nanos(TimeUnit unit) {
    return switch (unit) {
      case SECOND -> 1_000_000_000;
      case MILLISECOND -> 1_000_000;
      case MICROSECOND -> 1_000;
      case NANOSECOND -> 1;
    };
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // Another vector, even of equal words, is read anew.
  void bind(Batch batch) {
    FieldVector bound = batch.root().getVector(field);
    vector = bound;
    if (bound.getField().getDictionary() != null) {
      FieldVector dictionary =
          batch.dictionaries().lookup(bound.getField().getDictionary().getId()).getVector();
      VarCharVector texts = (VarCharVector) dictionary;
      if (wordsOf != dictionary || words.length != texts.getValueCount()) {
        words = new byte[texts.getValueCount()][];
        for (int i = 0; i < words.length; i++) {
          words[i] = texts.get(i);
        }
        wordsOf = dictionary;
      }
    }
  }

  private FieldVector vector() {
    if (vector == null) {
      throw new IllegalStateException("no batch");
    }
    return vector;
  }

  @Override
  void copy(int row, CopyBuffer out) throws SQLException {
    FieldVector from = vector();
    if (from.isNull(row)) {
      out.missing();
      return;
    }
    if (from.getField().getDictionary() != null) {
      byte[] word = words[index(from, row)];
      out.bytes(word, 0, word.length);
      return;
    }
    switch (type) {
      case DOUBLE -> out.float64(number(from, row));
      case LONG -> out.int64(whole(from, row));
      case FLAG -> out.flag(((BitVector) from).get(row) != 0);
      case TIME ->
          out.int64(
              CopyBuffer.instant(
                  Math.floorDiv(whole(from, row), microsDivisor()) * microsFactor()));
      case TEXT, NAME, BYTES -> {
        BaseVariableWidthVector texts = (BaseVariableWidthVector) from;
        int start = texts.getStartOffset(row);
        int length = texts.getEndOffset(row) - start;
        out.bytes(texts.getDataBuffer(), start, length);
      }
    }
  }

  private long microsDivisor() {
    return nanosPerUnit == 1 ? 1000 : 1;
  }

  private long microsFactor() {
    return nanosPerUnit <= 1000 ? 1 : nanosPerUnit / 1000;
  }

  @Override
  void set(int row, PreparedStatement statement, int parameter) throws SQLException {
    FieldVector from = vector();
    if (from.isNull(row)) {
      statement.setNull(parameter, sqlType());
      return;
    }
    if (from.getField().getDictionary() != null) {
      statement.setString(parameter, new String(words[index(from, row)], StandardCharsets.UTF_8));
      return;
    }
    switch (type) {
      case DOUBLE -> {
        double number = number(from, row);
        if (!Double.isFinite(number)) {
          throw new SQLException(
              name
                  + ": expected a finite number, since this database knows no other, got "
                  + number,
              "22003");
        }
        statement.setDouble(parameter, number);
      }
      case LONG -> statement.setLong(parameter, whole(from, row));
      case FLAG -> statement.setBoolean(parameter, ((BitVector) from).get(row) != 0);
      case TIME -> time(whole(from, row), statement, parameter);
      case TEXT, NAME -> statement.setString(parameter, text(from, row));
      case BYTES -> {
        BaseVariableWidthVector bytes = (BaseVariableWidthVector) from;
        statement.setBytes(parameter, bytes(bytes, row));
      }
    }
  }

  private void time(long value, PreparedStatement statement, int parameter) throws SQLException {
    long perSecond = 1_000_000_000 / nanosPerUnit;
    LocalDateTime utc =
        LocalDateTime.ofInstant(
            Instant.ofEpochSecond(
                Math.floorDiv(value, perSecond), Math.floorMod(value, perSecond) * nanosPerUnit),
            ZoneOffset.UTC);
    if (kind == Kind.SQLITE) {
      statement.setString(parameter, SQLITE_TIME.format(utc));
    } else {
      statement.setObject(parameter, utc.withNano(utc.getNano() / 1000 * 1000));
    }
  }

  private int sqlType() {
    return switch (type) {
      case DOUBLE -> Types.DOUBLE;
      case LONG -> Types.BIGINT;
      case FLAG -> Types.BOOLEAN;
      case TIME -> Types.TIMESTAMP;
      case TEXT, NAME -> Types.VARCHAR;
      case BYTES -> Types.VARBINARY;
    };
  }

  private static int index(FieldVector from, int row) {
    return ((IntVector) from).get(row);
  }

  private static double number(FieldVector from, int row) {
    return from instanceof Float4Vector single ? single.get(row) : ((Float8Vector) from).get(row);
  }

  private long whole(FieldVector from, int row) {
    return switch (from) {
      case BigIntVector v -> v.get(row);
      case UInt4Vector v -> Integer.toUnsignedLong(v.get(row));
      case TimeStampVector v -> v.get(row);
      case IntVector v -> v.get(row);
      case SmallIntVector v -> v.get(row);
      case TinyIntVector v -> v.get(row);
      case UInt1Vector v -> Byte.toUnsignedLong(v.get(row));
      case UInt2Vector v -> v.get(row);
      default -> throw new IllegalStateException(field + " is of type " + arrow);
    };
  }

  private String text(FieldVector from, int row) {
    BaseVariableWidthVector texts = (BaseVariableWidthVector) from;
    int start = texts.getStartOffset(row);
    int length = texts.getEndOffset(row) - start;
    if (scratch.length < length) {
      scratch = new byte[Math.max(length, scratch.length * 2)];
    }
    texts.getDataBuffer().getBytes(start, scratch, 0, length);
    return new String(scratch, 0, length, StandardCharsets.UTF_8);
  }

  private static byte[] bytes(BaseVariableWidthVector from, int row) {
    int start = from.getStartOffset(row);
    byte[] bytes = new byte[from.getEndOffset(row) - start];
    ArrowBuf data = from.getDataBuffer();
    data.getBytes(start, bytes);
    return bytes;
  }
}
