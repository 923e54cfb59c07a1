package kr.madang.host;

import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import kr.madang.sdk.error.PluginException;

/**
 * The central directory of a zip file, read strictly: one reading of the bytes, or none. It must
 * agree with the local headers, entries must not overlap, and nothing but plain files and folders
 * may be in it.
 */
final class ZipDirectory {
  private static final int END = 0x06054b50;
  private static final int END_BYTES = 22;
  private static final int CENTRAL = 0x02014b50;
  private static final int CENTRAL_BYTES = 46;
  private static final int LOCAL = 0x04034b50;
  private static final int LOCAL_BYTES = 30;
  private static final int ENCRYPTED = 1 | 1 << 6 | 1 << 13;
  private static final int UNIX = 3;
  private static final int TYPE_MASK = 0xF000;
  private static final int FILE_TYPE = 0x8000;
  private static final int FOLDER_TYPE = 0x4000;
  private static final long MAX_DIRECTORY_BYTES = 16 << 20;

  /**
   * One file or folder.
   *
   * @param name with slashes, without one at its end
   */
  record Entry(
      String name,
      boolean folder,
      boolean stored,
      long crc,
      long packedSize,
      long size,
      long headerOffset,
      long dataOffset) {}

  private final RandomAccessFile in;
  private final ArchiveLimits limits;
  private final EntryNames names;
  private final List<Entry> entries = new ArrayList<>();

  private ZipDirectory(RandomAccessFile in, ArchiveLimits limits) {
    this.in = in;
    this.limits = limits;
    names = new EntryNames(limits);
  }

  /** Reads and checks the directory; nothing was unpacked when it refuses. */
  static ZipDirectory read(RandomAccessFile in, ArchiveLimits limits) throws IOException {
    var directory = new ZipDirectory(in, limits);
    try {
      directory.read();
    } catch (EOFException e) {
      throw refused("the archive is cut short");
    }
    return directory;
  }

  List<Entry> entries() {
    return entries;
  }

  private void read() throws IOException {
    long end = findEnd();
    ByteBuffer header = bytes(end, END_BYTES);
    int count = header.getShort(10) & 0xFFFF;
    long size = header.getInt(12) & 0xFFFFFFFFL;
    long offset = header.getInt(16) & 0xFFFFFFFFL;
    if (header.getInt(4) != 0 || (header.getShort(8) & 0xFFFF) != count) {
      throw refused("the archive is one part of several");
    }
    if (count == 0xFFFF || offset == 0xFFFFFFFFL) {
      throw refused(
          "the archive is in the zip64 form; expected fewer than 65,535 entries and 4 GiB");
    }
    if (count > limits.entries()) {
      throw refused(
          "the archive has " + count + " entries; at most " + limits.entries() + " are allowed");
    }
    if (offset + size != end || size > MAX_DIRECTORY_BYTES) {
      throw refused("the directory of the archive is not where its end says");
    }
    readEntries(bytes(offset, (int) size), count);
    checkSizes();
    checkOverlap(offset);
  }

  /** The end record must be the last thing in the file: no second archive can hide behind it. */
  private long findEnd() throws IOException {
    long length = in.length();
    int window = (int) Math.min(length, END_BYTES + 0xFFFF);
    ByteBuffer tail = bytes(length - window, window);
    for (int at = window - END_BYTES; at >= 0; at--) {
      if (tail.getInt(at) == END && (tail.getShort(at + 20) & 0xFFFF) == window - at - END_BYTES) {
        return length - window + at;
      }
    }
    throw refused("the file is no zip archive, or it is cut short");
  }

  private void readEntries(ByteBuffer directory, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      int at = directory.position();
      if (directory.remaining() < CENTRAL_BYTES || directory.getInt(at) != CENTRAL) {
        throw refused("the directory of the archive holds fewer entries than it states");
      }
      int nameLength = directory.getShort(at + 28) & 0xFFFF;
      int extraLength = directory.getShort(at + 30) & 0xFFFF;
      int commentLength = directory.getShort(at + 32) & 0xFFFF;
      int length = CENTRAL_BYTES + nameLength + extraLength + commentLength;
      if (directory.remaining() < length) {
        throw refused("the directory of the archive is cut short");
      }
      entries.add(entry(directory, at, text(directory, at + CENTRAL_BYTES, nameLength)));
      directory.position(at + length);
    }
    if (directory.hasRemaining()) {
      throw refused("the directory of the archive holds more entries than it states");
    }
  }

  private Entry entry(ByteBuffer directory, int at, String raw) throws IOException {
    boolean folder = raw.endsWith("/");
    String name = names.checked(folder ? raw.substring(0, raw.length() - 1) : raw, folder);
    int flags = directory.getShort(at + 8) & 0xFFFF;
    int method = directory.getShort(at + 10) & 0xFFFF;
    if ((flags & ENCRYPTED) != 0) {
      throw refused(raw, "is encrypted");
    }
    if (method != 0 && method != 8) {
      throw refused(raw, "is packed by method " + method + "; expected stored or deflated");
    }
    long crc = directory.getInt(at + 16) & 0xFFFFFFFFL;
    long packed = directory.getInt(at + 20) & 0xFFFFFFFFL;
    long size = directory.getInt(at + 24) & 0xFFFFFFFFL;
    long offset = directory.getInt(at + 42) & 0xFFFFFFFFL;
    checkType(raw, folder, directory.getShort(at + 4) >>> 8 & 0xFF, directory.getInt(at + 38));
    if (packed == 0xFFFFFFFFL || size == 0xFFFFFFFFL || offset == 0xFFFFFFFFL) {
      throw refused(raw, "is in the zip64 form; expected less than 4 GiB");
    }
    if (folder ? size != 0 : method == 0 && packed != size) {
      throw refused(raw, "states sizes that contradict each other");
    }
    long data = local(raw, offset, method, crc, packed, size);
    return new Entry(name, folder, method == 0, crc, packed, size, offset, data);
  }

  private static void checkType(String raw, boolean folder, int system, int attributes) {
    int type = system == UNIX ? attributes >>> 16 & TYPE_MASK : 0;
    if (type != 0 && type != (folder ? FOLDER_TYPE : FILE_TYPE)) {
      throw refused(raw, "is a link or a device; expected plain files and folders only");
    }
  }

  /** Compares the local header; gives where the data starts. */
  private long local(String raw, long offset, int method, long crc, long packed, long size)
      throws IOException {
    ByteBuffer header = bytes(offset, LOCAL_BYTES);
    int nameLength = header.getShort(26) & 0xFFFF;
    if (header.getInt(0) != LOCAL
        || (header.getShort(8) & 0xFFFF) != method
        || !text(bytes(offset + LOCAL_BYTES, nameLength), 0, nameLength).equals(raw)) {
      throw refused(raw, "has a header that contradicts the directory");
    }
    boolean sizesFollow = (header.getShort(6) & 8) != 0;
    if (!sizesFollow
        && ((header.getInt(14) & 0xFFFFFFFFL) != crc
            || (header.getInt(18) & 0xFFFFFFFFL) != packed
            || (header.getInt(22) & 0xFFFFFFFFL) != size)) {
      throw refused(raw, "has a header that contradicts the directory");
    }
    return offset + LOCAL_BYTES + nameLength + (header.getShort(28) & 0xFFFF);
  }

  private void checkSizes() {
    long total = 0;
    for (Entry entry : entries) {
      if (entry.size() > limits.entryBytes()) {
        throw refused(
            entry.name(),
            "unpacks to "
                + entry.size()
                + " bytes; at most "
                + limits.entryBytes()
                + " are allowed");
      }
      total += entry.size();
    }
    if (total > limits.totalBytes()) {
      throw refused(
          "the archive unpacks to "
              + total
              + " bytes; at most "
              + limits.totalBytes()
              + " are allowed");
    }
  }

  private void checkOverlap(long directoryOffset) {
    long end = 0;
    for (Entry entry :
        entries.stream().sorted(Comparator.comparingLong(Entry::headerOffset)).toList()) {
      if (entry.headerOffset() < end) {
        throw refused(entry.name(), "overlaps another entry");
      }
      end = entry.dataOffset() + entry.packedSize();
    }
    if (end > directoryOffset) {
      throw refused("an entry of the archive reaches into its directory");
    }
  }

  private ByteBuffer bytes(long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    in.seek(offset);
    in.readFully(bytes);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static String text(ByteBuffer from, int at, int length) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(from.slice(at, length)).toString();
    } catch (CharacterCodingException e) {
      throw refused("the name of an entry is no UTF-8");
    }
  }

  static PluginException refused(String entry, String what) {
    return refused("entry '" + printable(entry) + "' of the archive " + what);
  }

  private static PluginException refused(String message) {
    return new PluginException(HostError.PLUGIN_REFUSED, message);
  }

  private static String printable(String name) {
    String cut = name.length() > 100 ? name.substring(0, 100) + "…" : name;
    return cut.replaceAll("\\p{Cntrl}", "?");
  }
}
