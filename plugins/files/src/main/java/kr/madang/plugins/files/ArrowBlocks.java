package kr.madang.plugins.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import kr.madang.plugins.files.ColumnInfo.Kind;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowFileReader;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;

/** An Arrow IPC file: the file format (Feather V2) or the stream format. */
final class ArrowBlocks implements Blocks {
  private static final byte[] MAGIC = "ARROW1".getBytes(StandardCharsets.US_ASCII);

  private final FileChannel channel;
  private final ArrowReader reader;

  ArrowBlocks(Path path, BufferAllocator allocator) throws IOException {
    channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      reader =
          isStream(channel)
              ? new ArrowStreamReader(channel, allocator, ArrowCodecs.INSTANCE)
              : new ArrowFileReader(channel, allocator, ArrowCodecs.INSTANCE);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Whether a file has no footer that would tell that it is whole. */
  static boolean isStream(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return isStream(channel);
    }
  }

  private static boolean isStream(FileChannel channel) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(MAGIC.length);
    channel.read(head, 0);
    return !head.flip().equals(ByteBuffer.wrap(MAGIC));
  }

  @Override
  public List<ColumnInfo> columns() throws IOException {
    List<ColumnInfo> columns = new ArrayList<>();
    for (Field field : reader.getVectorSchemaRoot().getSchema().getFields()) {
      Kind kind = kind(field);
      if (field.getDictionary() != null) {
        Dictionary dictionary = reader.lookup(field.getDictionary().getId());
        kind = dictionary == null ? Kind.OTHER : kind(dictionary.getVector().getField());
      }
      columns.add(new ColumnInfo(field.getName(), kind, field));
    }
    return columns;
  }

  static Kind kind(Field field) {
    return switch (field.getType()) {
      case ArrowType.Int _, ArrowType.FloatingPoint _, ArrowType.Bool _, ArrowType.Decimal _ ->
          Kind.NUMBER;
      case ArrowType.Utf8 _, ArrowType.LargeUtf8 _, ArrowType.Utf8View _ -> Kind.TEXT;
      case ArrowType.Timestamp _ -> Kind.TIME;
      case ArrowType.FixedSizeList _ -> Kind.LIST;
      default -> Kind.OTHER;
    };
  }

  @Override
  public boolean next() throws IOException {
    return reader.loadNextBatch();
  }

  @Override
  public VectorSchemaRoot root() throws IOException {
    return reader.getVectorSchemaRoot();
  }

  @Override
  public DictionaryProvider dictionaries() {
    return reader;
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      reader.close();
    }
  }
}
