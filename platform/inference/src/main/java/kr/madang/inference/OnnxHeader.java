package kr.madang.inference;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The outermost fields of an ONNX file, read without its graph. A file that is something else is
 * noticed here, before native code sees it.
 *
 * @param irVersion of the file format
 * @param producer the tool that wrote the file; may be empty
 * @param opset of the standard operators; 0 where the file names none
 */
record OnnxHeader(long irVersion, String producer, long opset) {
  private static final int LONGEST_TEXT = 1 << 16;

  static OnnxHeader read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return new Reader(channel).read();
    }
  }

  private static final class Reader {
    private final FileChannel channel;
    private final long size;
    private final ByteBuffer buffer = ByteBuffer.allocate(4096).limit(0);
    private long position;

    Reader(FileChannel channel) throws IOException {
      this.channel = channel;
      this.size = channel.size();
    }

    OnnxHeader read() throws IOException {
      if (size == 0) {
        throw new IOException("it is empty");
      }
      long ir = 0;
      long opset = 0;
      String producer = "";
      boolean graph = false;
      while (position < size) {
        long tag = varint();
        int field = (int) (tag >>> 3);
        if (tag >>> 3 == 0 || tag >>> 3 > 1000) {
          throw new IOException("byte " + (position - 1) + " starts no field of a model");
        }
        switch ((int) (tag & 7)) {
          case 0 -> {
            long value = varint();
            ir = field == 1 ? value : ir;
          }
          case 1 -> skip(8);
          case 2 -> {
            long length = varint();
            if (length < 0 || length > size - position) {
              throw new IOException(
                  "field %d says %d bytes where %d are left"
                      .formatted(field, length, size - position));
            }
            if (field == 2 && length <= LONGEST_TEXT) {
              producer = text((int) length);
            } else if (field == 8) {
              opset = Math.max(opset, standardOpset(position + length));
            } else {
              graph |= field == 7;
              skip(length);
            }
          }
          case 5 -> skip(4);
          default -> throw new IOException("byte " + (position - 1) + " starts no field");
        }
      }
      if (ir == 0 || !graph) {
        throw new IOException("it holds " + (graph ? "no version of the format" : "no graph"));
      }
      return new OnnxHeader(ir, producer, opset);
    }

    private long standardOpset(long end) throws IOException {
      String domain = "";
      long version = 0;
      while (position < end) {
        long tag = varint();
        if (tag == (1 << 3 | 2)) {
          domain = text((int) Math.min(varint(), LONGEST_TEXT));
        } else if (tag == 2 << 3) {
          version = varint();
        } else {
          throw new IOException("the list of operator sets is damaged");
        }
      }
      return domain.isEmpty() || domain.equals("ai.onnx") ? version : 0;
    }

    private String text(int length) throws IOException {
      byte[] bytes = new byte[length];
      for (int i = 0; i < length; i++) {
        bytes[i] = next();
      }
      return new String(bytes, StandardCharsets.UTF_8);
    }

    private long varint() throws IOException {
      long value = 0;
      for (int shift = 0; shift < 64; shift += 7) {
        byte next = next();
        value |= (long) (next & 0x7f) << shift;
        if (next >= 0) {
          return value;
        }
      }
      throw new IOException("a number at byte " + position + " does not end");
    }

    private byte next() throws IOException {
      if (!buffer.hasRemaining()) {
        buffer.clear();
        if (channel.read(buffer, position) <= 0) {
          throw new IOException("it ends in the middle of a field");
        }
        buffer.flip();
      }
      position++;
      return buffer.get();
    }

    private void skip(long bytes) throws IOException {
      if (bytes > size - position) {
        throw new IOException("it ends in the middle of a field");
      }
      position += bytes;
      if (bytes <= buffer.remaining()) {
        buffer.position(buffer.position() + (int) bytes);
      } else {
        buffer.limit(0);
      }
    }
  }
}
