package kr.madang.journal.disk;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * What the journal needs of a file system. A name that was created, renamed or deleted is safe only
 * after {@link #forceFolder}; bytes that were written are safe only after {@link DiskFile#force}.
 * Methods may be called from any thread; an interrupt of the calling thread neither ends nor harms
 * an operation, and stays set.
 */
public interface Disk {

  /** Makes a folder and those above it; safe at return. */
  void makeFolder(Path folder) throws IOException;

  /** The names in a folder, sorted; empty if there is none. */
  List<String> list(Path folder) throws IOException;

  /**
   * Makes a new empty file for reading and writing.
   *
   * @throws java.nio.file.FileAlreadyExistsException if the name is taken
   */
  DiskFile create(Path file) throws IOException;

  /**
   * Opens a file.
   *
   * @throws java.nio.file.NoSuchFileException if there is none
   */
  DiskFile open(Path file, boolean write) throws IOException;

  /** Gives a file another name at once, over an older one of that name. */
  void rename(Path from, Path to) throws IOException;

  /** Removes a file; fine if there is none. */
  void delete(Path file) throws IOException;

  /** Returns when every name in the folder is as it was made. */
  void forceFolder(Path folder) throws IOException;

  /** Bytes that may still be written under a folder. */
  long usable(Path folder) throws IOException;
}
