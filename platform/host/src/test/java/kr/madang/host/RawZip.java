package kr.madang.host;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/** Writes zip files byte by byte, lies included. */
final class RawZip {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final List<Entry> entries = new ArrayList<>();
  private int statedEntries = -1;

  /** One entry; what is not set is honest. */
  static final class Entry {
    private final byte[] name;
    private final byte[] content;
    private byte[] localName;
    private int unixMode;
    private int flags;
    private int method = 8;
    private long size;
    private long crc;
    private int offset = -1;

    Entry(byte[] name, byte[] content) {
      this.name = name;
      this.content = content;
      localName = name;
      size = content.length;
      var crc32 = new CRC32();
      crc32.update(content);
      crc = crc32.getValue();
    }

    Entry mode(int mode) {
      unixMode = mode;
      return this;
    }

    Entry localName(String other) {
      localName = Jars.utf8(other);
      return this;
    }

    Entry flags(int set) {
      flags = set;
      return this;
    }

    Entry method(int other) {
      method = other;
      return this;
    }

    Entry size(long other) {
      size = other;
      return this;
    }

    Entry crc(long other) {
      crc = other;
      return this;
    }

    /** Puts the header of this entry where another one is. */
    Entry at(int other) {
      offset = other;
      return this;
    }
  }

  RawZip add(String name, String content) {
    return add(new Entry(Jars.utf8(name), Jars.utf8(content)));
  }

  RawZip add(Entry entry) {
    entries.add(entry);
    return this;
  }

  RawZip prefix(String bytes) {
    out.writeBytes(Jars.utf8(bytes));
    return this;
  }

  RawZip statesEntries(int count) {
    statedEntries = count;
    return this;
  }

  byte[] bytes() {
    var directory = new ByteArrayOutputStream();
    for (Entry entry : entries) {
      byte[] packed = entry.method == 8 ? deflate(entry.content) : entry.content;
      int offset = entry.offset >= 0 ? entry.offset : out.size();
      if (entry.offset < 0) {
        ByteBuffer local = buffer(30);
        local.putInt(0x04034b50).putShort((short) 20).putShort((short) entry.flags);
        local.putShort((short) entry.method).putInt(0).putInt((int) entry.crc);
        local.putInt(packed.length).putInt((int) entry.size);
        local.putShort((short) entry.localName.length).putShort((short) 0);
        out.writeBytes(local.array());
        out.writeBytes(entry.localName);
        out.writeBytes(packed);
      }
      ByteBuffer central = buffer(46);
      central.putInt(0x02014b50).putShort((short) (3 << 8 | 20)).putShort((short) 20);
      central.putShort((short) entry.flags).putShort((short) entry.method).putInt(0);
      central.putInt((int) entry.crc).putInt(packed.length).putInt((int) entry.size);
      central.putShort((short) entry.name.length).putShort((short) 0).putShort((short) 0);
      central.putShort((short) 0).putShort((short) 0).putInt(entry.unixMode << 16).putInt(offset);
      directory.writeBytes(central.array());
      directory.writeBytes(entry.name);
    }
    int count = statedEntries >= 0 ? statedEntries : entries.size();
    ByteBuffer end = buffer(22);
    end.putInt(0x06054b50).putInt(0).putShort((short) count).putShort((short) count);
    end.putInt(directory.size()).putInt(out.size()).putShort((short) 0);
    out.writeBytes(directory.toByteArray());
    out.writeBytes(end.array());
    return out.toByteArray();
  }

  Path write(Path file) throws IOException {
    return Files.write(file, bytes());
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] deflate(byte[] content) {
    try (var deflater = new Deflater(Deflater.BEST_COMPRESSION, true)) {
      deflater.setInput(content);
      deflater.finish();
      var packed = new ByteArrayOutputStream();
      byte[] chunk = new byte[4096];
      while (!deflater.finished()) {
        packed.write(chunk, 0, deflater.deflate(chunk));
      }
      return packed.toByteArray();
    }
  }
}
