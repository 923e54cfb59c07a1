package kr.madang.launcher;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import kr.madang.inference.Accelerators;
import kr.madang.inference.Placement;
import kr.madang.sdk.error.PluginException;

/** Says what is missing on this machine. */
final class Doctor {
  static final Arguments.Verb VERB =
      new Arguments.Verb(
          "doctor",
          "",
          "Says what is missing on this machine. Ends with 0 when nothing is. With --home it also\n"
              + "measures how long the disk takes for a forced write, and says when a disk or a file\n"
              + "system cannot be trusted with what must not be lost.",
          List.of(
              new Arguments.Option("home", "DIR", "The home that serve would use."),
              new Arguments.Option("port", "N", "The port that serve would use."),
              new Arguments.Option("host", "ADDRESS", "The address that serve would use.")));

  private static final long DISK = 1L << 30;
  private static final long MEMORY = 512L << 20;

  private int missing;
  private int warnings;

  private Doctor() {}

  static int run(Arguments arguments, Map<String, String> environment) {
    return new Doctor().examine(arguments, environment);
  }

  private int examine(Arguments arguments, Map<String, String> environment) {
    Distribution distribution = Distribution.here();
    java();
    natives();
    machine();
    accelerators();
    plugins(distribution);
    Optional<Path> named = arguments.home(environment);
    named.ifPresentOrElse(
        folder -> home(distribution, folder, environment),
        () -> System.out.println("      home: not named; say --home DIR to have it looked at"));
    port(
        distribution,
        named.orElse(Path.of("")).toAbsolutePath().normalize(),
        environment,
        arguments.settings());
    String warned = warnings == 0 ? "" : "; " + warnings + " to be looked at: see WARN above";
    System.out.println(
        (missing == 0 ? "nothing is missing" : missing + " missing: see MISS above") + warned);
    return missing == 0 ? Main.OK : Main.FAILED;
  }

  private void java() {
    int feature = Runtime.version().feature();
    say(feature >= 25, "Java", Runtime.version() + " (25 or newer is needed)");
    Module base = Object.class.getModule();
    say(
        base.isOpen("java.nio", Doctor.class.getModule()),
        "flag --add-opens=java.base/java.nio=ALL-UNNAMED",
        "Arrow reads the addresses of direct buffers");
    say(
        Doctor.class.getModule().isNativeAccessEnabled(),
        "flag --enable-native-access=ALL-UNNAMED",
        "for ONNX Runtime and SQLite");
  }

  private void natives() {
    for (Map.Entry<String, String> one :
        Map.of(
                "onnxruntime.native.path",
                System.mapLibraryName("onnxruntime"),
                "org.sqlite.lib.path",
                System.mapLibraryName("sqlitejdbc"))
            .entrySet()) {
      String folder = System.getProperty(one.getKey(), "");
      Path file = Path.of(folder, one.getValue());
      say(
          !folder.isEmpty() && Files.isReadable(file),
          "native library " + one.getValue(),
          folder.isEmpty()
              ? "-D"
                  + one.getKey()
                  + " is not set: it is unpacked into the temp folder at each start"
              : file.toString());
    }
  }

  private void machine() {
    long memory = Platform.machineMemory();
    say(memory >= MEMORY, "memory", mebibytes(memory) + " (at least " + mebibytes(MEMORY) + ")");
    int cores = Runtime.getRuntime().availableProcessors();
    say(cores >= 1, "cores", cores + ": as many models run at once");
  }

  /** None is needed: what is not there is no fault. */
  private static void accelerators() {
    for (Accelerators.Found found : Accelerators.look()) {
      if (found.provider() != Placement.Provider.CPU) {
        System.out.printf(
            "%-5s models on %s: %s%n",
            found.usable() ? "ok" : "",
            found.provider().label(),
            found.usable() ? String.join(", ", found.devices()) : "no: " + found.reason());
      }
    }
  }

  private void plugins(Distribution distribution) {
    TreeSet<String> names = new TreeSet<>();
    for (Path catalogue : distribution.catalogues()) {
      try (Stream<Path> entries = Files.list(catalogue)) {
        entries
            .filter(entry -> Files.exists(entry.resolve("plugin.properties")))
            .forEach(entry -> names.add(String.valueOf(entry.getFileName())));
      } catch (IOException e) {
        say(false, "catalogue", catalogue + " cannot be read: " + e.getMessage());
      }
    }
    say(
        !names.isEmpty(),
        "plugins of the distribution",
        names.isEmpty() ? "none found" : String.join(", ", names));
  }

  private void home(Distribution distribution, Path folder, Map<String, String> environment) {
    try (Home home = Home.open(folder)) {
      say(true, "home", home.folder() + " can be written and is free");
      FileStore store = Files.getFileStore(home.folder());
      long free = store.getUsableSpace();
      say(free >= DISK, "free disk", mebibytes(free) + " (at least " + mebibytes(DISK) + ")");
      durability(distribution, home.folder(), environment);
    } catch (PluginException | IOException e) {
      say(false, "home", String.valueOf(e.getMessage()));
    }
  }

  /** Whether "it is on the disk" can be believed under the home. */
  private void durability(Distribution distribution, Path home, Map<String, String> environment)
      throws IOException {
    Ground ground = Ground.under(home);
    boolean allowed =
        Layers.read(distribution.configuration(), home, environment, Map.of())
            .journal()
            .allowAnyFileSystem();
    if (ground.refusal().isPresent() && !allowed) {
      say(
          false,
          "file system for the journal",
          "the home " + ground.refusal().get() + "; " + Ground.remedy());
    } else {
      ground
          .refusal()
          .map(why -> why + "; allowed by journal.allowAnyFileSystem")
          .or(ground::warning)
          .or(ground::advice)
          .ifPresentOrElse(
              why -> warn("file system for the journal", "the home " + why),
              () -> say(true, "file system for the journal", ground.mount().toString()));
    }
    SyncProbe probe = SyncProbe.in(home);
    probe
        .suspicion(ground.kind())
        .ifPresentOrElse(
            why -> warn("durability", probe + ": " + why),
            () -> say(true, "durability", probe.toString()));
  }

  private void port(
      Distribution distribution,
      Path folder,
      Map<String, String> environment,
      Map<String, String> settings) {
    try {
      Configuration configuration =
          Layers.apply(distribution, folder, environment, Logging.quiet(settings, environment));
      say(true, "configuration", "can be read");
      try (ServerSocket socket = new ServerSocket()) {
        socket.setReuseAddress(true);
        socket.bind(
            new InetSocketAddress(
                InetAddress.getByName(configuration.host()), configuration.port()));
        say(true, "port", configuration.host() + ":" + configuration.port() + " is free");
      } catch (IOException e) {
        say(
            false,
            "port",
            configuration.host() + ":" + configuration.port() + ": " + e.getMessage());
      }
    } catch (PluginException e) {
      say(false, "configuration", String.valueOf(e.getMessage()));
    }
  }

  private void say(boolean good, String what, String detail) {
    if (!good) {
      missing++;
    }
    System.out.printf("%-5s %s: %s%n", good ? "ok" : "MISS", what, detail);
  }

  /** What works, and may still be none of what was wanted. */
  private void warn(String what, String detail) {
    warnings++;
    System.out.printf("%-5s %s: %s%n", "WARN", what, detail);
  }

  private static String mebibytes(long bytes) {
    return "%,d MiB".formatted(bytes >> 20);
  }
}
