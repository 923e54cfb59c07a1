package kr.madang.plugins.mqtt;

import java.nio.charset.StandardCharsets;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FloatingPointVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** Reads cells of frames. */
final class Cells {
  private Cells() {}

  /** Refuses a schema with fields that cannot be written. */
  static void check(Schema schema) {
    for (Field field : Frames.fields(schema)) {
      boolean fits =
          switch (field.getType()) {
            case ArrowType.FloatingPoint _,
                ArrowType.Int _,
                ArrowType.Utf8 _,
                ArrowType.Binary _,
                ArrowType.Bool _,
                ArrowType.Timestamp _ ->
                field.getDictionary() == null;
            default -> false;
          };
      if (!fits) {
        throw new PluginException(
            ErrorCode.SCHEMA_MISFIT,
            "field '"
                + field.getName()
                + "': expected numbers, texts, bytes or truths, got "
                + field.getType()
                + "; leave it out by a select step");
      }
    }
  }

  static int status(Batch frames, String field, int row) {
    FieldVector vector = frames.root().getVector(Frames.status(field));
    return vector instanceof UInt4Vector codes && !codes.isNull(row) ? codes.get(row) : 0;
  }

  /** A time of a frame in ns. */
  static long time(Batch frames, int row) {
    return ((TimeStampVector) frames.root().getVector(0)).get(row);
  }

  static void json(JsonLines out, String key, FieldVector vector, int row) {
    if (vector.isNull(row)) {
      out.missing(key);
      return;
    }
    switch (vector) {
      case FloatingPointVector floats -> out.number(key, floats.getValueAsDouble(row));
      case BaseIntVector integers -> out.integer(key, integers.getValueAsLong(row));
      case VarCharVector texts -> out.text(key, new String(texts.get(row), StandardCharsets.UTF_8));
      case VarBinaryVector bytes -> out.bytes(key, bytes.get(row));
      case BitVector truths -> out.integer(key, truths.get(row));
      case TimeStampVector times -> out.integer(key, times.get(row));
      default -> out.missing(key);
    }
  }

  static byte[] raw(FieldVector vector, int row) {
    return switch (vector) {
      case FloatingPointVector floats -> number(floats.getValueAsDouble(row));
      case BaseIntVector integers -> ascii(Long.toString(integers.getValueAsLong(row)));
      case VarCharVector texts -> texts.get(row);
      case VarBinaryVector bytes -> bytes.get(row);
      case BitVector truths -> ascii(Integer.toString(truths.get(row)));
      case TimeStampVector times -> ascii(Long.toString(times.get(row)));
      default -> new byte[0];
    };
  }

  static byte[] number(double value) {
    return ascii(
        value == Math.rint(value) && Math.abs(value) < 1e15
            ? Long.toString((long) value)
            : Double.toString(value));
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
