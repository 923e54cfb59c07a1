package kr.madang.journal.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A file of the machine. The channel is of the asynchronous kind, run in the calling thread: unlike
 * a {@link java.nio.channels.FileChannel} it is not closed by an interrupt, which could also hide
 * that a force has failed.
 */
final class RealFile implements DiskFile {
  private static final int STAGE = 256 << 10;
  private static final Caller CALLER = new Caller();

  private final AsynchronousFileChannel channel;
  // small buffers are put together here, to be written at once
  private @Nullable ByteBuffer stage;

  private RealFile(AsynchronousFileChannel channel) {
    this.channel = channel;
  }

  static RealFile open(Path path, Set<? extends OpenOption> options) throws IOException {
    return new RealFile(AsynchronousFileChannel.open(path, options, CALLER));
  }

  @Override
  public long size() throws IOException {
    return channel.size();
  }

  @Override
  public void write(List<ByteBuffer> from, long position) throws IOException {
    long at = position;
    if (from.size() == 1) {
      writeAll(from.getFirst(), at);
      return;
    }
    ByteBuffer staged = stage;
    if (staged == null) {
      staged = ByteBuffer.allocateDirect(STAGE);
      stage = staged;
    }
    staged.clear();
    for (ByteBuffer next : from) {
      if (next.remaining() > staged.remaining()) {
        at = writeAll(staged.flip(), at);
        staged.clear();
      }
      if (next.remaining() > staged.remaining()) {
        at = writeAll(next, at);
      } else {
        staged.put(next);
      }
    }
    writeAll(staged.flip(), at);
  }

  @Override
  public int read(ByteBuffer into, long position) throws IOException {
    int start = into.position();
    while (into.hasRemaining()) {
      if (done(channel.read(into, position + into.position() - start)) < 0) {
        break;
      }
    }
    return into.position() - start;
  }

  @Override
  public void force() throws IOException {
    channel.force(false);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private long writeAll(ByteBuffer buffer, long position) throws IOException {
    long at = position;
    while (buffer.hasRemaining()) {
      at += done(channel.write(buffer, at));
    }
    return at;
  }

  private static int done(Future<Integer> operation) throws IOException {
    try {
      return operation.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      throw new AssertionError("an operation that has ended was waited for", e);
    }
  }

  /** Runs what it is given at once in the calling thread. */
  private static final class Caller extends AbstractExecutorService {
    @Override
    public void execute(Runnable task) {
      task.run();
    }

    @Override
    public void shutdown() {
      // nothing runs on
    }

    @Override
    public List<Runnable> shutdownNow() {
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }
}
