package kr.madang.sdk.testkit;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Counts the open files and sockets of this process. */
public final class Descriptors {
  private Descriptors() {}

  /** How many are open; 0 where the system does not say. */
  public static long open() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getOpenFileDescriptorCount()
        : 0;
  }

  /** Fails unless no more than this many are open within the limit. */
  public static void assertAtMost(long most, Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    while (open() > most) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "descriptors are left: expected at most " + most + ", got " + open());
      }
      LockSupport.parkNanos(2_000_000);
    }
  }
}
