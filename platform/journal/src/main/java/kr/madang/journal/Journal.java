package kr.madang.journal;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;

/**
 * One durable log with many streams in it, all forced by the same write. Streams are appended to by
 * one thread each at a time; everything else may be called from any thread. Errors are {@link
 * kr.madang.sdk.error.PluginException} with code EXHAUSTED for the disk and CONFIG_INVALID for a
 * folder that is no journal of ours or of a newer format.
 */
public final class Journal implements AutoCloseable {

  /** Opens the journal in a folder, or makes it; finds out what is damaged. */
  public static Journal open(Path folder, JournalOptions options) {
    throw new UnsupportedOperationException();
  }

  /** A stream, made if it is new; options given later replace earlier ones. */
  public JournalStream stream(String name, StreamOptions options) {
    throw new UnsupportedOperationException();
  }

  /** A stream that is there. */
  public Optional<JournalStream> find(String name) {
    throw new UnsupportedOperationException();
  }

  /** All streams, by name. */
  public List<JournalStream> streams() {
    throw new UnsupportedOperationException();
  }

  /**
   * Takes records as one unit: after a crash all of them are there or none. Returns before they are
   * safe.
   *
   * @param atMost how long to wait for room, in a stream that blocks; an interrupt does not end it
   */
  public Appended append(List<Entry> unit, Duration atMost) {
    throw new UnsupportedOperationException();
  }

  /** Records up to this number are safe. */
  public long forced() {
    throw new UnsupportedOperationException();
  }

  /**
   * Waits until a record is safe.
   *
   * @return whether it is
   */
  public boolean awaitForced(long order, Duration atMost) throws InterruptedException {
    throw new UnsupportedOperationException();
  }

  /** Has a call made after each forced write, on the journal's thread; it must be short. */
  public void onForced(Runnable listener) {
    throw new UnsupportedOperationException();
  }

  /** Takes a listener away. */
  public void removeListener(Runnable listener) {
    throw new UnsupportedOperationException();
  }

  /**
   * Reads forced records of some streams in the order of their append, which goes on as records
   * come. Rows below the given number of their stream are left out; rows of a record that lies
   * across it are given from that number on.
   *
   * @param from the first row wanted, by stream
   */
  public Reader read(Map<String, Long> from, BufferAllocator allocator) {
    throw new UnsupportedOperationException();
  }

  /**
   * The latest record of a stream; a gap if it is damaged, empty if there is none.
   *
   * @param back 0 for the latest, 1 for the one before it, and so on
   */
  public Optional<Logged> latest(JournalStream stream, int back, BufferAllocator allocator) {
    throw new UnsupportedOperationException();
  }

  /** A place in a stream that outlives a restart, made if it is new. */
  public Cursor cursor(String name) {
    throw new UnsupportedOperationException();
  }

  /** Forgets streams and cursors; their room is freed with the segments they lie in. */
  public void drop(List<String> streams, List<String> cursors) {
    throw new UnsupportedOperationException();
  }

  /** How it is. */
  public JournalStatus status() {
    throw new UnsupportedOperationException();
  }

  /** Forces what was appended, writes the footer, and frees everything. Readers end. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
