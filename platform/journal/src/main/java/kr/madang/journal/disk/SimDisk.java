package kr.madang.journal.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that lies as much as a real one may: what was not forced may be gone after a
 * power cut, wholly or by sectors. It fails and stops where it is told. For tests, of members too.
 * Any thread.
 *
 * <p>Operations that change something (making, writing, forcing, renaming, deleting) are counted
 * from 1.
 */
public final class SimDisk implements Disk {

  /** Where in an operation the disk stops. */
  public enum Moment {
    /** It does not happen. */
    BEFORE,
    /** Of a write the first half happens, anything else not. */
    HALF,
    /** It happens, but nobody is told. */
    AFTER
  }

  /** Is told of operations, in the thread that does them and while all others wait. */
  @FunctionalInterface
  public interface Watcher {
    /** An operation is about to happen, has happened by half if it is a write, or has happened. */
    void at(long operation, Moment moment);
  }

  private final SimNames names;
  private @Nullable Watcher watcher;
  private long operations;
  private long forces;
  private boolean stopped;
  private long stopAt = Long.MAX_VALUE;
  private Moment moment = Moment.BEFORE;
  private long failAt = Long.MAX_VALUE;
  private IOException failure = new IOException();
  private long failForceFrom = Long.MAX_VALUE;
  private long failForceTo = Long.MAX_VALUE;
  private long failReads;
  private long room = 1L << 40;

  /** An empty disk. */
  public SimDisk() {
    this(new SimNames());
  }

  private SimDisk(SimNames names) {
    this.names = names;
  }

  // what happens to it

  /**
   * Cuts the power: this disk stops.
   *
   * @return a disk with what was forced, and by the seed a part of what was not
   */
  public synchronized SimDisk powerCut(long seed) {
    stopped = true;
    Random random = new Random(seed);
    double kept =
        switch (random.nextInt(6)) {
          case 0 -> 0;
          case 1 -> 0.1;
          case 2 -> 0.9;
          case 3 -> 1;
          default -> 0.5;
        };
    return new SimDisk(names.afterPowerCut(random, kept));
  }

  /**
   * Kills the process: this disk stops.
   *
   * @return a disk with everything that was written, none of it safer than before
   */
  public synchronized SimDisk crash() {
    stopped = true;
    return new SimDisk(names.copy());
  }

  /** The disk that {@link #crash} would leave at this moment; this one goes on. */
  public synchronized SimDisk copy() {
    return new SimDisk(names.copy());
  }

  /** Has somebody told of each operation; null for nobody. */
  public synchronized void watch(@Nullable Watcher by) {
    watcher = by;
  }

  /** Stops at an operation; it and all after it throw {@link Stopped}. */
  public synchronized void stopAt(long operation, Moment when) {
    stopAt = operation;
    moment = when;
  }

  /** Lets one operation fail; a write is done by half. */
  public synchronized void failAt(long operation, IOException with) {
    failAt = operation;
    failure = with;
  }

  /**
   * Lets forces of files fail from one to before another, counted from 1 from the first ever. What
   * a failed force was to force is safe only when it was written and forced again.
   */
  public synchronized void failForce(long from, long to) {
    failForceFrom = from;
    failForceTo = to;
  }

  /** Lets the next reads fail. */
  public synchronized void failReads(long count) {
    failReads = count;
  }

  /** Lets files have so many bytes in all. */
  public synchronized void full(long bytes) {
    room = bytes;
  }

  /** Turns a bit of a file over. */
  public synchronized void flip(Path file, long bit) throws IOException {
    node(file).flip(bit);
  }

  /** Makes a file shorter. */
  public synchronized void cut(Path file, long length) throws IOException {
    node(file).cut(length);
  }

  // what is seen of it

  /** Operations until now. */
  public synchronized long operations() {
    return operations;
  }

  /** Forces of files until now, failed ones too. */
  public synchronized long forces() {
    return forces;
  }

  /** Whether it does nothing any more. */
  public synchronized boolean stopped() {
    return stopped;
  }

  /** All files and what a reader would see in them. */
  public synchronized Map<Path, byte[]> files() {
    Map<Path, byte[]> files = new TreeMap<>();
    names.all().forEach((path, node) -> files.put(path, node.content()));
    return files;
  }

  // the disk

  @Override
  public synchronized void makeFolder(Path folder) throws IOException {
    Path path = normal(folder);
    running();
    if (names.hasFolder(path)) {
      return;
    }
    boolean after = begin();
    names.addFolder(path);
    end(after);
  }

  @Override
  public synchronized List<String> list(Path folder) {
    running();
    return names.in(normal(folder));
  }

  @Override
  public synchronized DiskFile create(Path file) throws IOException {
    Path path = normal(file);
    running();
    if (names.get(path) != null) {
      throw new FileAlreadyExistsException(file.toString());
    }
    if (!names.hasFolder(path.getParent())) {
      throw new NoSuchFileException(file.toString());
    }
    boolean after = begin();
    if (used() >= room) {
      throw noSpace();
    }
    names.create(path);
    end(after);
    return new SimFile(this, node(path), path.toString(), true);
  }

  @Override
  public synchronized DiskFile open(Path file, boolean write) throws IOException {
    running();
    return new SimFile(this, node(file), file.toString(), write);
  }

  @Override
  public synchronized void rename(Path from, Path to) throws IOException {
    running();
    node(from);
    if (!names.hasFolder(normal(to).getParent())) {
      throw new NoSuchFileException(to.toString());
    }
    boolean after = begin();
    names.rename(normal(from), normal(to));
    end(after);
  }

  @Override
  public synchronized void delete(Path file) throws IOException {
    running();
    if (names.get(normal(file)) == null) {
      return;
    }
    boolean after = begin();
    names.delete(normal(file));
    end(after);
  }

  @Override
  public synchronized void forceFolder(Path folder) throws IOException {
    running();
    if (!names.hasFolder(normal(folder))) {
      throw new NoSuchFileException(folder.toString());
    }
    boolean after = begin();
    names.force(normal(folder));
    end(after);
  }

  @Override
  public synchronized long usable(Path folder) {
    running();
    return Math.max(0, room - used());
  }

  // its files

  synchronized long size(SimNode node) {
    running();
    return node.size();
  }

  synchronized int read(SimNode node, String name, ByteBuffer into, long position)
      throws IOException {
    running();
    if (failReads > 0) {
      failReads--;
      throw new IOException(name + ": Input/output error");
    }
    return node.read(into, position);
  }

  synchronized void write(SimNode node, String name, List<ByteBuffer> from, long position)
      throws IOException {
    running();
    int length = Math.toIntExact(from.stream().mapToLong(ByteBuffer::remaining).sum());
    ByteBuffer whole = ByteBuffer.allocate(length);
    from.forEach(whole::put);
    whole.flip();
    operations++;
    tell(Moment.BEFORE);
    if (operations == failAt) {
      node.write(whole.limit(length / 2), position);
      throw failure;
    }
    if (operations >= stopAt) {
      stopped = true;
      node.write(
          switch (moment) {
            case BEFORE -> whole.limit(0);
            case HALF -> whole.limit(length / 2);
            case AFTER -> whole;
          },
          position);
      throw new Stopped();
    }
    long fits = node.size() + Math.max(0, room - used()) - position;
    if (fits < length && position + length > node.size()) {
      node.write(whole.limit((int) Math.max(0, fits)), position);
      throw new IOException(name + ": No space left on device");
    }
    if (watcher != null) {
      node.write(whole.slice(0, length / 2), position);
      tell(Moment.HALF);
    }
    node.write(whole, position);
    tell(Moment.AFTER);
  }

  synchronized void force(SimNode node, String name) throws IOException {
    running();
    boolean after = begin();
    forces++;
    if (forces >= failForceFrom && forces < failForceTo) {
      node.forget();
      throw new IOException(name + ": Input/output error");
    }
    node.force();
    end(after);
  }

  private void running() {
    if (stopped) {
      throw new Stopped();
    }
  }

  /** Counts an operation; whether the disk stops after it. */
  private boolean begin() throws IOException {
    operations++;
    tell(Moment.BEFORE);
    if (operations == failAt) {
      throw failure;
    }
    if (operations < stopAt) {
      return false;
    }
    stopped = true;
    if (moment == Moment.AFTER) {
      return true;
    }
    throw new Stopped();
  }

  private void tell(Moment when) {
    if (watcher != null) {
      watcher.at(operations, when);
    }
  }

  private void end(boolean stop) {
    tell(Moment.AFTER);
    if (stop) {
      throw new Stopped();
    }
  }

  private long used() {
    long sum = 0;
    for (SimNode node : names.all().values()) {
      sum += node.size();
    }
    return sum;
  }

  private SimNode node(Path file) throws NoSuchFileException {
    @Nullable SimNode node = names.get(normal(file));
    if (node == null) {
      throw new NoSuchFileException(file.toString());
    }
    return node;
  }

  private static IOException noSpace() {
    return new IOException("No space left on device");
  }

  private static Path normal(Path path) {
    return path.toAbsolutePath().normalize();
  }
}
