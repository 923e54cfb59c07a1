package kr.madang.control.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file that only takes room, beside the state: on a disk that is full to the last byte it is
 * thrown overboard piece by piece, so that an operator can still stop what fills it. It grows again
 * when there is room. One thread at a time.
 */
final class Ballast {
  private static final Logger LOG = LoggerFactory.getLogger(Ballast.class);
  private static final int PIECE = 1 << 20;
  private static final int PIECES = 8;
  private static final long AGAIN = 10_000_000_000L;

  private final Path file;
  private int pieces;
  private long tried;

  Ballast(Path file) throws IOException {
    this.file = file;
    this.pieces = Files.exists(file) ? (int) Math.min(PIECES, Files.size(file) / PIECE) : 0;
    grow();
  }

  /** Makes a little room; false if there is nothing left to throw away. */
  boolean release() {
    if (pieces == 0) {
      return false;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate((long) --pieces * PIECE);
      tried = System.nanoTime();
      LOG.warn(
          "the disk of {} is full: {} of {} MiB are left of what is kept for the state",
          file.getParent(),
          pieces,
          PIECES);
      return true;
    } catch (IOException e) {
      LOG.warn("{} cannot be cut: {}", file, e.toString());
      return false;
    }
  }

  /** Grows again if some is missing, the last try was a while ago, and the disk has enough. */
  void restore() {
    if (pieces < PIECES && System.nanoTime() - tried > AGAIN) {
      grow();
    }
  }

  private void grow() {
    tried = System.nanoTime();
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      // bytes that no file system compresses, or keeps as a hole
      byte[] bytes = new byte[PIECE];
      RandomGenerator.getDefault().nextBytes(bytes);
      long spare = Files.getFileStore(file).getUsableSpace() / 4;
      while (pieces < PIECES && spare >= PIECE) {
        ByteBuffer piece = ByteBuffer.wrap(bytes);
        while (piece.hasRemaining()) {
          channel.write(piece, (long) pieces * PIECE + piece.position());
        }
        spare -= PIECE;
        pieces++;
      }
      channel.force(true);
    } catch (IOException e) {
      LOG.warn("{} cannot be made larger: {}", file, e.toString());
    }
  }
}
