package kr.madang.plugins.mqtt;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.util.ReferenceCountUtil;

/**
 * Ends a connection whose broker announces a packet that is too long, before memory is given to it.
 * HiveMQ has such a limit for MQTT 5 only.
 */
final class PacketLimit extends ChannelInboundHandlerAdapter {
  private final int limit;
  private long skip;
  private boolean inHeader;
  private int shift;
  private long length;

  PacketLimit(int limit) {
    this.limit = limit;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof ByteBuf bytes && !fits(bytes)) {
      long got = length;
      ReferenceCountUtil.release(message);
      ctx.fireExceptionCaught(
          new TooLongFrameException(
              "the broker sent a packet of "
                  + got
                  + " bytes, more than the "
                  + limit
                  + " that maxPayload allows"));
      ctx.close();
      return;
    }
    ctx.fireChannelRead(message);
  }

  private boolean fits(ByteBuf bytes) {
    int at = bytes.readerIndex();
    int end = bytes.writerIndex();
    while (at < end) {
      if (skip > 0) {
        int step = (int) Math.min(skip, end - at);
        at += step;
        skip -= step;
      } else if (!inHeader) {
        at++; // the type
        inHeader = true;
        shift = 0;
        length = 0;
      } else {
        int next = bytes.getUnsignedByte(at++);
        length |= (long) (next & 0x7F) << shift;
        shift += 7;
        if (next < 0x80) {
          inHeader = false;
          skip = length;
          if (length > limit) {
            return false;
          }
        } else if (shift > 28) {
          return true; // malformed, which the decoder says better
        }
      }
    }
    return true;
  }
}
