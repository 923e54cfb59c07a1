package kr.madang.engine;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.transform.StateInput;
import kr.madang.sdk.transform.StateOutput;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;

/** The state of one step as bytes: keys, each with bytes; a batch is an Arrow IPC stream. */
final class StateCodec implements StateOutput, StateInput {
  private final Map<String, byte[]> values = new LinkedHashMap<>();
  private final BufferAllocator allocator;

  StateCodec(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  boolean isEmpty() {
    return values.isEmpty();
  }

  @Override
  public void putLong(String key, long value) {
    values.put(key, ByteBuffer.allocate(Long.BYTES).putLong(value).array());
  }

  @Override
  public void putDouble(String key, double value) {
    putLong(key, Double.doubleToRawLongBits(value));
  }

  @Override
  public void putBytes(String key, byte[] value) {
    values.put(key, value.clone());
  }

  @Override
  public void putBatch(String key, Batch value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      // Not closed: that would free the rows, which stay the step's.
      ArrowStreamWriter writer = new ArrowStreamWriter(value.root(), value.dictionaries(), bytes);
      writer.start();
      writer.writeBatch();
      writer.end();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    values.put(key, bytes.toByteArray());
  }

  @Override
  public OptionalLong getLong(String key) {
    byte[] value = values.get(key);
    return value == null ? OptionalLong.empty() : OptionalLong.of(ByteBuffer.wrap(value).getLong());
  }

  @Override
  public OptionalDouble getDouble(String key) {
    OptionalLong bits = getLong(key);
    return bits.isEmpty()
        ? OptionalDouble.empty()
        : OptionalDouble.of(Double.longBitsToDouble(bits.getAsLong()));
  }

  @Override
  public Optional<byte[]> getBytes(String key) {
    return Optional.ofNullable(values.get(key)).map(byte[]::clone);
  }

  @Override
  public Optional<Batch> getBatch(String key) {
    byte[] value = values.get(key);
    return value == null ? Optional.empty() : Optional.of(batch(value));
  }

  private Batch batch(byte[] value) {
    ArrowStreamReader reader = new ArrowStreamReader(new ByteArrayInputStream(value), allocator);
    try {
      reader.loadNextBatch();
      VectorSchemaRoot root = reader.getVectorSchemaRoot();
      DictionaryProvider.MapDictionaryProvider dictionaries =
          new DictionaryProvider.MapDictionaryProvider();
      for (Dictionary dictionary : reader.getDictionaryVectors().values()) {
        dictionaries.put(dictionary);
      }
      return Batch.of(root, dictionaries, () -> close(reader));
    } catch (IOException e) {
      close(reader);
      throw new UncheckedIOException(e);
    }
  }

  private static void close(ArrowStreamReader reader) {
    try {
      reader.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void write(DataOutputStream out) throws IOException {
    out.writeInt(values.size());
    for (Map.Entry<String, byte[]> each : values.entrySet()) {
      out.writeUTF(each.getKey());
      out.writeInt(each.getValue().length);
      out.write(each.getValue());
    }
  }

  static StateCodec read(DataInputStream in, BufferAllocator allocator) throws IOException {
    StateCodec state = new StateCodec(allocator);
    int size = in.readInt();
    for (int i = 0; i < size; i++) {
      String key = in.readUTF();
      int length = in.readInt();
      if (length < 0 || length > in.available()) {
        throw new IOException("a state of " + length + " bytes");
      }
      state.values.put(key, in.readNBytes(length));
    }
    return state;
  }
}
