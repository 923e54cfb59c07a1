package kr.madang.gateway.flight;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import kr.madang.gateway.grpc.Wire;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.TimeStampNanoTZVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryEncoder;
import org.apache.arrow.vector.dictionary.DictionaryProvider.MapDictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;

/** Messages of Flight in the making, by the library that the door does not read them with. */
public final class FlightBytes {
  /** What pipelines take: a tag and a whole number. */
  public static final Schema LONGS =
      new Schema(
          List.of(
              Field.notNullable("tag", ArrowType.Utf8.INSTANCE),
              Field.nullable("long", new ArrowType.Int(64, true))));

  private FlightBytes() {}

  /** A message of a stream. */
  public record Part(byte[] head, byte[] body) {}

  /** As {@code FlightData}. */
  public static byte[] message(List<String> path, Part part, String metadata) {
    return Wire.message(out -> {
      if (!path.isEmpty()) {
        out.bytes(1, Descriptor.bytes(path));
      }
      out.bytes(2, part.head);
      if (!metadata.isEmpty()) {
        out.bytes(3, metadata.getBytes(StandardCharsets.UTF_8));
      }
      out.bytes(1000, part.body);
    });
  }

  /** All messages of a stream, the first with the path. */
  public static List<byte[]> messages(List<String> path, List<Part> parts) {
    List<byte[]> messages = new ArrayList<>();
    for (Part part : parts) {
      messages.add(message(messages.isEmpty() ? path : List.of(), part, ""));
    }
    return messages;
  }

  /** A stage. */
  public static byte[] ticket(String json) {
    return Wire.message(out -> out.bytes(1, json.getBytes(StandardCharsets.UTF_8)));
  }

  /** What a message has in a field; empty if it is not there. */
  public static byte[] field(byte[] message, int wanted) {
    byte[][] found = {new byte[0]};
    Wire.read(
        message,
        0,
        message.length,
        (field, in) -> {
          if (field == wanted) {
            found[0] = in.readByteArray();
          }
          return field == wanted;
        });
    return found[0];
  }

  /** The messages of a stream in the IPC format. */
  static List<Part> parts(VectorSchemaRoot root, MapDictionaryProvider dictionaries) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ArrowStreamWriter writer =
        new ArrowStreamWriter(root, dictionaries, Channels.newChannel(bytes))) {
      writer.start();
      writer.writeBatch();
      writer.end();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    List<Part> parts = new ArrayList<>();
    byte[] all = bytes.toByteArray();
    ByteBuffer in = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
    while (in.getInt() == -1) {
      int size = in.getInt();
      if (size == 0) {
        break;
      }
      byte[] head = Arrays.copyOfRange(all, in.position(), in.position() + size);
      int from = in.position() + size;
      int length = (int) Message.getRootAsMessage(ByteBuffer.wrap(head)).bodyLength();
      parts.add(new Part(head, Arrays.copyOfRange(all, from, from + length)));
      in.position(from + length);
    }
    return parts;
  }

  /** A schema and a batch of {@link #LONGS}: the numbers from the first on. */
  public static List<Part> longs(
      BufferAllocator memory, Map<String, String> metadata, long first, int rows) {
    Schema schema = new Schema(LONGS.getFields(), metadata);
    try (VectorSchemaRoot root = VectorSchemaRoot.create(schema, memory)) {
      for (int row = 0; row < rows; row++) {
        ((VarCharVector) root.getVector(0)).setSafe(row, utf8("t" + row % 3));
        ((BigIntVector) root.getVector(1)).setSafe(row, first + row);
      }
      root.setRowCount(rows);
      return parts(root, new MapDictionaryProvider());
    }
  }

  /** Samples with every column that there may be, tags in a dictionary. */
  public static List<Part> samples(BufferAllocator memory) {
    int rows = 9;
    try (VarCharVector names = texts("tag", memory, 3);
        VarCharVector tags = texts("tag", memory, rows);
        Float8Vector value = new Float8Vector("value", memory);
        BigIntVector whole = new BigIntVector("long", memory);
        VarCharVector text = new VarCharVector("text", memory);
        VarBinaryVector bytes = new VarBinaryVector("bytes", memory);
        UInt4Vector status = new UInt4Vector("status", memory);
        TimeStampNanoTZVector time =
            new TimeStampNanoTZVector(
                "sourceTime",
                FieldType.nullable(new ArrowType.Timestamp(TimeUnit.NANOSECOND, "UTC")),
                memory)) {
      for (int row = 0; row < rows; row++) {
        switch (row % 4) {
          case 0 -> value.setSafe(row, row / 2.0);
          case 1 -> whole.setSafe(row, row);
          case 2 -> text.setSafe(row, utf8("word " + row));
          default -> bytes.setSafe(row, new byte[] {1, 2, 3});
        }
        status.setSafe(row, 0);
        time.setSafe(row, 1_000_000L * row);
      }
      return coded(names, tags, memory, rows, value, whole, text, bytes, status, time);
    }
  }

  /** Samples of one tag whose text is so many bytes long, which stand in a dictionary once. */
  public static List<Part> repeated(BufferAllocator memory, int bytes, int rows) {
    Dictionary dictionary =
        new Dictionary(
            new VarCharVector("text", memory),
            new DictionaryEncoding(8, false, new ArrowType.Int(8, true)));
    Field tag = new Field("tag", FieldType.notNullable(ArrowType.Utf8.INSTANCE), null);
    Field text =
        new Field(
            "text",
            new FieldType(true, new ArrowType.Int(8, true), dictionary.getEncoding()),
            null);
    try (VarCharVector word = (VarCharVector) dictionary.getVector();
        VectorSchemaRoot root = VectorSchemaRoot.create(new Schema(List.of(tag, text)), memory)) {
      word.setSafe(0, new byte[bytes]);
      word.setValueCount(1);
      for (int row = 0; row < rows; row++) {
        ((VarCharVector) root.getVector(0)).setSafe(row, utf8("t"));
        ((TinyIntVector) root.getVector(1)).setSafe(row, 0);
      }
      root.setRowCount(rows);
      return parts(root, new MapDictionaryProvider(dictionary));
    }
  }

  /** Columns alone. */
  public static Part schema(List<Field> fields) {
    ByteBuffer head = MessageSerializer.serializeMetadata(new Schema(fields), IpcOption.DEFAULT);
    byte[] bytes = new byte[head.remaining()];
    head.get(bytes);
    return new Part(bytes, new byte[0]);
  }

  /** Frames with the fields {@code count} and {@code flow}. */
  public static List<Part> frames(BufferAllocator memory) {
    Schema schema =
        new Schema(
            List.of(
                Field.notNullable("time", new ArrowType.Timestamp(TimeUnit.NANOSECOND, "UTC")),
                Field.nullable("count", new ArrowType.Int(64, true)),
                Field.nullable(
                    "flow", new ArrowType.FloatingPoint(FloatingPointPrecision.DOUBLE))));
    try (VectorSchemaRoot root = VectorSchemaRoot.create(schema, memory)) {
      for (int row = 0; row < 7; row++) {
        ((TimeStampNanoTZVector) root.getVector(0)).setSafe(row, 1_000L * row);
        ((BigIntVector) root.getVector(1)).setSafe(row, row);
        if (row != 3) {
          ((Float8Vector) root.getVector(2)).setSafe(row, row / 2.0);
        }
      }
      root.setRowCount(7);
      return parts(root, new MapDictionaryProvider());
    }
  }

  /** What a model takes: rows of lists of three float32 in {@code x}. */
  public static List<Part> floats(BufferAllocator memory, int rows) {
    Field field =
        new Field(
            "x",
            FieldType.notNullable(new ArrowType.FixedSizeList(3)),
            List.of(
                Field.notNullable(
                    "item", new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE))));
    try (FixedSizeListVector lists = (FixedSizeListVector) field.createVector(memory)) {
      Float4Vector inner = (Float4Vector) lists.getDataVector();
      for (int row = 0; row < rows; row++) {
        lists.setNotNull(row);
        for (int i = 0; i < 3; i++) {
          inner.setSafe(3 * row + i, row + i);
        }
      }
      inner.setValueCount(3 * rows);
      lists.setValueCount(rows);
      return parts(new VectorSchemaRoot(List.of(lists)), new MapDictionaryProvider());
    }
  }

  /** What a model of texts takes: {@code x}, in a dictionary. */
  public static List<Part> words(BufferAllocator memory) {
    try (VarCharVector words = texts("x", memory, 3);
        VarCharVector all = texts("x", memory, 8)) {
      return coded(words, all, memory, 8);
    }
  }

  private static List<Part> coded(
      VarCharVector words,
      VarCharVector all,
      BufferAllocator memory,
      int rows,
      FieldVector... more) {
    Dictionary dictionary =
        new Dictionary(words, new DictionaryEncoding(7, false, new ArrowType.Int(16, true)));
    MapDictionaryProvider dictionaries = new MapDictionaryProvider(dictionary);
    try (FieldVector numbers = (FieldVector) DictionaryEncoder.encode(all, dictionary)) {
      List<FieldVector> columns = new ArrayList<>(List.of(numbers));
      for (FieldVector column : more) {
        column.setValueCount(rows);
        columns.add(column);
      }
      return parts(new VectorSchemaRoot(columns), dictionaries);
    }
  }

  private static VarCharVector texts(String name, BufferAllocator memory, int rows) {
    VarCharVector texts = new VarCharVector(name, memory);
    for (int row = 0; row < rows; row++) {
      texts.setSafe(row, utf8("pump" + row % 3 + "/current"));
    }
    texts.setValueCount(rows);
    return texts;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
