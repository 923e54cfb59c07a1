package kr.madang.plugins.kafka;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeStampNanoTZVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** Writes rows of a batch as JSON objects: a sample's columns, or the fields of a frame. */
final class JsonColumns {
  private final boolean samples;
  private final byte[][] keys;
  private final FieldVector[] columns;
  private byte[][] words = new byte[0][];
  private @Nullable FieldVector wordsOf;

  JsonColumns(Schema schema) {
    samples = Samples.matches(schema);
    List<byte[]> names = new ArrayList<>();
    if (samples) {
      for (String name : List.of("tag", "value", "status", "sourceTime", "receiveTime", "bytes")) {
        names.add(JsonRow.key(name, names.isEmpty()));
      }
    } else {
      for (Field field : schema.getFields()) {
        names.add(JsonRow.key(field.getName(), names.isEmpty()));
      }
    }
    keys = names.toArray(byte[][]::new);
    columns = new FieldVector[schema.getFields().size()];
  }

  /** Refuses a schema that has columns without a JSON form. */
  static void check(Schema schema) {
    for (Field field : schema.getFields()) {
      if (field.getDictionary() == null && !known(field)) {
        throw new PluginException(
            ErrorCode.SCHEMA_MISFIT,
            "field '"
                + field.getName()
                + "': expected numbers, flags, texts, bytes, times in ns or lists of float64 for"
                + " json, got "
                + field.getType()
                + "; take payload: arrow, or leave it out by a select step");
      }
    }
  }

  private static boolean known(Field field) {
    return switch (field.getType()) {
      case ArrowType.FloatingPoint f -> f.getPrecision() != FloatingPointPrecision.HALF;
      case ArrowType.Int i -> i.getIsSigned() || i.getBitWidth() == 32;
      case ArrowType.Bool _, ArrowType.Utf8 _, ArrowType.Binary _ -> true;
      case ArrowType.Timestamp t -> t.getUnit() == TimeUnit.NANOSECOND && t.getTimezone() != null;
      case ArrowType.FixedSizeList _ ->
          field.getChildren().getFirst().getType() instanceof ArrowType.FloatingPoint f
              && f.getPrecision() == FloatingPointPrecision.DOUBLE;
      default -> false;
    };
  }

  @SuppressWarnings("ReferenceEquality") // Another vector, even of equal words, is read anew.
  void bind(Batch batch) {
    for (int i = 0; i < columns.length; i++) {
      columns[i] = batch.root().getVector(i);
      if (columns[i].getField().getDictionary() != null) {
        VarCharVector texts =
            (VarCharVector)
                batch
                    .dictionaries()
                    .lookup(columns[i].getField().getDictionary().getId())
                    .getVector();
        if (wordsOf != texts || words.length != texts.getValueCount()) {
          words = new byte[texts.getValueCount()][];
          for (int word = 0; word < words.length; word++) {
            words[word] = texts.get(word);
          }
          wordsOf = texts;
        }
      }
    }
  }

  /** The word of a dictionary column, shared: not to be written. */
  byte[] word(int column, int row) {
    return words[((IntVector) columns[column]).get(row)];
  }

  FieldVector column(int column) {
    return columns[column];
  }

  void write(int row, JsonRow out) {
    if (samples) {
      sample(row, out);
      return;
    }
    for (int i = 0; i < columns.length; i++) {
      out.raw(keys[i]);
      value(columns[i], i, row, out);
    }
    out.raw('}');
  }

  private void sample(int row, JsonRow out) {
    out.raw(keys[0]);
    byte[] tag = word(0, row);
    out.text(tag, 0, tag.length);
    out.raw(keys[1]);
    int shown = 1;
    while (shown < 4 && columns[shown].isNull(row)) {
      shown++;
    }
    if (shown < 4) {
      value(columns[shown], shown, row, out);
    } else {
      out.raw(JsonRow.NULL);
    }
    out.raw(keys[2]);
    value(columns[5], 5, row, out);
    if (!columns[6].isNull(row)) {
      out.raw(keys[3]);
      value(columns[6], 6, row, out);
    }
    out.raw(keys[4]);
    value(columns[7], 7, row, out);
    if (!columns[4].isNull(row)) {
      out.raw(keys[5]);
      value(columns[4], 4, row, out);
    }
    out.raw('}');
  }

  private void value(FieldVector from, int column, int row, JsonRow out) {
    if (from.isNull(row)) {
      out.raw(JsonRow.NULL);
      return;
    }
    if (from.getField().getDictionary() != null) {
      byte[] word = word(column, row);
      out.text(word, 0, word.length);
      return;
    }
    switch (from) {
      case Float8Vector v -> out.number(v.get(row));
      case UInt4Vector v -> out.integer(Integer.toUnsignedLong(v.get(row)));
      case TimeStampNanoTZVector v -> out.time(v.get(row));
      case BigIntVector v -> out.integer(v.get(row));
      case Float4Vector v -> out.number(v.get(row));
      case IntVector v -> out.integer(v.get(row));
      case SmallIntVector v -> out.integer(v.get(row));
      case TinyIntVector v -> out.integer(v.get(row));
      case BitVector v -> out.raw(v.get(row) != 0 ? TRUE : FALSE);
      case VarCharVector v -> text(v, row, out);
      case VarBinaryVector v -> {
        byte[] base64 = Base64.getEncoder().encode(v.get(row));
        out.text(base64, 0, base64.length);
      }
      case FixedSizeListVector v -> list(v, row, out);
      default -> throw new IllegalStateException(from.getField().toString());
    }
  }

  private static final byte[] TRUE = {'t', 'r', 'u', 'e'};
  private static final byte[] FALSE = {'f', 'a', 'l', 's', 'e'};

  private static void text(BaseVariableWidthVector from, int row, JsonRow out) {
    int start = from.getStartOffset(row);
    out.text(from.getDataBuffer(), start, from.getEndOffset(row) - start);
  }

  private static void list(FixedSizeListVector from, int row, JsonRow out) {
    Float8Vector values = (Float8Vector) from.getDataVector();
    int size = from.getListSize();
    out.raw('[');
    for (int i = 0; i < size; i++) {
      if (i > 0) {
        out.raw(',');
      }
      int at = row * size + i;
      if (values.isNull(at)) {
        out.raw(JsonRow.NULL);
      } else {
        out.number(values.get(at));
      }
    }
    out.raw(']');
  }
}
