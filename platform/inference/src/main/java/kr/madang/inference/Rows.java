package kr.madang.inference;

import java.nio.ByteBuffer;

/** Some rows of a tensor. */
final class Rows {
  private Rows() {}

  /** A view; the tensor's first dimension is its rows, and it holds no texts. */
  static Tensor of(Tensor whole, long from, long rows) {
    long all = whole.shape()[0];
    int each = all == 0 ? 0 : Math.toIntExact(whole.data().remaining() / all);
    ByteBuffer data = whole.data();
    ByteBuffer part =
        data.slice(data.position() + (int) from * each, (int) rows * each).order(data.order());
    long[] shape = whole.shape().clone();
    shape[0] = rows;
    return new Tensor(whole.name(), whole.type(), shape, part);
  }
}
