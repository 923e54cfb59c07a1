package kr.madang.plugins.mqtt;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The event loop of one connection: one thread, which is gone when {@link #stop} returns. HiveMQ
 * takes a loop group that it is given as it is and never stops it, so nothing that the library
 * still waits for can keep the thread.
 *
 * <p>The end is told on the thread that stops: Netty would start a thread of its own for it, which
 * lives on for a second.
 */
final class Loop extends MultiThreadIoEventLoopGroup {
  private final AtomicReference<@Nullable Thread> thread;
  private final AtomicReference<@Nullable Consumer<Channel>> prepare;

  private Loop(
      AtomicReference<@Nullable Thread> thread,
      AtomicReference<@Nullable Consumer<Channel>> prepare,
      String name) {
    super(
        1,
        (Executor)
            task -> {
              Thread started = new FastThreadLocalThread(task, name);
              started.setDaemon(true);
              thread.set(started);
              started.start();
            },
        NioIoHandler.newFactory(),
        prepare);
    this.thread = thread;
    this.prepare = prepare;
  }

  /**
   * A loop whose thread starts with its first task.
   *
   * @param prepare called with each channel before it connects
   */
  static Loop of(String name, Consumer<Channel> prepare) {
    return new Loop(new AtomicReference<>(), new AtomicReference<>(prepare), name);
  }

  @Override
  @SuppressWarnings("unchecked")
  protected IoEventLoop newChild(Executor executor, IoHandlerFactory factory, Object... args) {
    return new Single(
        this, executor, factory, (AtomicReference<@Nullable Consumer<Channel>>) args[0]);
  }

  /** Closes what is open and waits for the thread. */
  void stop(long millis) {
    Single single = (Single) next();
    single.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
    Thread running = thread.get();
    boolean interrupted = false;
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (running != null && running.isAlive()) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        running.interrupt();
        break;
      }
      try {
        running.join(left);
      } catch (InterruptedException _) {
        interrupted = true;
        running.interrupt();
      }
    }
    prepare.set(null);
    single.ended.trySuccess(null);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static final class Single extends SingleThreadIoEventLoop {
    private final Promise<?> ended = new DefaultPromise<>(ImmediateEventExecutor.INSTANCE);
    private final AtomicReference<@Nullable Consumer<Channel>> prepare;

    Single(
        Loop group,
        Executor executor,
        IoHandlerFactory factory,
        AtomicReference<@Nullable Consumer<Channel>> prepare) {
      super(group, executor, factory);
      this.prepare = prepare;
    }

    @Override
    public ChannelFuture register(ChannelPromise promise) {
      Consumer<Channel> preparation = prepare.get();
      if (preparation != null) {
        preparation.accept(promise.channel());
      }
      return super.register(promise);
    }

    @Override
    public Future<?> terminationFuture() {
      return ended;
    }
  }
}
