package kr.madang.journal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import kr.madang.journal.disk.Disk;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the files of segments that are gone. Giving the room of a big one back takes a disk tens
 * of milliseconds, in which nothing could be made safe; so a journal that has a thread has this
 * done beside it. What is left of it at a crash goes when the journal is opened.
 */
final class Trash {
  /** Who brings more files waits while there are so many. */
  private static final int MOST = 4;

  private static final long LIMIT = 20_000_000_000L;

  private final Disk disk;
  private final Path folder;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition less = lock.newCondition();

  // guarded by the lock
  private final Deque<Path> files = new ArrayDeque<>();
  private @Nullable ThreadFactory threads;
  private boolean running;
  private @Nullable IOException failure;

  Trash(Disk disk, Path folder) {
    this.disk = disk;
    this.folder = folder;
  }

  /** Has files deleted by a thread of its own from now on. */
  void beside(ThreadFactory threads) {
    this.threads = threads;
  }

  /**
   * Takes files over; those that could not be deleted before are tried again.
   *
   * @throws IOException why one of them, or of earlier ones, could not be deleted
   */
  void bring(List<Path> more) throws IOException {
    lock.lock();
    try {
      files.addAll(more);
      go();
      await(MOST);
    } finally {
      lock.unlock();
    }
  }

  /** Returns when all files are deleted, or have not been for long. */
  void empty() throws IOException {
    lock.lock();
    try {
      go();
      await(0);
    } finally {
      lock.unlock();
    }
  }

  private void go() {
    if (files.isEmpty() || running) {
      return;
    }
    ThreadFactory made = threads;
    if (made == null) {
      delete();
    } else {
      running = true;
      made.newThread(this::delete).start();
    }
  }

  private void await(int most) throws IOException {
    long left = LIMIT;
    while (running && files.size() > most && left > 0) {
      try {
        left = less.awaitNanos(left);
      } catch (InterruptedException e) {
        // the journal's thread ends by close alone
      }
    }
    IOException failed = failure;
    failure = null;
    if (failed != null) {
      throw failed;
    }
  }

  private void delete() {
    try {
      do {
        for (Path file = first(); file != null; file = first()) {
          disk.delete(file);
          done(file);
        }
        // only now are their names safely gone
        disk.forceFolder(folder);
      } while (!isEnd());
    } catch (IOException e) {
      ended(e);
    } catch (Throwable e) {
      ended(new IOException(e));
      throw e;
    }
  }

  private @Nullable Path first() {
    lock.lock();
    try {
      return files.peekFirst();
    } finally {
      lock.unlock();
    }
  }

  /** Ends, unless more files came meanwhile. */
  private boolean isEnd() {
    lock.lock();
    try {
      if (files.isEmpty()) {
        ended(null);
      }
      return files.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private void done(Path file) {
    lock.lock();
    try {
      files.remove(file);
      less.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void ended(@Nullable IOException why) {
    lock.lock();
    try {
      running = false;
      failure = why;
      less.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
