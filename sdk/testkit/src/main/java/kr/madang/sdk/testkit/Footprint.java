package kr.madang.sdk.testkit;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * The threads, open files and sockets of this process at one time, whoever started or opened them,
 * to compare with later.
 */
public final class Footprint {
  private final Predicate<String> ignored;
  private final Set<Thread> threads;
  private final long descriptors;

  private Footprint(Predicate<String> ignored) {
    this.ignored = ignored;
    threads = threads();
    descriptors = Descriptors.open();
  }

  /** What there is now. */
  public static Footprint now() {
    return now(_ -> false);
  }

  /**
   * What there is now.
   *
   * @param ignored says of a thread's name whether it may come and go
   */
  public static Footprint now(Predicate<String> ignored) {
    return new Footprint(ignored);
  }

  /** Threads that are there now and were not then. */
  public Set<Thread> newThreads() {
    Set<Thread> now = threads();
    now.removeAll(threads);
    return now;
  }

  /** Fails unless all threads that came since end within 20 s. */
  public void assertNoThreadLeft() {
    PluginThreads.assertNoneLeft(this::newThreads, Await.LIMIT);
  }

  /** Fails unless, within 20 s, no more files and sockets are open than then and some to spare. */
  public void assertNoDescriptorLeft(int spare) {
    Descriptors.assertAtMost(descriptors + spare, Await.LIMIT);
  }

  /** The numbers then and now, for a person. */
  public String change() {
    return "threads %d to %d, descriptors %d to %d"
        .formatted(threads.size(), threads().size(), descriptors, Descriptors.open());
  }

  /**
   * Resident memory of this process in kB after all that nobody uses was given back; 0 where the
   * system does not say.
   */
  public static long resident() throws IOException, JMException {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    System.gc();
    ManagementFactory.getPlatformMBeanServer()
        .invoke(
            new ObjectName("com.sun.management:type=DiagnosticCommand"),
            "systemTrimNativeHeap",
            null,
            null);
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElse(0);
  }

  private Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> !ignored.test(thread.getName()))
        .collect(Collectors.toSet());
  }
}
