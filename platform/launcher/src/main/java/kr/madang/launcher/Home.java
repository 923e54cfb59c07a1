package kr.madang.launcher;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import kr.madang.host.Folders;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/** The folder in which a runtime keeps its state; at most one runtime at a time. */
final class Home implements AutoCloseable {
  private static final String LOCK = "lock";
  private static final String ELSEWHERE = "stop that one, or choose another --home";

  private final Path folder;
  private final boolean throwaway;
  private final FileChannel channel;
  private final FileLock lock;

  private Home(Path folder, boolean throwaway, FileChannel channel, FileLock lock) {
    this.folder = folder;
    this.throwaway = throwaway;
    this.channel = channel;
    this.lock = lock;
  }

  /**
   * Makes the folder if it is missing and locks it until it is closed.
   *
   * @throws PluginException CONFIG_INVALID when it cannot be used, or another process uses it
   */
  static Home open(Path folder) {
    return open(folder.toAbsolutePath().normalize(), false, ELSEWHERE);
  }

  /**
   * Locks a home that is there, to look at what it holds.
   *
   * @throws PluginException CONFIG_INVALID when there is none, or a runtime uses it
   */
  static Home look(Path folder) {
    Path place = folder.toAbsolutePath().normalize();
    if (!Files.isDirectory(place)) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID, "there is no home " + place + ": name one by --home DIR");
    }
    return open(place, false, "stop it first, or ask it through its API");
  }

  /** A folder that is deleted when it is closed. */
  static Home throwaway() {
    try {
      return open(Files.createTempDirectory("madang-run-"), true, ELSEWHERE);
    } catch (IOException e) {
      throw unusable(Path.of(System.getProperty("java.io.tmpdir", "/tmp")), e);
    }
  }

  Path folder() {
    return folder;
  }

  /**
   * Empties the folder into which libraries of plugins unpack their native parts, and names it to
   * those that can be told: what a crash leaves there is gone with the next start.
   */
  void scratch() {
    Path scratch = folder.resolve("tmp");
    try {
      if (Files.exists(scratch)) {
        Folders.delete(scratch);
      }
      Files.createDirectories(scratch);
    } catch (IOException e) {
      throw unusable(scratch, e);
    }
    System.setProperty("ZstdTempFolder", scratch.toString());
    System.setProperty("org.xerial.snappy.tempdir", scratch.toString());
  }

  private static Home open(Path folder, boolean throwaway, String advice) {
    FileChannel channel = null;
    try {
      make(folder);
      Path file = folder.resolve(LOCK);
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        String holder = Files.readString(file).strip();
        channel.close();
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            "home %s is in use by process %s; %s"
                .formatted(folder, holder.isEmpty() ? "(unknown)" : holder, advice));
      }
      channel.truncate(0);
      String pid = ProcessHandle.current().pid() + "\n";
      channel.write(ByteBuffer.wrap(pid.getBytes(StandardCharsets.UTF_8)));
      return new Home(folder, throwaway, channel, lock);
    } catch (IOException e) {
      close(channel);
      throw unusable(folder, e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /** Others have no business in a new home: it holds tokens and secrets. */
  private static void make(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return;
    }
    Path parent = folder.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    FileAttribute<?> ours =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    if (folder.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createDirectory(folder, ours);
    } else {
      Files.createDirectory(folder);
    }
  }

  private static PluginException unusable(Path folder, IOException e) {
    String why =
        e instanceof FileSystemException known && known.getReason() != null
            ? String.valueOf(known.getReason())
            : e.getClass().getSimpleName();
    return new PluginException(
        ErrorCode.CONFIG_INVALID,
        "home %s cannot be used (%s); it must be a folder that this user may write to"
            .formatted(folder, why),
        e);
  }

  private static void close(@Nullable FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // The error that led here says more.
      }
    }
  }

  @Override
  public void close() {
    try {
      lock.release();
      channel.close();
      if (throwaway) {
        Folders.delete(folder);
      }
    } catch (IOException e) {
      throw unusable(folder, e);
    }
  }
}
