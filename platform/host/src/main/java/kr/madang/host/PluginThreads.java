package kr.madang.host;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The platform threads of one plugin: made, watched and counted by the host. */
final class PluginThreads implements ThreadFactory {
  private static final Logger LOG = LoggerFactory.getLogger(PluginThreads.class);

  private final PluginRef plugin;
  private final ClassLoader loader;
  private final ThreadGroup group;
  private final AtomicLong made = new AtomicLong();
  private final List<WeakReference<Thread>> abandoned = new ArrayList<>();
  private volatile boolean closed;

  PluginThreads(PluginRef plugin, ClassLoader loader) {
    this.plugin = plugin;
    this.loader = loader;
    group = new ThreadGroup(top(), "plugin-" + plugin);
  }

  /** A thread for a stage of the plugin. */
  @Override
  public Thread newThread(Runnable work) {
    if (closed) {
      throw new PluginException(
          HostError.NOT_STARTED, "plugin " + plugin + " is stopped: start it to use its stages");
    }
    return make(work);
  }

  private Thread make(Runnable work) {
    Thread thread =
        Thread.ofPlatform()
            .group(group)
            .daemon(true)
            .name("plugin-" + plugin.id() + "-" + made.incrementAndGet())
            .inheritInheritableThreadLocals(false)
            .uncaughtExceptionHandler((where, thrown) ->
                LOG.error(
                    "{} ended by {}",
                    where.getName(),
                    Detached.translate("it", thrown).getMessage()))
            .unstarted(work);
    thread.setContextClassLoader(loader);
    return thread;
  }

  /**
   * Runs one call into the plugin on a thread of its own.
   *
   * @throws PluginException with what it threw, as text; TIMEOUT when it did not return in time:
   *     then the thread is interrupted and counted until it ends
   */
  <T extends @Nullable Object> T call(String what, Duration limit, Callable<T> work) {
    var task = new FutureTask<T>(() -> translated(what, work));
    Thread thread = make(task);
    thread.start();
    try {
      T result = task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
      // The thread is about to end: what comes next may count on it.
      thread.join(limit);
      return result;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof PluginException translated) {
        throw translated;
      }
      throw new IllegalStateException(e.getCause());
    } catch (TimeoutException e) {
      abandon(thread);
      throw new PluginException(
          ErrorCode.TIMEOUT,
          what + " did not return within " + seconds(limit) + " s and was interrupted");
    } catch (InterruptedException e) {
      abandon(thread);
      Thread.currentThread().interrupt();
      throw new PluginException(
          ErrorCode.TIMEOUT, what + " was given up, since whoever waited for it was interrupted");
    }
  }

  private static <T extends @Nullable Object> T translated(String what, Callable<T> work) {
    try {
      return work.call();
    } catch (Throwable e) {
      throw Detached.translate(what, e);
    }
  }

  private static String seconds(Duration limit) {
    return limit.toMillis() % 1000 == 0
        ? Long.toString(limit.toSeconds())
        : Double.toString(limit.toMillis() / 1000.0);
  }

  private void abandon(Thread thread) {
    synchronized (abandoned) {
      abandoned.add(new WeakReference<>(thread));
    }
    thread.interrupt();
  }

  /** How many calls were given up and still run. */
  int hung() {
    synchronized (abandoned) {
      abandoned.removeIf(reference -> {
        Thread thread = reference.get();
        return thread == null || !thread.isAlive();
      });
      return abandoned.size();
    }
  }

  /** No thread is handed out from now on, except for calls. */
  void close() {
    closed = true;
  }

  /** The threads that belong to the plugin and live, those that it made itself too. */
  List<Thread> living() {
    List<Thread> living = new ArrayList<>();
    for (Thread thread : all()) {
      if (thread.threadId() != Thread.currentThread().threadId() && belongs(thread)) {
        living.add(thread);
      }
    }
    return living;
  }

  private boolean belongs(Thread thread) {
    ThreadGroup of = thread.getThreadGroup();
    return (of != null && group.parentOf(of))
        || loader.equals(thread.getContextClassLoader())
        || loader.equals(thread.getClass().getClassLoader());
  }

  /**
   * Waits until no thread of the plugin lives, interrupting those that do after a moment.
   *
   * @return names of those that live at the end of the limit
   */
  List<String> end(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    long grace = Math.min(limit.toNanos() / 4, 250_000_000);
    List<Thread> living = join(System.nanoTime() + grace);
    if (!living.isEmpty()) {
      living.forEach(Thread::interrupt);
      living = join(end);
    }
    return living.stream().map(Thread::getName).sorted().toList();
  }

  private List<Thread> join(long end) {
    List<Thread> living = living();
    while (!living.isEmpty()) {
      long left = end - System.nanoTime();
      if (left <= 0) {
        return living;
      }
      try {
        living.getFirst().join(Duration.ofNanos(left));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return living;
      }
      living = living();
    }
    return living;
  }

  private static ThreadGroup top() {
    ThreadGroup group = Thread.currentThread().getThreadGroup();
    for (ThreadGroup parent = group.getParent(); parent != null; parent = group.getParent()) {
      group = parent;
    }
    return group;
  }

  private static List<Thread> all() {
    ThreadGroup top = top();
    Thread[] threads = new Thread[top.activeCount() + 64];
    int count = top.enumerate(threads, true);
    while (count == threads.length) {
      threads = new Thread[threads.length * 2];
      count = top.enumerate(threads, true);
    }
    return Arrays.asList(threads).subList(0, count);
  }
}
