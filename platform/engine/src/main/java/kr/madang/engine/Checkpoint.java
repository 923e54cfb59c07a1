package kr.madang.engine;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.arrow.memory.BufferAllocator;

/**
 * How everything stood between two rows: up to where the input was worked on, the state of each
 * step, and how much had come out. One record of the journal, so that it is there or not.
 *
 * @param version of the pipeline's steps
 * @param inputs the next row of each source, and of what is put back in
 * @param positions where each source stood behind that row, if it said so
 * @param states of steps, by name
 * @param outputs rows that had come out for each sink
 * @param letters rows that each step had rejected
 * @param accounts of steps, by name
 * @param links rows that had come to a stage, and of them were gone, by {@code from>to}
 */
record Checkpoint(
    String version,
    Map<String, Long> inputs,
    Map<String, byte[]> positions,
    Map<String, StateCodec> states,
    Map<String, Long> outputs,
    Map<String, Long> letters,
    Map<String, Ledger.Stage> accounts,
    Map<String, Passage> links) {
  private static final int FORMAT = 1;

  /** Rows that came, and rows that were gone. */
  record Passage(long received, long gone) {}

  /** Writes one value. */
  private interface Put<T> {
    void put(DataOutputStream out, T value) throws IOException;
  }

  /** Reads one value. */
  private interface Take<T> {
    T take(DataInputStream in) throws IOException;
  }

  byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeUTF(version);
      put(out, inputs, DataOutputStream::writeLong);
      put(
          out,
          positions,
          (to, position) -> {
            to.writeInt(position.length);
            to.write(position);
          });
      put(out, states, (to, state) -> state.write(to));
      put(out, outputs, DataOutputStream::writeLong);
      put(out, letters, DataOutputStream::writeLong);
      put(out, accounts, Checkpoint::put);
      put(
          out,
          links,
          (to, link) -> {
            to.writeLong(link.received);
            to.writeLong(link.gone);
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static Checkpoint decode(byte[] bytes, BufferAllocator allocator) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int format = in.readByte();
      if (format != FORMAT) {
        throw new IOException("format " + format + " of a checkpoint is not known");
      }
      return new Checkpoint(
          in.readUTF(),
          take(in, DataInputStream::readLong),
          take(in, from -> from.readNBytes(from.readInt())),
          take(in, from -> StateCodec.read(from, allocator)),
          take(in, DataInputStream::readLong),
          take(in, DataInputStream::readLong),
          take(in, Checkpoint::stage),
          take(in, from -> new Passage(from.readLong(), from.readLong())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static <T> void put(DataOutputStream out, Map<String, T> map, Put<T> put)
      throws IOException {
    out.writeInt(map.size());
    for (Map.Entry<String, T> each : map.entrySet()) {
      out.writeUTF(each.getKey());
      put.put(out, each.getValue());
    }
  }

  private static <T> Map<String, T> take(DataInputStream in, Take<T> take) throws IOException {
    int size = in.readInt();
    Map<String, T> map = new LinkedHashMap<>();
    for (int i = 0; i < size; i++) {
      map.put(in.readUTF(), take.take(in));
    }
    return map;
  }

  private static void put(DataOutputStream out, Ledger.Stage stage) throws IOException {
    out.writeUTF(stage.name());
    out.writeLong(stage.in());
    out.writeLong(stage.absorbed());
    out.writeLong(stage.filtered());
    out.writeLong(stage.rejected());
    put(out, new TreeMap<>(stage.dropped()), DataOutputStream::writeLong);
    out.writeLong(stage.held());
    out.writeLong(stage.working());
    out.writeLong(stage.out());
  }

  private static Ledger.Stage stage(DataInputStream in) throws IOException {
    return new Ledger.Stage(
        in.readUTF(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        in.readLong(),
        take(in, DataInputStream::readLong),
        in.readLong(),
        in.readLong(),
        in.readLong());
  }
}
