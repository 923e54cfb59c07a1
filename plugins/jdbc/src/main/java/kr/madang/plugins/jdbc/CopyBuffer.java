package kr.madang.plugins.jdbc;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.sql.SQLException;
import java.util.Arrays;
import org.apache.arrow.memory.ArrowBuf;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyIn;

/** Writes rows in the binary form of PostgreSQL's COPY; a row costs no object. */
final class CopyBuffer {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final byte[] SIGNATURE = {
    'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xFF, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
  };

  /** From 1970 to 2000, in µs. */
  private static final long EPOCH = 946_684_800_000_000L;

  private static final int FULL = 1 << 16;

  private byte[] buffer = new byte[FULL + 1024];
  private int at;
  private @Nullable CopyIn to;

  /** Begins a stream of rows. */
  CopyBuffer begin(CopyIn copy) {
    to = copy;
    System.arraycopy(SIGNATURE, 0, buffer, 0, SIGNATURE.length);
    at = SIGNATURE.length;
    return this;
  }

  /** Begins a row of so many columns. */
  void row(int columns) throws SQLException {
    if (at >= FULL) {
      flush();
    }
    room(2);
    SHORT.set(buffer, at, (short) columns);
    at += 2;
  }

  /** A value that is null. */
  void missing() {
    room(4);
    INT.set(buffer, at, -1);
    at += 4;
  }

  /** A bigint, or a timestamp as {@link #instant} makes it. */
  void int64(long value) {
    room(12);
    INT.set(buffer, at, 8);
    LONG.set(buffer, at + 4, value);
    at += 12;
  }

  /** A double precision. */
  void float64(double value) {
    int64(Double.doubleToRawLongBits(value));
  }

  /** A boolean. */
  void flag(boolean value) {
    room(5);
    INT.set(buffer, at, 1);
    buffer[at + 4] = (byte) (value ? 1 : 0);
    at += 5;
  }

  /** A text or bytes. */
  void bytes(byte[] value, int from, int length) {
    room(4 + length);
    INT.set(buffer, at, length);
    System.arraycopy(value, from, buffer, at + 4, length);
    at += 4 + length;
  }

  /** A text or bytes. */
  void bytes(ArrowBuf value, long from, int length) {
    room(4 + length);
    INT.set(buffer, at, length);
    value.getBytes(from, buffer, at + 4, length);
    at += 4 + length;
  }

  /** Ends the stream of rows; the copy, which is given back, is not ended yet. */
  CopyIn end() throws SQLException {
    room(2);
    SHORT.set(buffer, at, (short) -1);
    at += 2;
    flush();
    CopyIn done = to;
    if (done == null) {
      throw new IllegalStateException("no copy was begun");
    }
    to = null;
    if (buffer.length > 16 * FULL) {
      buffer = new byte[FULL + 1024]; // One huge text must not be paid for ever.
    }
    return done;
  }

  /** A timestamptz of µs since 1970. */
  static long instant(long micros) {
    return micros - EPOCH;
  }

  private void flush() throws SQLException {
    if (to != null) {
      to.writeToCopy(buffer, 0, at);
    }
    at = 0;
  }

  private void room(int bytes) {
    if (buffer.length - at < bytes) {
      buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, Math.addExact(at, bytes)));
    }
  }
}
