package kr.madang.host;

import java.sql.DriverManager;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import kr.madang.sdk.Plugin;
import org.slf4j.LoggerFactory;

/** The allow-list of classes that a plugin takes from the host. */
final class SharedClasses {
  /** The loader that has them. */
  static final ClassLoader LOADER = Plugin.class.getClassLoader();

  private static final List<String> PREFIXES =
      List.of(
          "kr.madang.sdk.",
          "org.apache.arrow.compression.",
          "org.apache.arrow.flatbuf.",
          "org.apache.arrow.memory.",
          "org.apache.arrow.util.",
          "org.apache.arrow.vector.",
          "org.jspecify.",
          "org.slf4j.");

  /** What no plugin may bring along though it is not shared: two copies in one process clash. */
  private static final List<String> HOST_ONLY = List.of("ai.onnxruntime.");

  private static final ReentrantLock PREPARING = new ReentrantLock();
  private static boolean prepared;

  private SharedClasses() {}

  static boolean isShared(String className) {
    return startsWithOneOf(PREFIXES, className);
  }

  static boolean mustNotBeBundled(String className) {
    return isShared(className) || startsWithOneOf(HOST_ONLY, className);
  }

  private static boolean startsWithOneOf(List<String> prefixes, String className) {
    for (int i = 0; i < prefixes.size(); i++) {
      if (className.startsWith(prefixes.get(i))) {
        return true;
      }
    }
    return false;
  }

  /**
   * Initialises what looks for providers once in a process, through the context class loader of
   * whoever comes first: that must not be a plugin, which would find none for everybody.
   */
  static void prepare() {
    PREPARING.lock();
    try {
      if (prepared) {
        return;
      }
      prepared = true;
      Thread thread = Thread.currentThread();
      ClassLoader before = thread.getContextClassLoader();
      thread.setContextClassLoader(LOADER);
      try {
        DriverManager.drivers().close();
        Class.forName("org.apache.arrow.vector.compression.CompressionCodec$Factory", true, LOADER);
      } catch (ClassNotFoundException | LinkageError e) {
        LoggerFactory.getLogger(SharedClasses.class)
            .warn("shared classes that look for providers could not be initialised: {}", e, e);
      } finally {
        thread.setContextClassLoader(before);
      }
    } finally {
      PREPARING.unlock();
    }
  }
}
