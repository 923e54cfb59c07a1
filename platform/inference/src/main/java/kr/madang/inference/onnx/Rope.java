package kr.madang.inference.onnx;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A protobuf message in the making: new bytes, and parts of a file that are copied as they are. */
final class Rope {
  /** Either bytes, or a part of the file. */
  private record Piece(byte[] bytes, long from, long length) {}

  private static final byte[] NONE = {};

  private final List<Piece> pieces = new ArrayList<>();
  private long size;

  long size() {
    return size;
  }

  /** A part of the file. */
  Rope part(long from, long to) {
    if (to > from) {
      Piece last = pieces.isEmpty() ? null : pieces.getLast();
      if (last != null && last.bytes.length == 0 && last.from + last.length == from) {
        pieces.set(pieces.size() - 1, new Piece(NONE, last.from, last.length + to - from));
      } else {
        pieces.add(new Piece(NONE, from, to - from));
      }
      size += to - from;
    }
    return this;
  }

  Rope number(int field, long value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    varint(out, (long) field << 3);
    varint(out, value);
    return bytes(out.toByteArray());
  }

  Rope text(int field, String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    return header(field, utf8.length).bytes(utf8);
  }

  Rope message(int field, Rope value) {
    return header(field, value.size).join(value);
  }

  /** All of another one behind this one. */
  Rope join(Rope other) {
    pieces.addAll(other.pieces);
    size += other.size;
    return this;
  }

  private Rope header(int field, long length) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    varint(out, (long) field << 3 | 2);
    varint(out, length);
    return bytes(out.toByteArray());
  }

  private Rope bytes(byte[] bytes) {
    if (bytes.length > 0) {
      pieces.add(new Piece(bytes, 0, bytes.length));
      size += bytes.length;
    }
    return this;
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  void write(FileChannel from, FileChannel to) throws IOException {
    for (Piece piece : pieces) {
      if (piece.bytes.length > 0) {
        for (ByteBuffer bytes = ByteBuffer.wrap(piece.bytes); bytes.hasRemaining(); ) {
          to.write(bytes);
        }
      } else {
        for (long done = 0; done < piece.length; ) {
          long moved = from.transferTo(piece.from + done, piece.length - done, to);
          if (moved <= 0) {
            throw new IOException("the file became shorter while it was copied");
          }
          done += moved;
        }
      }
    }
  }

  /** Into memory; the buffer has room for all of it. */
  void write(FileChannel from, ByteBuffer to) throws IOException {
    for (Piece piece : pieces) {
      if (piece.bytes.length > 0) {
        to.put(piece.bytes);
      } else {
        int limit = to.limit();
        to.limit(Math.toIntExact(to.position() + piece.length));
        for (long at = piece.from; to.hasRemaining(); ) {
          int got = from.read(to, at);
          if (got <= 0) {
            throw new IOException("the file became shorter while it was read");
          }
          at += got;
        }
        to.limit(limit);
      }
    }
  }
}
