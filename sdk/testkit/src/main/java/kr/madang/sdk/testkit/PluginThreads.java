package kr.madang.sdk.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Calls a plugin as the host does: on platform threads that end with the call. All of them belong
 * to one thread group, and threads inherit it, so that what a plugin leaves behind can be told from
 * the threads of the test's servers.
 */
public final class PluginThreads {
  private static final Duration GRACE = Duration.ofSeconds(2);

  private final ThreadGroup group;
  private final Duration patience;

  /**
   * No threads yet.
   *
   * @param patience how long one call may take
   */
  public PluginThreads(String name, Duration patience) {
    group = new ThreadGroup(name);
    this.patience = patience;
  }

  /** How long one call may take. */
  public Duration patience() {
    return patience;
  }

  /** Starts a thread of the plugin. */
  public Thread start(String name, Runnable task) {
    Thread thread = new Thread(group, task, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Runs a call to its end and gives what it returned or threw; fails if it takes too long. */
  public <T> T call(String what, Callable<T> call) throws Exception {
    FutureTask<T> task = new FutureTask<>(call);
    Thread thread = start(what, task);
    try {
      T result = task.get(patience.toNanos(), TimeUnit.NANOSECONDS);
      thread.join();
      return result;
    } catch (ExecutionException e) {
      thread.join();
      switch (e.getCause()) {
        case Exception thrown -> throw thrown;
        case Error thrown -> throw thrown;
        case null, default -> throw e;
      }
    } catch (TimeoutException e) {
      String where = where(thread);
      thread.interrupt();
      throw new AssertionError(what + " took longer than " + patience + "; it is " + where, e);
    }
  }

  /** Waits for a thread; false, and interrupts it, if it takes too long. */
  public boolean join(Thread thread) throws InterruptedException {
    if (thread.join(patience)) {
      return true;
    }
    thread.interrupt();
    return thread.join(GRACE) && false;
  }

  /** Threads of the plugin, and those that they started, which are still there. */
  public List<Thread> alive() {
    Thread[] found = new Thread[group.activeCount() + 64];
    int count = group.enumerate(found, true);
    List<Thread> alive = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      if (found[i].isAlive()) {
        alive.add(found[i]);
      }
    }
    return alive;
  }

  /** Fails unless all threads end within the patience. */
  public void assertNoneLeft() {
    assertNoneLeft(this::alive, patience);
  }

  static void assertNoneLeft(Supplier<? extends Collection<Thread>> alive, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    Collection<Thread> left = alive.get();
    while (!left.isEmpty()) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "threads are left: "
                + left.stream().map(t -> "'" + t.getName() + "' " + where(t)).toList());
      }
      LockSupport.parkNanos(2_000_000);
      left = alive.get();
    }
  }

  /** Where a thread is, for a person. */
  static String where(Thread thread) {
    StackTraceElement[] stack = thread.getStackTrace();
    StringBuilder text = new StringBuilder("in ");
    for (int i = 0; i < Math.min(6, stack.length); i++) {
      text.append(i == 0 ? "" : " < ").append(stack[i]);
    }
    return stack.length == 0 ? "over" : text.toString();
  }
}
