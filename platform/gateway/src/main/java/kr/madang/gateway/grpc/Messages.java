package kr.madang.gateway.grpc;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/** Messages as bytes, which are read where they lie. */
public final class Messages {
  /** No message is parsed on its way. */
  public static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new Whole(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            if (!(stream instanceof KnownLength)) {
              return stream.readAllBytes();
            }
            byte[] whole = new byte[stream.available()];
            int read = stream.readNBytes(whole, 0, whole.length);
            return read == whole.length ? whole : Arrays.copyOf(whole, read);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  /** A message that is written in one piece. */
  private static final class Whole extends ByteArrayInputStream implements Drainable {
    Whole(byte[] value) {
      super(value);
    }

    @Override
    public int drainTo(OutputStream to) throws IOException {
      int size = count - pos;
      to.write(buf, pos, size);
      pos = count;
      return size;
    }
  }

  private Messages() {}
}
