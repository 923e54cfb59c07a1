package kr.madang.e2e;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Samples of what a process uses, and whether they stay flat. */
final class Soak implements AutoCloseable {
  /**
   * One sample.
   *
   * @param heap MB after a collection
   * @param arrow MB; -1 if the runtime does not tell
   * @param rss MB
   */
  record Sample(
      double minute, double heap, double arrow, long threads, long descriptors, double rss) {}

  private final Madang madang;
  private final BufferedWriter table;
  private final List<Sample> samples = new ArrayList<>();
  private final long start = System.nanoTime();

  Soak(Madang madang, Path table) throws IOException {
    this.madang = madang;
    this.table = Files.newBufferedWriter(table);
    line("minute,heapMB,arrowMB,threads,descriptors,rssMB,fault");
  }

  double minute() {
    return (System.nanoTime() - start) / 60e9;
  }

  /** Takes a sample; the collection that goes before it is part of the load. */
  Sample take(String fault) throws Exception {
    long pid = madang.process.pid();
    jcmd(pid, "GC.run");
    String heap = jcmd(pid, "GC.heap_info");
    String metrics = madang.metrics();
    Path process = Path.of("/proc", Long.toString(pid));
    Sample sample =
        new Sample(
            minute(),
            used(heap),
            sum(metrics, "madang_arrow_bytes") / 1e6,
            count(process.resolve("task")),
            count(process.resolve("fd")),
            rss(process));
    samples.add(sample);
    line(
        "%.2f,%.1f,%.2f,%d,%d,%.1f,%s"
            .formatted(
                sample.minute,
                sample.heap,
                sample.arrow,
                sample.threads,
                sample.descriptors,
                sample.rss,
                fault));
    return sample;
  }

  /**
   * Compares the second half with the first after the warm-up, by the medians of quarters, and
   * answers what is not flat.
   *
   * @param from the minute at which the warm-up is over
   */
  List<String> verdict(double from) throws IOException {
    List<Sample> warm = samples.stream().filter(sample -> sample.minute >= from).toList();
    List<String> wrong = new ArrayList<>();
    if (warm.size() < 8) {
      return List.of("only " + warm.size() + " samples after minute " + from);
    }
    check(wrong, warm, "heap after collection (MB)", Sample::heap, 1.10, 4);
    check(wrong, warm, "Arrow (MB)", Sample::arrow, 1.10, 4);
    check(wrong, warm, "threads", Sample::threads, 1.0, 3);
    check(wrong, warm, "descriptors", Sample::descriptors, 1.0, 6);
    check(wrong, warm, "RSS (MB)", Sample::rss, 1.05, 0);
    return wrong;
  }

  private void check(
      List<String> wrong,
      List<Sample> warm,
      String what,
      ToDoubleFunction<Sample> value,
      double factor,
      double slack)
      throws IOException {
    int quarter = warm.size() / 4;
    double before = median(warm.subList(0, quarter), value);
    double after = median(warm.subList(warm.size() - quarter, warm.size()), value);
    if (before < 0 || after < 0) {
      wrong.add(what + ": the runtime does not tell it");
      line("# " + what + ": the runtime does not tell it");
      Harness.print("soak: %s: the runtime does not tell it", what);
      return;
    }
    boolean flat = after <= before * factor + slack;
    String line =
        "%s: %.1f in the first quarter, %.1f in the last (%+.1f %%): %s"
            .formatted(
                what,
                before,
                after,
                before == 0 ? 0 : (after / before - 1) * 100,
                flat ? "flat" : "NOT FLAT");
    line("# " + line);
    Harness.print("soak: %s", line);
    if (!flat) {
      wrong.add(line);
    }
  }

  private static double median(List<Sample> samples, ToDoubleFunction<Sample> value) {
    double[] sorted = samples.stream().mapToDouble(value).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private void line(String text) throws IOException {
    table.write(text);
    table.newLine();
    table.flush();
  }

  private static double sum(String metrics, String name) {
    double sum = 0;
    boolean found = false;
    for (String line : metrics.lines().toList()) {
      if (line.startsWith(name)) {
        found = true;
        sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
      }
    }
    return found ? sum : -1e6;
  }

  private static double rss(Path process) throws IOException {
    for (String line : Files.readAllLines(process.resolve("status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1e3;
      }
    }
    throw new IOException("no VmRSS of " + process);
  }

  private static long count(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.count();
    }
  }

  private static double used(String heapInfo) throws IOException {
    Matcher used = Pattern.compile("used (\\d+)K").matcher(heapInfo);
    if (!used.find()) {
      throw new IOException("no 'used …K' in the answer of jcmd GC.heap_info: " + heapInfo);
    }
    return Long.parseLong(used.group(1)) / 1e3;
  }

  private static String jcmd(long pid, String command) throws Exception {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process done =
        new ProcessBuilder(jcmd.toString(), Long.toString(pid), command)
            .redirectErrorStream(true)
            .start();
    String said = new String(done.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (done.waitFor() != 0) {
      throw new IOException("jcmd " + command + " ended with " + done.exitValue() + ": " + said);
    }
    return said;
  }

  @Override
  public void close() throws IOException {
    table.close();
  }
}
