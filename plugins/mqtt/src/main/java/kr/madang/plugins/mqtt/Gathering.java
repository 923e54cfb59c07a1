package kr.madang.plugins.mqtt;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.locks.LockSupport;

/**
 * Rests half a millisecond between two reads when they follow one another quickly, so that one read
 * brings many messages: waking up and reading cost more than the messages themselves. The thread
 * serves this connection only, so nobody else waits.
 */
final class Gathering extends ChannelInboundHandlerAdapter {
  private static final long QUICK = 300_000;
  private static final long REST = 500_000;
  private static final int ROW = 16;

  private long last;
  private int quick;

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.fireChannelReadComplete();
    long now = System.nanoTime();
    quick = now - last < QUICK ? Math.min(quick + 1, ROW) : Math.max(0, quick - 4);
    if (quick == ROW) {
      LockSupport.parkNanos(REST);
      now = System.nanoTime();
    }
    last = now;
  }
}
