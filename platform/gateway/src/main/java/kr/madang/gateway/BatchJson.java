package kr.madang.gateway;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import kr.madang.control.DeadLetterVerbs;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.Samples;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.jspecify.annotations.Nullable;

/**
 * The newest rows of a batch as JSON: times as RFC 3339, statuses by name, what is no number as
 * null.
 */
final class BatchJson {
  /** Rows that would make an event longer than this are left out. */
  private static final int MOST_CHARACTERS = 256 << 10;

  /** A dead letter of more than this could not be sent back as a document anyway. */
  private static final int LETTER_CHARACTERS = 1 << 20;

  private BatchJson() {}

  /**
   * One event of a tap.
   *
   * @param atMost rows shown, the newest
   * @param skipped rows that this reader has missed so far
   */
  static String event(Batch batch, int atMost, long skipped) {
    StringWriter text = new StringWriter(1024);
    int rows = batch.rows();
    int first = Math.max(0, rows - atMost);
    try (JsonGenerator out = Json.FACTORY.createGenerator(text)) {
      out.writeStartObject();
      out.writeStringField("stream", batch.stream());
      out.writeNumberField("sequence", batch.sequence());
      out.writeNumberField("rows", rows);
      out.writeNumberField("skipped", skipped);
      out.writeNumberField("from", first);
      int shown = rows(out, text, batch, first, MOST_CHARACTERS);
      out.writeNumberField("shown", shown);
      out.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return text.toString();
  }

  /** One row as an object, without its key. */
  static String row(Batch batch, int row) {
    StringWriter text = new StringWriter(256);
    try (JsonGenerator out = Json.FACTORY.createGenerator(text)) {
      out.writeStartObject();
      (Samples.matches(batch.schema()) ? samples(batch) : columns(batch)).write(out, row);
      out.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return text.toString();
  }

  /** A dead letter with as many of its rows as a correction could send back. */
  static String letter(DeadLetterVerbs.Opened opened) {
    StringWriter text = new StringWriter(1024);
    try (JsonGenerator out = Json.FACTORY.createGenerator(text)) {
      out.writeStartObject();
      Json.properties(out, Views.deadLetter(opened.letter()));
      int shown = 0;
      if (opened.rows().isPresent()) {
        shown = rows(out, text, opened.rows().get(), 0, LETTER_CHARACTERS);
      } else {
        out.writeArrayFieldStart("data");
        out.writeEndArray();
      }
      out.writeNumberField("shown", shown);
      out.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return text.toString();
  }

  private static int rows(
      JsonGenerator out, StringWriter text, Batch batch, int first, int characters)
      throws IOException {
    out.writeArrayFieldStart("data");
    Row row = Samples.matches(batch.schema()) ? samples(batch) : columns(batch);
    int shown = 0;
    for (int i = first; i < batch.rows(); i++) {
      out.writeStartObject();
      row.write(out, i);
      out.writeEndObject();
      shown++;
      out.flush();
      if (text.getBuffer().length() > characters) {
        break;
      }
    }
    out.writeEndArray();
    return shown;
  }

  @FunctionalInterface
  private interface Row {
    void write(JsonGenerator out, int row) throws IOException;
  }

  private static Row samples(Batch batch) {
    Samples samples = Samples.of(batch);
    return (out, row) -> {
      out.writeStringField("tag", samples.tagName(samples.tag(row)));
      out.writeFieldName("value");
      Long whole = samples.longValue(row);
      String text = samples.text(row);
      byte[] bytes = samples.bytes(row);
      if (samples.hasValue(row)) {
        Json.number(out, samples.value(row));
      } else if (whole != null) {
        out.writeNumber(whole);
      } else if (text != null) {
        out.writeString(text);
      } else if (bytes != null) {
        out.writeString(Base64.getEncoder().encodeToString(bytes));
      } else {
        out.writeNull();
      }
      out.writeStringField("status", Quality.name(samples.status(row)));
      out.writeFieldName("sourceTime");
      if (samples.hasSourceTime(row)) {
        out.writeString(time(samples.time(row), TimeUnit.NANOSECOND));
      } else {
        out.writeNull();
      }
      out.writeStringField("receiveTime", time(samples.receiveTime(row), TimeUnit.NANOSECOND));
    };
  }

  private static Row columns(Batch batch) {
    List<FieldVector> vectors = batch.root().getFieldVectors();
    return (out, row) -> {
      for (FieldVector vector : vectors) {
        out.writeFieldName(vector.getName());
        if (vector.getName().endsWith(Frames.STATUS_SUFFIX)
            && vector instanceof UInt4Vector status) {
          out.writeString(Quality.name(status.isNull(row) ? Quality.BAD : status.get(row)));
        } else {
          cell(out, batch, vector, row);
        }
      }
    };
  }

  private static void cell(JsonGenerator out, Batch batch, FieldVector vector, int row)
      throws IOException {
    if (vector.isNull(row)) {
      out.writeNull();
      return;
    }
    DictionaryEncoding encoding = vector.getField().getDictionary();
    if (encoding != null && vector.getObject(row) instanceof Number index) {
      Dictionary dictionary = batch.dictionaries().lookup(encoding.getId());
      if (dictionary != null) {
        value(out, dictionary.getVector().getObject(index.intValue()));
        return;
      }
    }
    if (vector.getField().getType() instanceof ArrowType.Timestamp timestamp) {
      out.writeString(time(vector.getDataBuffer().getLong((long) row << 3), timestamp.getUnit()));
    } else if (vector instanceof FixedSizeListVector list) {
      FieldVector inner = list.getDataVector();
      out.writeStartArray();
      for (int i = list.getElementStartIndex(row); i < list.getElementEndIndex(row); i++) {
        cell(out, batch, inner, i);
      }
      out.writeEndArray();
    } else {
      value(out, vector.getObject(row));
    }
  }

  private static void value(JsonGenerator out, @Nullable Object value) throws IOException {
    switch (value) {
      case null -> out.writeNull();
      case Double number -> Json.number(out, number);
      case Float number -> Json.number(out, number);
      case Byte number -> out.writeNumber(number);
      case Short number -> out.writeNumber(number);
      case Integer number -> out.writeNumber(number);
      case Long number -> out.writeNumber(number);
      case Boolean flag -> out.writeBoolean(flag);
      case byte[] bytes -> out.writeString(Base64.getEncoder().encodeToString(bytes));
      case List<?> list -> {
        out.writeStartArray();
        for (Object item : list) {
          value(out, item);
        }
        out.writeEndArray();
      }
      default -> out.writeString(value.toString());
    }
  }

  private static String time(long value, TimeUnit unit) {
    long second =
        switch (unit) {
          case SECOND -> 1;
          case MILLISECOND -> 1_000;
          case MICROSECOND -> 1_000_000;
          case NANOSECOND -> 1_000_000_000;
        };
    return Instant.ofEpochSecond(
            Math.floorDiv(value, second), Math.floorMod(value, second) * (1_000_000_000 / second))
        .toString();
  }
}
