package kr.madang.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The load generator h2load of nghttp2, which speaks HTTP/1.1 and HTTP/2 alike: one client to
 * compare JSON, bytes and gRPC by.
 */
final class H2load {
  private static final Pattern RATE = Pattern.compile("finished in .*?, ([0-9.]+) req/s.*");
  private static final Pattern COUNT =
      Pattern.compile("requests: .*, ([0-9]+) succeeded, ([0-9]+) failed, ([0-9]+) errored.*");
  private static final Pattern DATA = Pattern.compile("traffic: .*\\(([0-9]+)\\) data");

  private H2load() {}

  static boolean isThere() {
    return Wrk.works("h2load", "--version");
  }

  /**
   * Asks the same again and again.
   *
   * @param grpc HTTP/2, else HTTP/1.1
   * @param callers how many connections there are, with one request at a time on each
   */
  static Wrk.Seen run(
      URI url,
      Map<String, String> headers,
      byte[] body,
      boolean grpc,
      int callers,
      Process server,
      int seconds)
      throws IOException, InterruptedException {
    Path data = Files.write(Files.createTempFile("h2load", ".body"), body);
    Path log = Files.createTempFile("h2load", ".log");
    try {
      List<String> command =
          new ArrayList<>(
              List.of(
                  "h2load",
                  "-t1",
                  "-D" + seconds,
                  "-d",
                  data.toString(),
                  "--log-file=" + log,
                  "-c" + callers,
                  "-m1"));
      if (!grpc) {
        command.add("--h1");
      }
      headers.forEach((name, value) -> command.addAll(List.of("-H", name + ": " + value)));
      command.add(url.toString());
      long before = Wrk.cpuMicros(server);
      Process load = new ProcessBuilder(command).redirectErrorStream(true).start();
      List<String> lines = new ArrayList<>();
      try (BufferedReader out = load.inputReader()) {
        out.lines().forEach(lines::add);
      }
      load.waitFor();
      return seen(lines, micros(log), Wrk.cpuMicros(server) - before);
    } finally {
      Files.delete(data);
      Files.delete(log);
    }
  }

  /** How long each request took, sorted. */
  private static long[] micros(Path log) throws IOException {
    try (Stream<String> lines = Files.lines(log)) {
      long[] all =
          lines
              .map(line -> line.split("\t"))
              .filter(parts -> parts.length >= 3 && parts[1].equals("200"))
              .mapToLong(parts -> Long.parseLong(parts[2]))
              .toArray();
      Arrays.sort(all);
      return all;
    }
  }

  private static Wrk.Seen seen(List<String> lines, long[] micros, long used) {
    double rate = Double.NaN;
    long count = 0;
    long data = 0;
    for (String line : lines) {
      Matcher matcher = RATE.matcher(line);
      if (matcher.matches()) {
        rate = Double.parseDouble(matcher.group(1));
      }
      matcher = COUNT.matcher(line);
      if (matcher.matches()) {
        count = Long.parseLong(matcher.group(1));
      }
      matcher = DATA.matcher(line);
      if (matcher.find()) {
        data = Long.parseLong(matcher.group(1));
      }
    }
    // An error of gRPC is a 200 too, and has no data.
    if (micros.length == 0 || count == 0 || data < 20 * count) {
      throw new IllegalStateException("not all requests were answered: " + lines);
    }
    return new Wrk.Seen(
        rate,
        micros[micros.length / 2],
        micros[(int) (micros.length * 0.99)],
        (double) used / count);
  }
}
