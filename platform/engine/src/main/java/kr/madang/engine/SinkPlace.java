package kr.madang.engine;

import java.nio.ByteBuffer;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/**
 * How far a sink is in its journal. Rows below {@code back} are settled, and those from {@code
 * split} to {@code live}; what lies between is still to be delivered.
 *
 * @param epoch of the stream
 * @param back the first row that has piled up
 * @param split where the live rows begin; equal to {@code back} when nothing has piled up
 * @param live the first live row that is not settled
 * @param in rows settled, ever
 * @param rejected rows of them that were rejected
 * @param gone rows that were not there any more when their turn came
 * @param letters the first dead letter that may be about a row which is not settled
 */
record SinkPlace(
    long epoch, long back, long split, long live, long in, long rejected, long gone, long letters) {
  private static final int FORMAT = 1;
  private static final int BYTES = 4 + 8 * Long.BYTES;

  /** Of a sink of which nothing is known but what its journal still has. */
  static SinkPlace at(long epoch, long first, long letters) {
    return new SinkPlace(epoch, first, first, first, first, 0, 0, letters);
  }

  byte[] encode() {
    return ByteBuffer.allocate(BYTES)
        .putInt(FORMAT)
        .putLong(epoch)
        .putLong(back)
        .putLong(split)
        .putLong(live)
        .putLong(in)
        .putLong(rejected)
        .putLong(gone)
        .putLong(letters)
        .array();
  }

  static SinkPlace decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (bytes.length != BYTES || in.getInt() != FORMAT) {
      throw new PluginException(
          ErrorCode.EXHAUSTED, "a cursor of " + bytes.length + " bytes is not of this version");
    }
    return new SinkPlace(
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.getLong(),
        in.getLong());
  }
}
