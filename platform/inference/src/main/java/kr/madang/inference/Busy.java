package kr.madang.inference;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** Time that threads have had a core for. */
final class Busy {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
  private static final boolean KNOWN =
      THREADS.isCurrentThreadCpuTimeSupported() && THREADS.isThreadCpuTimeEnabled();

  private Busy() {}

  /** Nanoseconds of this thread until now; where that is not known, what the clock says. */
  static long now() {
    return KNOWN && !Thread.currentThread().isVirtual()
        ? THREADS.getCurrentThreadCpuTime()
        : System.nanoTime();
  }
}
