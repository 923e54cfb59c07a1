package kr.madang.host;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;

/** What is left of a plugin that was unloaded, watched until its class loader is collected. */
final class Remains {
  private static final long FIRST_WAIT_MILLIS = 20;

  private final PluginRef plugin;
  private final ReferenceQueue<ClassLoader> queue = new ReferenceQueue<>();
  private final WeakReference<ClassLoader> loader;
  private final List<String> threads;
  private final List<String> swept;
  private final String complaint;

  Remains(
      PluginRef plugin,
      ClassLoader loader,
      List<String> threads,
      List<String> swept,
      String complaint) {
    this.plugin = plugin;
    this.loader = new WeakReference<>(loader, queue);
    this.threads = threads;
    this.swept = swept;
    this.complaint = complaint;
  }

  boolean collected() {
    return loader.get() == null;
  }

  /**
   * Asks for collections, ever more seldom, until the loader is gone or the limit is over; asks
   * none while a thread holds it anyway.
   */
  void await(Duration limit) {
    if (!threads.isEmpty()) {
      return;
    }
    long end = System.nanoTime() + limit.toNanos();
    long wait = FIRST_WAIT_MILLIS;
    try {
      while (!collected() && System.nanoTime() < end) {
        System.gc();
        long left = Math.max(1, (end - System.nanoTime()) / 1_000_000);
        queue.remove(Math.min(wait, left));
        wait *= 2;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  UnloadReport report() {
    return new UnloadReport(plugin, collected(), threads, swept, complaint);
  }
}
