package kr.madang.journal.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A disk that takes its time. Delays may be changed while it is used. Any thread. */
public final class SlowDisk implements Disk {

  /** How a delay passes. */
  @FunctionalInterface
  public interface Waiter {
    /** Returns when the time has passed; an interrupt does not end it and stays set. */
    void await(Duration time);
  }

  private final Disk disk;
  private final Waiter waiter;
  private volatile Duration write = Duration.ZERO;
  private volatile Duration force = Duration.ZERO;
  private volatile Duration read = Duration.ZERO;

  /** Slows another disk down by real time. */
  public SlowDisk(Disk disk) {
    this(disk, SlowDisk::pass);
  }

  /** Slows another disk down as a waiter does. */
  public SlowDisk(Disk disk, Waiter waiter) {
    this.disk = disk;
    this.waiter = waiter;
  }

  /** How long each write takes longer. */
  public void write(Duration longer) {
    write = longer;
  }

  /** How long each force of a file or folder takes longer. */
  public void force(Duration longer) {
    force = longer;
  }

  /** How long each read takes longer. */
  public void read(Duration longer) {
    read = longer;
  }

  @Override
  public void makeFolder(Path folder) throws IOException {
    disk.makeFolder(folder);
  }

  @Override
  public List<String> list(Path folder) throws IOException {
    return disk.list(folder);
  }

  @Override
  public DiskFile create(Path file) throws IOException {
    return new SlowFile(disk.create(file));
  }

  @Override
  public DiskFile open(Path file, boolean write) throws IOException {
    return new SlowFile(disk.open(file, write));
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    disk.rename(from, to);
  }

  @Override
  public void delete(Path file) throws IOException {
    disk.delete(file);
  }

  @Override
  public void forceFolder(Path folder) throws IOException {
    delay(force);
    disk.forceFolder(folder);
  }

  @Override
  public long usable(Path folder) throws IOException {
    return disk.usable(folder);
  }

  private void delay(Duration time) {
    if (time.isPositive()) {
      waiter.await(time);
    }
  }

  private static void pass(Duration time) {
    ReentrantLock lock = new ReentrantLock();
    Condition never = lock.newCondition();
    long end = System.nanoTime() + time.toNanos();
    boolean interrupted = false;
    lock.lock();
    try {
      while (true) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          return;
        }
        try {
          if (never.await(left, TimeUnit.NANOSECONDS)) {
            continue; // a spurious wake-up
          }
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      lock.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private final class SlowFile implements DiskFile {
    private final DiskFile file;

    SlowFile(DiskFile file) {
      this.file = file;
    }

    @Override
    public long size() throws IOException {
      return file.size();
    }

    @Override
    public void write(List<ByteBuffer> from, long position) throws IOException {
      delay(write);
      file.write(from, position);
    }

    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      delay(read);
      return file.read(into, position);
    }

    @Override
    public void force() throws IOException {
      delay(force);
      file.force();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }
}
