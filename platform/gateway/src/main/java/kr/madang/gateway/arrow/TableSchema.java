package kr.madang.gateway.arrow;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.arrow.flatbuf.Endianness;
import org.apache.arrow.flatbuf.Field;
import org.apache.arrow.flatbuf.KeyValue;
import org.apache.arrow.flatbuf.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a stream.
 *
 * @param columns in their order
 * @param metadata of the schema
 * @param dictionaries what the values of each dictionary are
 */
public record TableSchema(
    List<Named> columns, Map<String, String> metadata, Map<Long, ColumnType> dictionaries) {
  private static final int MOST_COLUMNS = 1_024;
  private static final int MOST_NAME = 255;
  private static final int MOST_ENTRIES = 64;
  private static final int MOST_TEXT = 64 << 10;

  /** A column. */
  public record Named(String name, ColumnType type) {}

  static TableSchema of(Schema schema) {
    if (schema.endianness() != Endianness.Little) {
      throw Refused.because("schema: expected little-endian values, got big-endian ones");
    }
    int count = schema.fieldsLength();
    if (count < 0 || count > MOST_COLUMNS) {
      throw Refused.because("schema: expected at most %d columns, got %d", MOST_COLUMNS, count);
    }
    List<Named> columns = new ArrayList<>(count);
    Map<Long, ColumnType> dictionaries = new LinkedHashMap<>();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < count; i++) {
      Field field = schema.fields(i);
      if (field == null) {
        throw Refused.because("schema: column %d is missing", i);
      }
      String name = text(field.nameAsByteBuffer(), MOST_NAME, "the name of column " + i);
      if (!names.add(name)) {
        throw Refused.because("column '%s' is there twice", name);
      }
      ColumnType type = ColumnType.of(field, name, 0);
      collect(name, type, dictionaries);
      columns.add(new Named(name, type));
    }
    return new TableSchema(columns, metadata(schema), dictionaries);
  }

  private static void collect(String name, ColumnType type, Map<Long, ColumnType> dictionaries) {
    ColumnType.Coded coded = type.coded();
    if (coded != null) {
      ColumnType before = dictionaries.put(coded.dictionary(), type.decoded());
      if (before != null && !before.equals(type.decoded())) {
        throw Refused.because(
            "column '%s': dictionary %d has values of %s, and of %s elsewhere",
            name, coded.dictionary(), type.decoded(), before);
      }
    }
    ColumnType child = type.child();
    if (child != null) {
      collect(name, child, dictionaries);
    }
  }

  /** What is beyond the bounds is meant for others and left out. */
  private static Map<String, String> metadata(Schema schema) {
    Map<String, String> metadata = new LinkedHashMap<>();
    int count = Math.min(MOST_ENTRIES, schema.customMetadataLength());
    for (int i = 0; i < count; i++) {
      KeyValue entry = schema.customMetadata(i);
      ByteBuffer key = entry == null ? null : entry.keyAsByteBuffer();
      ByteBuffer value = entry == null ? null : entry.valueAsByteBuffer();
      if (key != null
          && value != null
          && key.remaining() <= MOST_NAME
          && value.remaining() <= MOST_TEXT) {
        metadata.put(
            text(key, MOST_NAME, "a key of the schema's metadata"),
            text(value, MOST_TEXT, "a value of the schema's metadata"));
      }
    }
    return metadata;
  }

  private static String text(@Nullable ByteBuffer bytes, int most, String what) {
    if (bytes == null) {
      return "";
    }
    if (bytes.remaining() > most) {
      throw Refused.because("%s: expected at most %d bytes, got %d", what, most, bytes.remaining());
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw Refused.because("%s is no UTF-8", what);
    }
  }
}
