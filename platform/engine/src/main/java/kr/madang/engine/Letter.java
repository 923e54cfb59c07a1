package kr.madang.engine;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;

/**
 * What is written beside rejected rows.
 *
 * @param sequence of the first of the rows in its stream
 * @param offsets of the rows from it
 */
record Letter(
    Instant time,
    String code,
    String why,
    int attempts,
    String stream,
    long epoch,
    long sequence,
    int[] offsets,
    String text) {
  private static final int FORMAT = 1;
  private static final int LONGEST = 4096;

  byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeLong(time.getEpochSecond());
      out.writeInt(time.getNano());
      text(out, code);
      text(out, why);
      out.writeInt(attempts);
      text(out, stream);
      out.writeLong(epoch);
      out.writeLong(sequence);
      out.writeInt(offsets.length);
      for (int offset : offsets) {
        out.writeInt(offset);
      }
      text(out, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static Letter decode(byte[] meta) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(meta))) {
      int format = in.readByte();
      if (format != FORMAT) {
        throw new IOException("format " + format + " of a dead letter is not known");
      }
      return new Letter(
          Instant.ofEpochSecond(in.readLong(), in.readInt()),
          text(in),
          text(in),
          in.readInt(),
          text(in),
          in.readLong(),
          in.readLong(),
          offsets(in),
          text(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int[] offsets(DataInputStream in) throws IOException {
    int count = in.readInt();
    if (count < 0 || count > in.available() / Integer.BYTES) {
      throw new IOException(count + " rows in a dead letter");
    }
    int[] offsets = new int[count];
    for (int i = 0; i < count; i++) {
      offsets[i] = in.readInt();
    }
    return offsets;
  }

  private static void text(DataOutputStream out, String text) throws IOException {
    String cut = text.length() > LONGEST ? text.substring(0, LONGEST) : text;
    byte[] bytes = cut.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static String text(DataInputStream in) throws IOException {
    int length = in.readInt();
    if (length < 0 || length > in.available()) {
      throw new IOException("a text of " + length + " bytes in a dead letter");
    }
    return new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }
}
