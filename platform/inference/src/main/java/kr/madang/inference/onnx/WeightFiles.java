package kr.madang.inference.onnx;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Lays the weights of an optimised model, which ONNX Runtime has written to one file, into files
 * that are named by what is in them: models and versions that have a tensor in common then map the
 * same pages. Small tensors stay together in a file of the model's own.
 */
public final class WeightFiles {
  private static final long LARGE = 1 << 20;

  /** What a mapping may start at, on any system. */
  private static final long PAGE = 1 << 16;

  private static final String SMALL = "small.bin";
  private static final int UNUSED = 1;

  /** Bytes of the old file that belong together: a tensor, and behind it how kernels want it. */
  record Piece(long start, long end) {
    long size() {
      return end - start;
    }
  }

  /** Where a piece lies now. */
  record Place(String file, long start) {}

  private WeightFiles() {}

  /**
   * Splits the file of weights of a model.
   *
   * @param model in its folder, with the weights beside it
   * @param weights the file's name; it is gone afterwards
   * @param shared a folder on the same disk for what models have in common, if there is one
   */
  public static void settle(Path model, String weights, Optional<Path> shared) throws IOException {
    Path folder = model.resolveSibling(weights).toAbsolutePath().getParent();
    Path old = model.resolveSibling(weights);
    if (folder == null || !Files.exists(old)) {
      return;
    }
    Map<Long, Piece> pieces = new TreeMap<>();
    for (Piece piece : Settling.pieces(model, weights)) {
      pieces.merge(
          piece.start(), piece, (a, b) -> new Piece(a.start(), Math.max(a.end(), b.end())));
    }
    long size = Files.size(old);
    Map<Long, Place> places = new TreeMap<>();
    try (FileChannel from = FileChannel.open(old, StandardOpenOption.READ);
        FileChannel small =
            FileChannel.open(
                folder.resolve(SMALL), StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
      for (Piece piece : pieces.values()) {
        if (piece.start() < 0 || piece.end() > size) {
          throw new OnnxFault(weights, "weights within the file", "bytes to " + piece.end());
        }
        if (piece.size() >= LARGE) {
          places.put(piece.start(), new Place(large(from, piece, folder, shared), 0));
        } else {
          long at = (small.position() + PAGE - 1) / PAGE * PAGE;
          // within a page, so that a tensor stands as even as it did
          at += piece.start() % PAGE;
          small.position(at);
          copy(from, piece, small);
          places.put(piece.start(), new Place(SMALL, at));
        }
      }
    }
    Path fresh = model.resolveSibling(model.getFileName() + ".new");
    Settling.write(model, weights, places, fresh);
    Files.move(fresh, model, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    Files.delete(old);
  }

  /** Writes a piece to a file that is named by its digest, or finds that it is there. */
  private static String large(FileChannel from, Piece piece, Path folder, Optional<Path> shared)
      throws IOException {
    Path fresh = folder.resolve("piece.new");
    String name;
    try (FileChannel to =
        FileChannel.open(
            fresh,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      name = HexFormat.of().formatHex(copy(from, piece, to)) + ".bin";
      to.force(true);
    }
    Path here = folder.resolve(name);
    if (shared.isPresent() && Files.isDirectory(shared.get())) {
      Path there = shared.get().resolve(name);
      if (!Files.exists(there) || Files.mismatch(there, fresh) >= 0) {
        Files.move(
            fresh, there, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      }
      Files.deleteIfExists(fresh);
      try {
        Files.createLink(here, there);
      } catch (FileAlreadyExistsException e) {
        // the model has the tensor twice
      }
    } else {
      Files.move(fresh, here, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
    return name;
  }

  private static byte[] copy(FileChannel from, Piece piece, FileChannel to) throws IOException {
    MessageDigest digest = sha256();
    ByteBuffer buffer = ByteBuffer.allocate(1 << 18);
    for (long at = piece.start(); at < piece.end(); ) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), piece.end() - at));
      int got = from.read(buffer, at);
      if (got <= 0) {
        throw new IOException("the file of weights became shorter");
      }
      at += got;
      digest.update(buffer.array(), 0, got);
      for (buffer.flip(); buffer.hasRemaining(); ) {
        to.write(buffer);
      }
    }
    return digest.digest();
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Deletes what no model has any more of a folder for shared weights.
   *
   * @return bytes that came free
   */
  public static long sweep(Path shared) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(shared)) {
      files = all.filter(file -> file.getFileName().toString().endsWith(".bin")).toList();
    }
    long freed = 0;
    for (Path file : files) {
      Object names;
      try {
        names = Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
      } catch (UnsupportedOperationException | IllegalArgumentException e) {
        return freed;
      }
      if (names instanceof Integer count && count == UNUSED) {
        long size = Files.size(file);
        Files.delete(file);
        freed += size;
      }
    }
    return freed;
  }
}
