import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * The story: starts a plant and the runtime, deploys the model and the pipeline, lets the plant run
 * well for a while, breaks it in three ways, and tells how long each stayed hidden.
 *
 * <p>Ends with status 0 if each fault was found within 15 s of plant time and nothing else was.
 */
final class Watch {
  static final String ALARM = "pump1-not-itself";
  private static final String PIPELINE = "pump-anomaly";
  private static final String[] FAULTS = {"worn-bearing", "cavitation", "blocked-valve"};
  private static final int PLANT_TIME = 12;
  private static final double ALLOWED = 15;
  private static final double REST = 20;
  private static final double RECOVERY = 40;

  private static volatile boolean ending;
  private static volatile boolean drawing;

  private final boolean draws;
  private final Madang madang;
  private final Modbus plant;
  private final List<Child> children;
  private final Chart chart;
  private final StringBuilder story = new StringBuilder();
  private final Map<Long, Madang.Alarm> alarms = new HashMap<>();
  private String fault = "none";
  private double told;

  private Watch(
      boolean draws, Madang madang, Modbus plant, List<Child> children, Chart chart) {
    this.draws = draws;
    this.madang = madang;
    this.plant = plant;
    this.children = children;
    this.chart = chart;
  }

  public static void main(String[] arguments) throws Exception {
    Map<String, String> options = options(arguments);
    double minutes = Double.parseDouble(options.get("minutes"));
    double speed = Double.parseDouble(options.get("speed"));
    Path root = Path.of(options.get("root")).toAbsolutePath();
    Path dist =
        options.get("dist").isEmpty()
            ? root.resolve("platform/dist/target/madang")
            : Path.of(options.get("dist")).toAbsolutePath();
    Path sample = root.resolve("samples/pump-anomaly");
    Path target = sample.resolve("target");
    Path home = target.resolve("home");
    delete(home);
    Files.createDirectories(home);
    Files.writeString(home.resolve("madang.yaml"), "roots: [ '" + target + "' ]\n");

    List<Child> children = new ArrayList<>();
    Thread hook = new Thread(() -> end(children));
    Runtime.getRuntime().addShutdownHook(hook);
    int status = 1;
    try {
      Child device =
          new Child(
              "the plant",
              plantCommand(root, dist, target, options.get("seed"), options.get("speed")),
              "plant ready on 127.0.0.1:",
              target.resolve("plant.log"));
      children.add(device);
      Child runtime =
          new Child(
              "madang",
              List.of(
                  dist.resolve("bin/madang").toString(),
                  "serve", "--home", home.toString(), "--port", "0"),
              "madang ready on ",
              target.resolve("madang.log"));
      children.add(runtime);
      int port = Integer.parseInt(device.awaitReady());
      String url = runtime.awaitReady();
      Madang madang = new Madang(url, Files.readString(home.resolve("admin.token")).strip());
      madang.install(target.resolve("madang-sample-pump-anomaly-0.1.0-plugin.zip"));
      madang.create(
          pipeline(Files.readString(sample.resolve("pipeline.yaml")), port, speed, target));
      Chart chart = new Chart(sample.resolve("src/main/plugin/models/pump-autoencoder"));
      boolean draws =
          !options.containsKey("no-chart")
              && System.console() != null
              && System.console().isTerminal();
      try (Modbus modbus = new Modbus(port)) {
        Watch watch = new Watch(draws, madang, modbus, children, chart);
        System.out.println("madang on " + url + ", plant on port " + port + ", speed " + speed);
        status = watch.tell(minutes * 60) ? 0 : 1;
      }
    } catch (IOException e) {
      if (!ending) {
        System.err.println(e.getMessage());
      }
    }
    // The hook ends the children, as it does on Ctrl-C.
    System.exit(status);
  }

  private static void end(List<Child> children) {
    ending = true;
    System.out.print(drawing ? "\033[?25h\n" : "");
    System.out.flush();
    children.reversed().forEach(Child::close);
  }

  private boolean tell(double normalSeconds) throws Exception {
    follow("align", chart::signals);
    follow("alarm", chart::score);
    if (draws) {
      drawing = true;
      System.out.print("\033[2J\033[?25l");
    }
    waitUntil(120, "no score within 120 s of plant time", () -> !Double.isNaN(chart.score()));
    double start = plantSeconds();
    say("normal running for %.0f s of plant time".formatted(normalSeconds));
    watch(normalSeconds);
    int falseAlarms = alarms.size();
    say("%d false alarms in %.0f s".formatted(falseAlarms, plantSeconds() - start));

    boolean all = true;
    for (int i = 0; i < FAULTS.length; i++) {
      int before = alarms.size();
      fault = FAULTS[i];
      double on = plantSeconds();
      plant.coil(i, true);
      boolean found = waitUntil(2 * ALLOWED, "", () -> alarms.size() > before);
      double delay = plantSeconds() - on;
      all &= found && delay <= ALLOWED;
      say(
          found
              ? "%s: found after %.1f s".formatted(fault, delay)
              : "%s: NOT found within %.0f s".formatted(fault, 2 * ALLOWED));
      watch(REST - delay);
      plant.coil(i, false);
      fault = "none";
      // What the fault left behind, heat above all, is no false alarm.
      watch(RECOVERY);
      waitUntil(120, "the alarm did not clear within 120 s", () -> !alarmed());
      int settled = alarms.size();
      watch(REST);
      falseAlarms += alarms.size() - settled;
    }
    say(
        "%s; %d false alarms in all"
            .formatted(
                all ? "all three faults found within 15 s" : "NOT all faults found within 15 s",
                falseAlarms));
    say("ledger: " + madang.ledger(PIPELINE));
    return all && falseAlarms == 0;
  }

  /** Shows a stage of the pipeline as long as the story lasts; the stream may be cut and resumed. */
  private void follow(String stage, Consumer<String> row) {
    Thread.ofVirtual()
        .start(
            () -> {
              while (true) {
                try {
                  madang.tap(PIPELINE, stage, row);
                } catch (IOException | UncheckedIOException _) {
                  // the pipeline is still being started, or the runtime ends
                } catch (InterruptedException _) {
                  return;
                }
                LockSupport.parkNanos(200_000_000);
              }
            });
  }

  private void watch(double seconds) throws IOException, InterruptedException {
    waitUntil(seconds, "", () -> false);
  }

  /**
   * Shows what happens until a condition holds.
   *
   * @param seconds of plant time to wait at most
   * @param otherwise what went wrong if it does not hold by then; empty if that is no error
   */
  private boolean waitUntil(double seconds, String otherwise, BooleanSupplier condition)
      throws IOException, InterruptedException {
    double end = plantSeconds() + seconds;
    while (true) {
      for (Child child : children) {
        child.check();
      }
      for (Madang.Alarm alarm : madang.alarms(PIPELINE)) {
        alarms.put(alarm.id(), alarm);
      }
      if (condition.getAsBoolean()) {
        return true;
      }
      double now = plantSeconds();
      if (now >= end) {
        if (otherwise.isEmpty()) {
          return false;
        }
        throw new IOException(otherwise + "; the pipeline is " + madang.state(PIPELINE));
      }
      show(now);
      LockSupport.parkNanos(50_000_000);
    }
  }

  private boolean alarmed() {
    return alarms.values().stream().anyMatch(Madang.Alarm::active);
  }

  private double plantSeconds() throws IOException {
    return plant.number(PLANT_TIME) / 1000.0;
  }

  private void show(double now) {
    if (ending) {
      return;
    }
    if (draws) {
      System.out.print(chart.draw(now, fault, alarmed(), story.toString()));
      System.out.flush();
    } else if (now >= told + 10) {
      told = now;
      System.out.printf(
          Locale.ROOT,
          "%7.1f s  score %.2f, highest %.2f  fault %s  alarm %s%n",
          now,
          chart.score(),
          chart.takeHighest(),
          fault,
          alarmed() ? "ON" : "off");
    }
  }

  private void say(String text) throws IOException {
    String line = String.format(Locale.ROOT, "%7.1f s  %s", plantSeconds(), text);
    story.append(line).append('\n');
    if (draws) {
      show(plantSeconds());
    } else {
      System.out.println(line);
    }
  }

  /** The pipeline as it is in the file, for this port, this folder and a plant that runs faster. */
  private static String pipeline(String text, int port, double speed, Path target) {
    Matcher times = Pattern.compile("\\b(\\d+)ms\\b").matcher(text);
    return times
        .replaceAll(time -> Math.round(Long.parseLong(time.group(1)) * 1e3 / speed) + "us")
        .replace("port: 1502", "port: " + port)
        .replace("path: out/", "path: " + target.resolve("out"));
  }

  /** The plant's archive, unpacked, is a program too. */
  private static List<String> plantCommand(
      Path root, Path dist, Path target, String seed, String speed) throws IOException {
    Path lib = target.resolve("plant");
    delete(lib);
    Files.createDirectories(lib);
    Path archive =
        root.resolve("plugins/simulator/target/madang-plugin-simulator-0.1.0-plugin.zip");
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(archive))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        if (entry.getName().endsWith(".jar")) {
          Files.copy(zip, lib.resolve(Path.of(entry.getName()).getFileName()));
        }
      }
    }
    // The plugin leaves logging to its host.
    try (Stream<Path> jars = Files.list(dist.resolve("lib"))) {
      for (Path jar : jars.filter(each -> each.getFileName().toString().startsWith("slf4j-api")).toList()) {
        Files.copy(jar, lib.resolve(jar.getFileName()));
      }
    }
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx128m",
        "--sun-misc-unsafe-memory-access=allow",
        "-cp",
        lib + File.separator + "*",
        "kr.madang.plugins.simulator.PlantServer",
        "--port", "0", "--seed", seed, "--speed", speed);
  }

  private static Map<String, String> options(String[] arguments) {
    Map<String, String> options =
        new HashMap<>(Map.of("minutes", "2", "speed", "10", "seed", "101", "root", ".", "dist", ""));
    for (int i = 0; i < arguments.length; i++) {
      String name = arguments[i].replaceFirst("^--", "");
      if (name.equals("no-chart")) {
        options.put(name, "");
      } else if (arguments[i].startsWith("--") && options.containsKey(name) && i + 1 < arguments.length) {
        options.put(name, arguments[++i]);
      } else {
        System.err.println(
            "run [--minutes M] [--speed N] [--seed S] [--no-chart]: cannot read '" + arguments[i] + "'");
        System.exit(2);
      }
    }
    return options;
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> paths = Files.walk(folder)) {
        for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }
}
