package kr.madang.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folders that are made from other files and can be made again: each is there as a whole or not at
 * all, and one that was damaged is as good as gone. Any thread.
 */
public final class ScratchStore {
  private static final Logger LOG = LoggerFactory.getLogger(ScratchStore.class);
  private static final String WORK = ".work-";

  private final Path folder;
  private final Map<String, Boolean> sound = new ConcurrentHashMap<>();
  private final ReentrantLock moving = new ReentrantLock();

  /**
   * Writes nothing.
   *
   * @param folder need not be there; one store at a time
   */
  public ScratchStore(Path folder) {
    this.folder = folder.toAbsolutePath().normalize();
  }

  /** A folder in the making, which lies beside the others. */
  public final class Work implements AutoCloseable {
    private final Path place;

    private Work(Path place) {
      this.place = place;
    }

    /** Where it is; empty at first. */
    public Path folder() {
      return place;
    }

    /** Puts it in the place of what was there under this key. */
    public void keep(String key) throws IOException {
      Label.of(place, key, Names.NOTHING).write(place);
      moving.lock();
      try {
        Path target = place(key);
        if (Files.exists(target)) {
          Path old = Files.createTempDirectory(folder, WORK);
          Files.move(target, old.resolve("old"), StandardCopyOption.ATOMIC_MOVE);
          Folders.delete(old);
        }
        Files.move(place, target, StandardCopyOption.ATOMIC_MOVE);
        sound.put(key, true);
      } finally {
        moving.unlock();
      }
    }

    /** Deletes what was not kept. */
    @Override
    public void close() {
      ScratchStore.delete(place);
    }
  }

  private Path place(String key) {
    Path place = folder.resolve(key).normalize();
    if (!folder.equals(place.getParent()) || key.startsWith(".")) {
      throw new IllegalArgumentException(key);
    }
    return place;
  }

  /** Begins a folder. */
  public Work begin() throws IOException {
    Files.createDirectories(folder);
    return new Work(Files.createTempDirectory(folder, WORK));
  }

  /** A folder by its key, if it is as it was made; hashes its files once after each start. */
  public Optional<Path> find(String key) {
    Path place = place(key);
    boolean fine = Files.isDirectory(place) && sound.computeIfAbsent(key, _ -> isSound(place));
    return fine ? Optional.of(place) : Optional.empty();
  }

  private static boolean isSound(Path place) {
    try {
      Optional<Label> label = Label.read(place);
      Optional<String> damage =
          label.isEmpty() ? Optional.of("it is half made") : label.get().damage(place);
      damage.ifPresent(what -> LOG.warn("{} is to be made again: {}", place, what));
      return damage.isEmpty();
    } catch (IOException | RuntimeException e) {
      LOG.warn("{} is to be made again: {}", place, e.toString());
      return false;
    }
  }

  /** Deletes a folder; what has its files open goes on. */
  public void delete(String key) {
    sound.remove(key);
    delete(place(key));
  }

  /** Deletes all folders but these, and what was never finished; nothing is to be in the making. */
  public void retain(Set<String> keys) {
    try {
      for (Path one : Folders.children(folder)) {
        String name = String.valueOf(one.getFileName());
        if (!keys.contains(name)) {
          sound.remove(name);
          delete(one);
        }
      }
    } catch (IOException e) {
      LOG.warn("{} cannot be read: {}", folder, e.toString());
    }
  }

  private static void delete(Path place) {
    try {
      Folders.delete(place);
    } catch (IOException e) {
      LOG.warn("{} cannot be deleted: {}", place, e.toString());
    }
  }
}
