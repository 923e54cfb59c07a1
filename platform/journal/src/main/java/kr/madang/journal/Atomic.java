package kr.madang.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.List;
import kr.madang.journal.disk.Disk;
import kr.madang.journal.disk.DiskFile;

/** Makes files that are there whole or not at all. */
final class Atomic {
  static final String SUFFIX = ".new";

  private Atomic() {}

  /** Writes a file in the place of an older one, if there is one. */
  static void write(Disk disk, Path folder, String name, List<ByteBuffer> content)
      throws IOException {
    create(disk, folder, name, content).close();
  }

  /** The same; the file stays open for writing. */
  static DiskFile create(Disk disk, Path folder, String name, List<ByteBuffer> content)
      throws IOException {
    Path made = folder.resolve(name + SUFFIX);
    DiskFile file;
    try {
      file = disk.create(made);
    } catch (FileAlreadyExistsException e) {
      disk.delete(made);
      file = disk.create(made);
    }
    try {
      file.write(content, 0);
      file.force();
      disk.rename(made, folder.resolve(name));
      disk.forceFolder(folder);
      return file;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }
}
