package kr.madang.plugins.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;

/**
 * Tells the broker a smaller receive maximum than the library holds it to: the quota of Mosquitto
 * 2.0.11 drifts upwards (its issue 2301; 2,109 under way were seen where 100 were allowed), and the
 * library ends the connection at the first message too many. What is too much in bytes is not read.
 */
final class ReceiveMaximum extends ChannelOutboundHandlerAdapter {
  private static final int CONNECT = 0x10;
  private static final int MQTT5 = 5;
  private static final int PROPERTY = 0x21;

  /** What the library is given: the most that there is. */
  static final int HELD = 65_535;

  private final int told;

  ReceiveMaximum(int told) {
    this.told = told;
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf bytes && bytes.isReadable()) {
      if (bytes.getUnsignedByte(bytes.readerIndex()) == CONNECT) {
        change(bytes);
      }
      ctx.pipeline().remove(this);
    }
    ctx.write(message, promise);
  }

  private void change(ByteBuf bytes) {
    int at = bytes.readerIndex() + 1;
    at += varint(bytes, at); // the length of the packet
    at += 2 + bytes.getUnsignedShort(at); // the name of the protocol
    if (bytes.getUnsignedByte(at) != MQTT5) {
      return;
    }
    at += 4; // version, flags, keep alive
    int length = 0;
    int size = varint(bytes, at);
    for (int i = size - 1; i >= 0; i--) {
      length = length << 7 | bytes.getUnsignedByte(at + i) & 0x7F;
    }
    at += size;
    int end = at + length;
    while (at < end) {
      int property = bytes.getUnsignedByte(at++);
      switch (property) {
        case PROPERTY -> {
          bytes.setShort(at, told);
          return;
        }
        case 0x11, 0x27 -> at += 4; // session expiry, maximum packet size
        case 0x22 -> at += 2; // topic alias maximum
        case 0x17, 0x19 -> at += 1; // problem and response information
        default -> {
          return; // None of those that are sent here.
        }
      }
    }
  }

  private static int varint(ByteBuf bytes, int at) {
    int size = 1;
    while (bytes.getUnsignedByte(at + size - 1) >= 0x80) {
      size++;
    }
    return size;
  }
}
