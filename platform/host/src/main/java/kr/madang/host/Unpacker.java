package kr.madang.host;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Unpacks an archive whose whole directory was checked before the first byte is written. */
final class Unpacker {
  private final ZipDirectory directory;
  private final RandomAccessFile in;
  private final byte[] packed = new byte[1 << 16];
  private final byte[] plain = new byte[1 << 16];

  private Unpacker(ZipDirectory directory, RandomAccessFile in) {
    this.directory = directory;
    this.in = in;
  }

  /**
   * Unpacks into an empty folder.
   *
   * @throws kr.madang.sdk.error.PluginException PLUGIN_REFUSED with what is wrong
   */
  static void unpack(Path archive, Path folder, ArchiveLimits limits) throws IOException {
    try (var in = new RandomAccessFile(archive.toFile(), "r")) {
      new Unpacker(ZipDirectory.read(in, limits), in).unpack(folder);
    }
  }

  private void unpack(Path folder) throws IOException {
    for (ZipDirectory.Entry entry : directory.entries()) {
      Path target = folder.resolve(entry.name()).normalize();
      if (!target.startsWith(folder)) {
        throw ZipDirectory.refused(entry.name(), "leads out of the archive");
      }
      if (entry.folder()) {
        Files.createDirectories(target);
        continue;
      }
      Files.createDirectories(target.getParent());
      try (OutputStream out = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW)) {
        write(entry, out);
      }
    }
  }

  private void write(ZipDirectory.Entry entry, OutputStream out) throws IOException {
    in.seek(entry.dataOffset());
    var crc = new CRC32();
    long written = entry.stored() ? copy(entry, out, crc) : inflate(entry, out, crc);
    if (written != entry.size() || crc.getValue() != entry.crc()) {
      throw ZipDirectory.refused(
          entry.name(), "does not unpack to the size and checksum that the directory states");
    }
  }

  private long copy(ZipDirectory.Entry entry, OutputStream out, CRC32 crc) throws IOException {
    long left = entry.packedSize();
    while (left > 0) {
      int chunk = (int) Math.min(left, packed.length);
      in.readFully(packed, 0, chunk);
      crc.update(packed, 0, chunk);
      out.write(packed, 0, chunk);
      left -= chunk;
    }
    return entry.packedSize();
  }

  private long inflate(ZipDirectory.Entry entry, OutputStream out, CRC32 crc) throws IOException {
    try (var inflater = new Inflater(true)) {
      long left = entry.packedSize();
      long written = 0;
      while (!inflater.finished()) {
        if (inflater.needsInput()) {
          if (left == 0) {
            throw ZipDirectory.refused(entry.name(), "ends in the middle of its packed data");
          }
          int chunk = (int) Math.min(left, packed.length);
          in.readFully(packed, 0, chunk);
          inflater.setInput(packed, 0, chunk);
          left -= chunk;
        }
        int got = inflater.inflate(plain);
        if (got == 0 && inflater.needsDictionary()) {
          throw ZipDirectory.refused(entry.name(), "is packed with a preset dictionary");
        }
        written += got;
        if (written > entry.size()) {
          throw ZipDirectory.refused(
              entry.name(), "unpacks to more than the " + entry.size() + " bytes that it states");
        }
        crc.update(plain, 0, got);
        out.write(plain, 0, got);
      }
      return written;
    } catch (DataFormatException e) {
      throw ZipDirectory.refused(
          entry.name(), "is packed in a way that cannot be read: " + e.getMessage());
    }
  }
}
