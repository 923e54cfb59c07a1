package kr.madang.plugins.files;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.TimeStampNanoTZVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/** Writes cells of vectors as text. */
final class CsvCells {
  private final StringBuilder out;
  private final char separator;
  private final char decimal;
  private long cachedSecond = Long.MIN_VALUE;
  private String cachedText = "";

  CsvCells(StringBuilder out, char separator, char decimal) {
    this.out = out;
    this.separator = separator;
    this.decimal = decimal;
  }

  static boolean knows(Field field) {
    if (field.getDictionary() != null) {
      return true;
    }
    return switch (field.getType()) {
      case ArrowType.FloatingPoint type -> type.getPrecision() != FloatingPointPrecision.HALF;
      case ArrowType.Int _, ArrowType.Bool _, ArrowType.Utf8 _, ArrowType.Binary _ -> true;
      case ArrowType.Timestamp type ->
          type.getUnit() == TimeUnit.NANOSECOND && type.getTimezone() != null;
      case ArrowType.FixedSizeList _ -> knows(field.getChildren().get(0));
      default -> false;
    };
  }

  /** Appends a cell; null is nothing, an empty text is a pair of quotes. */
  void append(FieldVector vector, DictionaryProvider dictionaries, int row) {
    if (vector.isNull(row)) {
      return;
    }
    if (vector.getField().getDictionary() != null) {
      int code = (int) ((BaseIntVector) vector).getValueAsLong(row);
      append(
          dictionaries.lookup(vector.getField().getDictionary().getId()).getVector(),
          dictionaries,
          code);
      return;
    }
    switch (vector) {
      case Float8Vector doubles -> number(doubles.get(row), decimal);
      case Float4Vector floats -> out.append(decimal(Float.toString(floats.get(row))));
      case TimeStampNanoTZVector times -> time(times.get(row));
      case VarCharVector texts -> quoted(new String(texts.get(row), StandardCharsets.UTF_8));
      case VarBinaryVector bytes -> quoted(Base64.getEncoder().encodeToString(bytes.get(row)));
      case FixedSizeListVector list -> {
        out.append('"');
        list(list, row);
        out.append('"');
      }
      case BitVector bits -> out.append(bits.get(row));
      default -> out.append(integer(vector, row));
    }
  }

  private static long integer(FieldVector vector, int row) {
    long value = ((BaseIntVector) vector).getValueAsLong(row);
    return vector.getField().getType() instanceof ArrowType.Int type
            && !type.getIsSigned()
            && type.getBitWidth() < 64
        ? value & (1L << type.getBitWidth()) - 1
        : value;
  }

  private void number(double value, char point) {
    int from = out.length();
    out.append(value);
    if (point != '.') {
      int at = out.indexOf(".", from);
      if (at >= 0) {
        out.setCharAt(at, point);
      }
    }
  }

  private String decimal(String text) {
    return decimal == '.' ? text : text.replace('.', decimal);
  }

  /** JSON, so that the point stays whatever the decimal sign. */
  private void list(FixedSizeListVector list, int row) {
    FieldVector data = list.getDataVector();
    int size = list.getListSize();
    out.append('[');
    for (int i = 0; i < size; i++) {
      if (i > 0) {
        out.append(',');
      }
      int at = row * size + i;
      if (data.isNull(at)) {
        out.append("null");
        continue;
      }
      switch (data) {
        case FixedSizeListVector nested -> list(nested, at);
        case Float8Vector doubles -> json(doubles.get(at));
        case Float4Vector floats -> {
          float value = floats.get(at);
          out.append(Float.isFinite(value) ? Float.toString(value) : "null");
        }
        case VarCharVector texts ->
            out.append("\"\"")
                .append(escaped(new String(texts.get(at), StandardCharsets.UTF_8)))
                .append("\"\"");
        case BitVector bits -> out.append(bits.get(at) == 1);
        default -> out.append(integer(data, at));
      }
    }
    out.append(']');
  }

  private void json(double value) {
    if (Double.isFinite(value)) {
      out.append(value);
    } else {
      out.append("null");
    }
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"\"").replaceAll("\\p{Cntrl}", " ");
  }

  private void time(long nanos) {
    long second = Math.floorDiv(nanos, TimeParser.SECOND);
    if (second != cachedSecond) {
      String text = java.time.Instant.ofEpochSecond(second).toString();
      cachedText = text.substring(0, text.length() - 1);
      cachedSecond = second;
    }
    out.append(cachedText).append('.');
    long fraction = Math.floorMod(nanos, TimeParser.SECOND);
    for (long unit = 100_000_000; unit > 0; unit /= 10) {
      out.append((char) ('0' + fraction / unit % 10));
    }
    out.append('Z');
  }

  /** A text, in quotes where it would be read as something else without. */
  void quoted(String text) {
    boolean plain = !text.isEmpty() && text.strip().length() == text.length();
    for (int i = 0; plain && i < text.length(); i++) {
      char c = text.charAt(i);
      plain = c != separator && c != '"' && c != '\n' && c != '\r';
    }
    if (plain) {
      out.append(text);
    } else {
      out.append('"').append(text.replace("\"", "\"\"")).append('"');
    }
  }
}
