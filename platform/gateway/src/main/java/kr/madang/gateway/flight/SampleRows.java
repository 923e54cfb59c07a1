package kr.madang.gateway.flight;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import kr.madang.gateway.arrow.Column;
import kr.madang.gateway.arrow.TableSchema;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import org.jspecify.annotations.Nullable;

/** Samples: {@code tag}, and what is known of {@code value long text bytes status sourceTime}. */
final class SampleRows implements RowShape {
  private static final int MOST_TAGS = 65_536;
  private static final int MOST_NAME = 255;
  private static final String TIME = "timestamp[ns, UTC]";
  private static final Map<String, List<String>> KNOWN = known();

  private final TagNumbers tags = new TagNumbers();
  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
  private @Nullable SampleWriter writer;

  SampleRows(TableSchema schema) {
    RowShape.check(schema, KNOWN, List.of("tag"));
  }

  private static Map<String, List<String>> known() {
    Map<String, List<String>> known = new LinkedHashMap<>();
    known.put("tag", List.of("string"));
    known.put("value", List.of("float64", "float32"));
    known.put("long", List.of("int64", "int32"));
    known.put("text", List.of("string"));
    known.put("bytes", List.of("binary"));
    known.put("status", List.of("uint32"));
    known.put("sourceTime", List.of(TIME));
    return known;
  }

  @Override
  public void write(Map<String, Column> columns, int rows, FrameWriter out) {
    throw new IllegalStateException("samples are no frames");
  }

  @Override
  public void write(Map<String, Column> columns, int rows, SampleWriter out) {
    if (out != writer) {
      // numbers of tags are those of one writer
      tags.clear();
      writer = out;
    }
    Column tag = Objects.requireNonNull(columns.get("tag"));
    Column value = columns.get("value");
    Column whole = columns.get("long");
    Column text = columns.get("text");
    Column bytes = columns.get("bytes");
    Column status = columns.get("status");
    Column time = columns.get("sourceTime");
    for (int row = 0; row < rows; row++) {
      if (tag.isNull(row)) {
        throw RowShape.missing("tag", row);
      }
      int number = tag(tag, row, out);
      boolean real = has(value, row);
      boolean integer = has(whole, row);
      boolean words = has(text, row);
      boolean raw = has(bytes, row);
      if ((real ? 1 : 0) + (integer ? 1 : 0) + (words ? 1 : 0) + (raw ? 1 : 0) > 1) {
        throw new Refusal(
            Status.INVALID,
            "row %d: expected one of value, long, text and bytes, got several".formatted(row));
      }
      boolean any = real || integer || words || raw;
      int code =
          has(status, row)
              ? (int) Objects.requireNonNull(status).whole(row)
              : any ? Quality.GOOD : Quality.BAD_NO_DATA;
      long at = has(time, row) ? Objects.requireNonNull(time).whole(row) : SampleWriter.NO_TIME;
      if (real) {
        out.put(number, Objects.requireNonNull(value).real(row), code, at);
      } else if (integer) {
        out.putLong(number, Objects.requireNonNull(whole).whole(row), code, at);
      } else if (words) {
        out.putText(number, text(Objects.requireNonNull(text), row, "text"), code, at);
      } else if (raw) {
        out.putBytes(number, copy(Objects.requireNonNull(bytes), row), code, at);
      } else if (Quality.isGood(code)) {
        throw new Refusal(
            Status.INVALID, "row %d: expected a value with the status Good".formatted(row));
      } else {
        out.bad(number, code, at);
      }
    }
  }

  private static boolean has(@Nullable Column column, int row) {
    return column != null && !column.isNull(row);
  }

  private int tag(Column column, int row, SampleWriter out) {
    int length = column.length(row);
    int known = tags.find(column.textBytes(), column.from(row), length);
    if (known >= 0) {
      return known;
    }
    String name = text(column, row, "tag");
    if (length == 0 || length > MOST_NAME || name.chars().anyMatch(Character::isISOControl)) {
      throw new Refusal(
          Status.INVALID,
          "column 'tag': row %d: expected 1 to %d bytes and no control character, got %d bytes"
              .formatted(row, MOST_NAME, length));
    }
    if (!out.knows(name) && out.tags().size() >= MOST_TAGS) {
      throw new Refusal(
          Status.INVALID,
          "column 'tag': row %d: expected at most %d tags in all, got another one"
              .formatted(row, MOST_TAGS));
    }
    int number = out.tag(name);
    tags.put(copy(column, row), number);
    return number;
  }

  private static byte[] copy(Column column, int row) {
    int from = column.from(row);
    return Arrays.copyOfRange(column.textBytes(), from, from + column.length(row));
  }

  private String text(Column column, int row, String name) {
    return text(utf8, column, row, name);
  }

  static String text(CharsetDecoder utf8, Column column, int row, String name) {
    try {
      return utf8.decode(ByteBuffer.wrap(column.textBytes(), column.from(row), column.length(row)))
          .toString();
    } catch (CharacterCodingException e) {
      throw new Refusal(Status.INVALID, "column '%s': row %d: expected UTF-8".formatted(name, row));
    }
  }
}
