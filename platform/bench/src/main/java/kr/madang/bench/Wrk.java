package kr.madang.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The load generator wrk, which asks the same again and again. */
final class Wrk {
  private static final Pattern LATENCY = Pattern.compile("\\s+(50|99)%\\s+([0-9.]+)(us|ms|s)");
  private static final Pattern RATE = Pattern.compile("Requests/sec:\\s+([0-9.]+)");
  private static final Pattern COUNT = Pattern.compile("\\s+([0-9]+) requests in");

  private Wrk() {}

  /**
   * What it saw.
   *
   * @param rate requests a second
   * @param p50 µs
   * @param p99 µs
   * @param cpu of the server, µs a request; of all processes under it too
   */
  record Seen(double rate, double p50, double p99, double cpu) {}

  static boolean isThere() {
    return works("wrk", "-v");
  }

  /** Whether a command can be started and ends by itself. */
  static boolean works(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() >= 0 && (process.exitValue() == 0 || command[0].equals("wrk"));
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  static Seen run(URI url, String token, String body, Process server, int connections, int seconds)
      throws IOException, InterruptedException {
    Path script = Files.createTempFile("wrk", ".lua");
    try {
      Files.writeString(
          script,
          """
          wrk.method = "POST"
          wrk.body = '%s'
          wrk.headers["Content-Type"] = "application/json"
          wrk.headers["Authorization"] = "Bearer %s"
          """
              .formatted(body, token));
      long before = cpuMicros(server);
      Process wrk =
          new ProcessBuilder(
                  "wrk",
                  "-t1",
                  "-c" + connections,
                  "-d" + seconds + "s",
                  "--latency",
                  "-s",
                  script.toString(),
                  url.toString())
              .redirectErrorStream(true)
              .start();
      List<String> lines = new ArrayList<>();
      try (BufferedReader out = wrk.inputReader()) {
        out.lines().forEach(lines::add);
      }
      wrk.waitFor();
      long used = cpuMicros(server) - before;
      return seen(lines, used);
    } finally {
      Files.delete(script);
    }
  }

  private static Seen seen(List<String> lines, long used) {
    double rate = Double.NaN;
    double count = Double.NaN;
    double p50 = Double.NaN;
    double p99 = Double.NaN;
    for (String line : lines) {
      Matcher matcher = LATENCY.matcher(line);
      if (matcher.matches()) {
        double micros =
            Double.parseDouble(matcher.group(2))
                * switch (matcher.group(3)) {
                  case "us" -> 1;
                  case "ms" -> 1e3;
                  default -> 1e6;
                };
        if (matcher.group(1).equals("50")) {
          p50 = micros;
        } else {
          p99 = micros;
        }
      }
      matcher = RATE.matcher(line);
      if (matcher.find()) {
        rate = Double.parseDouble(matcher.group(1));
      }
      matcher = COUNT.matcher(line);
      if (matcher.find()) {
        count = Double.parseDouble(matcher.group(1));
      }
      if (line.contains("Non-2xx") || line.contains("Socket errors")) {
        throw new IllegalStateException("not all requests were answered: " + line);
      }
    }
    return new Seen(rate, p50, p99, used / count);
  }

  /** Of a process and its children, as the kernel counts it. */
  static long cpuMicros(Process server) throws IOException {
    long ticks = ticks(server.toHandle());
    for (ProcessHandle child : server.toHandle().descendants().toList()) {
      ticks += ticks(child);
    }
    return ticks * 10_000;
  }

  private static long ticks(ProcessHandle process) throws IOException {
    String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
  }
}
