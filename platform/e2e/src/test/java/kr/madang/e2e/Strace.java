package kr.madang.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The tracer of the system, which kills or delays at a chosen system call. */
final class Strace {
  /** What makes a change to a file lasting or visible. */
  static final String CHANGES =
      "write,pwrite64,writev,pwritev,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,"
          + "ftruncate,fallocate,mkdir,mkdirat";

  private static final Pattern CALL = Pattern.compile("(\\d+) +([a-z0-9]+)\\((.*)");

  private Strace() {}

  static boolean works() throws Exception {
    return Harness.works(
        "strace", "-D", "-f", "--seccomp-bpf", "-o", "/dev/null", "-e", "trace=fsync", "true");
  }

  /** Writes down every change to a file. */
  static Madang.Wrap record(Path log) {
    return wrap(log, "-y", "-e", "trace=" + CHANGES);
  }

  /** Kills at the nth such call of a thread on one of these files. */
  static Madang.Wrap kill(String call, int nth, Collection<String> files) {
    List<String> more = new ArrayList<>(List.of("-e", "trace=" + call));
    for (String file : files) {
      more.add("-P");
      more.add(file);
    }
    more.add("-e");
    more.add("inject=" + call + ":signal=SIGKILL:when=" + nth);
    // Not by seccomp, under which strace 6.1 does not count calls.
    List<String> command = new ArrayList<>(List.of("strace", "-D", "-f", "-o", "/dev/null"));
    command.addAll(more);
    return new Madang.Wrap(command, Map.of(), false);
  }

  /** Makes the disk slow. */
  static Madang.Wrap slowDisk(int millis) {
    String calls = "fsync,fdatasync";
    return wrap(
        Path.of("/dev/null"),
        "-e",
        "trace=" + calls,
        "-e",
        "inject=" + calls + ":delay_enter=" + millis * 1000);
  }

  /** Breaks the disk once: the nth force of a thread fails. */
  static Madang.Wrap failingDisk(int nth) {
    String call = "fdatasync";
    return new Madang.Wrap(
        List.of(
            "strace",
            "-D",
            "-f",
            "-o",
            "/dev/null",
            "-e",
            "trace=" + call,
            "-e",
            "inject=" + call + ":error=EIO:when=" + nth),
        Map.of(),
        false);
  }

  private static Madang.Wrap wrap(Path log, String... more) {
    List<String> command =
        new ArrayList<>(List.of("strace", "-D", "-f", "--seccomp-bpf", "-o", log.toString()));
    command.addAll(List.of(more));
    return new Madang.Wrap(command, Map.of(), false);
  }

  /**
   * A call on a file.
   *
   * @param thread that made it
   */
  record Call(String thread, String name, String file) {}

  /** The calls of a log on files under a folder, in their order. */
  static List<Call> read(Path log, Path folder) throws IOException {
    Pattern file = Pattern.compile("[<\"](" + Pattern.quote(folder.toString()) + "/[^>\"]*)[>\"]");
    List<Call> calls = new ArrayList<>();
    try (Stream<String> lines = Files.lines(log, java.nio.charset.StandardCharsets.ISO_8859_1)) {
      lines.forEach(line -> {
        Matcher call = CALL.matcher(line);
        if (call.matches()) {
          Matcher path = file.matcher(call.group(3));
          if (path.find()) {
            calls.add(new Call(call.group(1), call.group(2), path.group(1)));
          }
        }
      });
    }
    return calls;
  }

  /** How often a thread made each kind of call, for the thread that made it most often. */
  static Map<String, Integer> most(List<Call> calls) {
    Map<String, Map<String, Integer>> byThread = new TreeMap<>();
    for (Call call : calls) {
      byThread.computeIfAbsent(call.name, _ -> new TreeMap<>()).merge(call.thread, 1, Integer::sum);
    }
    Map<String, Integer> most = new TreeMap<>();
    byThread.forEach(
        (name, counts) -> most.put(name, counts.values().stream().max(Integer::compare).get()));
    return most;
  }
}
