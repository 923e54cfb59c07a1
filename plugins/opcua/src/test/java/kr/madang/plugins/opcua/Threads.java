package kr.madang.plugins.opcua;

import java.util.List;

/** Threads of this process. */
final class Threads {
  private Threads() {}

  /** Threads of sources; those of the tests' servers have other names. */
  static List<String> ofSources() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("opcua-"))
        .toList();
  }
}
