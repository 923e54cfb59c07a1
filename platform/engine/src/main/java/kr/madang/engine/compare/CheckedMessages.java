package kr.madang.engine.compare;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import org.apache.arrow.flatbuf.Message;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ReadChannel;
import org.apache.arrow.vector.ipc.message.MessageChannelReader;
import org.apache.arrow.vector.ipc.message.MessageResult;
import org.jspecify.annotations.Nullable;

/**
 * Reads IPC messages, but believes no length before it has been compared with what is left of the
 * file: a flipped bit must not ask for gigabytes.
 */
final class CheckedMessages extends MessageChannelReader {
  private static final int CONTINUATION = -1;

  private final FileChannel channel;
  private @Nullable ArrowBuf body;

  CheckedMessages(FileChannel channel, BufferAllocator allocator) {
    super(new ReadChannel(channel), allocator);
    this.channel = channel;
  }

  @Override
  public MessageResult readNext() throws IOException {
    check();
    MessageResult next = super.readNext();
    body = next == null ? null : next.getBodyBuffer();
    return next;
  }

  private void check() throws IOException {
    long at = channel.position();
    ByteBuffer head = read(at, 8);
    if (head.remaining() < 4) {
      return;
    }
    int length = head.getInt();
    long start = at + 4;
    if (length == CONTINUATION) {
      if (head.remaining() < 4) {
        return;
      }
      length = head.getInt();
      start += 4;
    }
    long left = channel.size() - start;
    if (length < 0 || length > left) {
      throw new IOException(
          "a message of " + length + " bytes at " + start + ", where " + left + " are left");
    }
    if (length > 0) {
      long size = Message.getRootAsMessage(read(start, length)).bodyLength();
      if (size < 0 || size > left - length) {
        throw new IOException(
            "a body of " + size + " bytes at " + start + ", where " + left + " are left");
      }
    }
  }

  /** Up to so many bytes from a place, little-endian. */
  private ByteBuffer read(long at, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining() && channel.read(bytes, at + bytes.position()) >= 0) {
      // reads on
    }
    return bytes.flip();
  }

  /** Frees what is left of a batch that could not be loaded; called when all else is closed. */
  void release() {
    ArrowBuf left = body;
    body = null;
    while (left != null && left.refCnt() > 0) {
      left.getReferenceManager().release();
    }
  }
}
