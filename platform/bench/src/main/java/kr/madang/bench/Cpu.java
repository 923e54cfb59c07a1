package kr.madang.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** CPU time. */
final class Cpu {
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private Cpu() {}

  /** Of the whole process, in ns: compiler and collector are part of the price. */
  static long process() {
    return SYSTEM.getProcessCpuTime();
  }

  /** Of the calling thread, in ns. */
  static long thread() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
