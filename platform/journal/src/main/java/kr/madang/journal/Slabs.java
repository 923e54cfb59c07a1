package kr.madang.journal;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Memory for small records on their way to the disk, used again and again. Any thread. */
final class Slabs {
  /** Bytes of a slab; nothing bigger than a quarter of it is put in. */
  static final int SIZE = 256 << 10;

  static final int MOST = SIZE / 4;
  private static final int KEPT = 32;

  /** One block of memory. */
  static final class Slab {
    final ByteBuffer buffer = Layout.direct(SIZE);
    private int holders;
    private int used;
  }

  /** A part of a slab. */
  record Piece(Slab slab, int at, int length) {}

  private final Deque<Slab> free = new ArrayDeque<>();
  private @Nullable Slab current;

  /** Some bytes, with anything in them. */
  synchronized Piece take(int bytes) {
    Slab slab = current;
    if (slab == null || slab.used + bytes > SIZE) {
      slab = free.isEmpty() ? new Slab() : free.removeLast();
      slab.used = 0;
      current = slab;
    }
    Piece piece = new Piece(slab, slab.used, bytes);
    slab.used += bytes;
    slab.holders++;
    return piece;
  }

  /** Gives bytes back. */
  synchronized void give(Piece piece) {
    Slab slab = piece.slab();
    if (--slab.holders == 0) {
      if (slab == current) {
        slab.used = 0;
      } else if (free.size() < KEPT) {
        free.addLast(slab);
      }
    }
  }
}
