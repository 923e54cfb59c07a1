package kr.madang.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;

/**
 * The least that a log with group commit is: records with length and CRC32C, one writer, one write
 * and one force for all that came meanwhile, files of 64 MiB that grow ahead. It cannot be read
 * back by more than a scan, has one stream and no schema.
 */
final class BareLog implements AutoCloseable {
  private static final int ENOUGH_RECORDS = 256;
  private static final int ENOUGH_BYTES = 1 << 20;
  private static final int MOST_BYTES = 4 << 20;
  private static final long GATHER = 5_000_000;
  private static final long QUEUE = 8 << 20;
  private static final int FILE = 64 << 20;
  private static final int HEADER = 16;
  private static final int AHEAD = 1 << 20;

  private record Waiting(ByteBuffer record, long since) {}

  private final Path folder;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  private final Condition room = lock.newCondition();
  private final Condition done = lock.newCondition();
  private final Deque<Waiting> queue = new ArrayDeque<>();
  private final Thread writer;
  private long queuedBytes;
  private boolean gathering;
  private boolean closed;
  private long order;
  private volatile long forced;

  BareLog(Path folder) {
    this.folder = folder;
    writer = new Thread(this::run, "bare log");
    writer.start();
  }

  /** Takes a record; its number. */
  long append(byte[] payload) {
    ByteBuffer record = ByteBuffer.allocate(HEADER + payload.length);
    CRC32C crc = new CRC32C();
    crc.update(payload, 0, payload.length);
    record.putInt(payload.length).putInt((int) crc.getValue());
    record.put(HEADER, payload);
    lock.lock();
    try {
      while (queuedBytes + record.capacity() > QUEUE) {
        room.awaitUninterruptibly();
      }
      record.putLong(8, ++order).clear();
      queue.addLast(new Waiting(record, System.nanoTime()));
      queuedBytes += record.capacity();
      if (!gathering || queue.size() >= ENOUGH_RECORDS || queuedBytes >= ENOUGH_BYTES) {
        work.signal();
      }
      return order;
    } finally {
      lock.unlock();
    }
  }

  long forced() {
    return forced;
  }

  void awaitForced(long wanted) {
    if (forced >= wanted) {
      return;
    }
    lock.lock();
    try {
      while (forced < wanted) {
        done.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    ByteBuffer zeros = ByteBuffer.allocateDirect(AHEAD);
    ByteBuffer commit = ByteBuffer.allocateDirect(MOST_BYTES + FILE / 16);
    int number = 0;
    try {
      FileChannel file = open(number++);
      long position = 0;
      long size = 0;
      while (true) {
        int records = gather(commit);
        if (records == 0) {
          file.close();
          return;
        }
        if (position + commit.limit() > FILE) {
          file.close();
          file = open(number++);
          position = 0;
          size = 0;
        }
        int bytes = commit.remaining();
        long at = position;
        while (commit.hasRemaining()) {
          at += file.write(commit, at);
        }
        if (at > size) {
          size = at;
          if (bytes < AHEAD / 4) {
            zeros.clear();
            size += file.write(zeros, at);
          }
        }
        file.force(false);
        position = at;
        finished(records, bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private FileChannel open(int number) throws IOException {
    return FileChannel.open(
        folder.resolve("bare-" + number), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private int gather(ByteBuffer into) {
    into.clear();
    lock.lock();
    try {
      while (queue.isEmpty()) {
        if (closed) {
          return 0;
        }
        work.awaitUninterruptibly();
      }
      gathering = true;
      long due = queue.getFirst().since() + GATHER;
      while (queue.size() < ENOUGH_RECORDS && queuedBytes < ENOUGH_BYTES && !closed) {
        long left = due - System.nanoTime();
        if (left <= 0) {
          break;
        }
        work.awaitNanos(left);
      }
      gathering = false;
      int records = 0;
      for (Waiting waiting : queue) {
        if (records > 0 && into.position() + waiting.record().capacity() > MOST_BYTES) {
          break;
        }
        into.put(waiting.record().duplicate());
        records++;
      }
      into.flip();
      return records;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      lock.unlock();
    }
  }

  private void finished(int records, int bytes) {
    lock.lock();
    try {
      for (int i = 0; i < records; i++) {
        queue.removeFirst();
      }
      queuedBytes -= bytes;
      forced += records;
      room.signalAll();
      done.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      work.signal();
    } finally {
      lock.unlock();
    }
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
