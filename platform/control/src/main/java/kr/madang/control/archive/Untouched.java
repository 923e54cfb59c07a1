package kr.madang.control.archive;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import kr.madang.journal.disk.Disk;
import kr.madang.journal.disk.DiskFile;

/**
 * A disk that is only read: what is written to it stays in memory and is seen by those who read
 * through it. So a journal can be opened and repaired in thought. Any thread.
 */
final class Untouched implements Disk {
  private final Disk below;

  /** Files that differ from those below, by their names here. */
  private final Map<Path, Layer> layers = new HashMap<>();

  /** Names that are gone here, though they may exist below. */
  private final Set<Path> gone = new TreeSet<>();

  Untouched(Disk below) {
    this.below = below;
  }

  @Override
  public void makeFolder(Path folder) {
    // A folder without files looks the same as none.
  }

  @Override
  public synchronized List<String> list(Path folder) throws IOException {
    Set<String> names = new TreeSet<>(below.list(folder));
    names.removeIf(name -> gone.contains(folder.resolve(name)));
    for (Path file : layers.keySet()) {
      if (folder.equals(file.getParent())) {
        names.add(String.valueOf(file.getFileName()));
      }
    }
    return List.copyOf(names);
  }

  @Override
  public synchronized DiskFile create(Path file) throws IOException {
    if (exists(file)) {
      throw new FileAlreadyExistsException(file.toString());
    }
    Layer layer = new Layer(null);
    layers.put(file, layer);
    gone.remove(file);
    return layer;
  }

  @Override
  public synchronized DiskFile open(Path file, boolean write) throws IOException {
    Layer layer = layers.get(file);
    if (layer != null) {
      return layer;
    }
    if (gone.contains(file)) {
      throw new NoSuchFileException(file.toString());
    }
    DiskFile real = below.open(file, false);
    if (!write) {
      return real;
    }
    Layer over = new Layer(real);
    layers.put(file, over);
    return over;
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    Layer layer = layers.remove(from);
    if (layer == null) {
      if (!exists(from)) {
        throw new NoSuchFileException(from.toString());
      }
      layer = new Layer(below.open(from, false));
    }
    gone.add(from);
    gone.remove(to);
    layers.put(to, layer);
  }

  @Override
  public synchronized void delete(Path file) {
    layers.remove(file);
    gone.add(file);
  }

  @Override
  public void forceFolder(Path folder) {
    // Nothing here is meant to last.
  }

  @Override
  public long usable(Path folder) {
    return Long.MAX_VALUE;
  }

  private boolean exists(Path file) throws IOException {
    if (layers.containsKey(file)) {
      return true;
    }
    Path folder = file.getParent();
    return folder != null
        && !gone.contains(file)
        && below.list(folder).contains(String.valueOf(file.getFileName()));
  }

  /** Frees what lies below; files that were opened for reading only are their openers'. */
  synchronized void close() throws IOException {
    for (Layer layer : layers.values()) {
      layer.free();
    }
    layers.clear();
  }
}
