package kr.madang.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a runtime holds, as the kernel and its own figures tell.
 *
 * @param resident KiB
 * @param tensors native bytes of the tensors of calls
 * @param batches bytes of Arrow
 */
record Traces(long threads, long descriptors, long resident, long tensors, long batches) {

  /** After a collection, so that what is only not collected yet does not count. */
  static Traces of(Madang madang) throws Exception {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process collection =
        new ProcessBuilder(jcmd.toString(), Long.toString(madang.process.pid()), "GC.run")
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    collection.waitFor();
    String metrics = madang.metrics();
    Path process = Path.of("/proc", Long.toString(madang.process.pid()));
    return new Traces(
        count(process.resolve("task")),
        count(process.resolve("fd")),
        resident(madang),
        figure(metrics, "madang_tensor_bytes"),
        figure(metrics, "madang_arrow_bytes"));
  }

  /** KiB in memory now. */
  static long resident(Madang madang) throws IOException {
    for (String line :
        Files.readAllLines(Path.of("/proc", Long.toString(madang.process.pid()), "status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    throw new IOException("no VmRSS");
  }

  private static long count(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.count();
    }
  }

  private static long figure(String page, String name) {
    Matcher matcher =
        Pattern.compile("^" + name + " ([-+.0-9E]+)$", Pattern.MULTILINE).matcher(page);
    return matcher.find() ? (long) Double.parseDouble(matcher.group(1)) : -1;
  }

  /** Whether nothing is left of what was done since; memory aside. */
  boolean within(Traces base) {
    return threads <= base.threads
        && descriptors <= base.descriptors
        && tensors == 0
        && batches <= base.batches;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%d threads, %d descriptors, %,d KiB resident, %,d bytes of tensors, %,d of batches",
        threads,
        descriptors,
        resident,
        tensors,
        batches);
  }
}
