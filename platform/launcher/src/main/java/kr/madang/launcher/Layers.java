package kr.madang.launcher;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import kr.madang.control.config.Binder;
import kr.madang.control.config.Documents;
import kr.madang.control.config.Node;
import kr.madang.control.config.Place;
import kr.madang.control.config.Secrets;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the configuration: a flag beats {@code MADANG_*}, which beats {@code HOME/madang.yaml},
 * which beats {@code conf/madang.yaml} of the distribution.
 */
final class Layers {
  private static final String PREFIX = "MADANG_";

  /** Keys of mappings, which flags and variables name one by one. */
  private static final Map<String, Class<? extends Record>> PARTS =
      Map.of("journal", JournalSettings.class, "telemetry", TelemetrySettings.class);

  /** Variables that mean something else. */
  private static final List<String> FOREIGN =
      List.of("MADANG_HOME", "MADANG_JAVA_OPTS", "MADANG_DIST");

  private Layers() {}

  /** Reads all layers and sets the log up. */
  static Configuration apply(
      Distribution distribution,
      Path home,
      Map<String, String> environment,
      Map<String, String> flags) {
    Configuration configuration = read(distribution.configuration(), home, environment, flags);
    Logging.apply(configuration.log(), configuration.level());
    return configuration;
  }

  /**
   * The configuration.
   *
   * @param flags by the names of the components; only those that were given
   * @throws PluginException CONFIG_INVALID that says which layer is wrong
   */
  static Configuration read(
      Optional<Path> distribution,
      Path home,
      Map<String, String> environment,
      Map<String, String> flags) {
    Binder binder = new Binder(home, new Secrets(home.resolve("secrets")));
    Map<String, Node.Entry> all = new LinkedHashMap<>();
    distribution.ifPresent(file -> add(all, binder, file.toString(), file(file)));
    Path own = home.resolve("madang.yaml");
    if (Files.exists(own)) {
      add(all, binder, own.toString(), file(own));
    }
    add(all, binder, "the environment", environment(environment));
    add(all, binder, "the command line", values(flags));
    return bind(binder, "the configuration", new Node.Mapping(Place.NONE, all));
  }

  private static void add(
      Map<String, Node.Entry> all, Binder binder, String layer, @Nullable Node node) {
    if (node instanceof Node.Mapping mapping) {
      if (!mapping.entries().isEmpty()) {
        bind(binder, layer, mapping);
        merge(all, mapping);
      }
    } else if (node != null) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID, layer + ": expected keys and values, got " + node.kind());
    }
  }

  /** Keys of a mapping within a mapping beat those below one by one, too. */
  private static void merge(Map<String, Node.Entry> all, Node.Mapping over) {
    over.entries()
        .forEach((key, entry) -> {
          Node.Entry below = all.get(key);
          if (below != null
              && below.value() instanceof Node.Mapping old
              && entry.value() instanceof Node.Mapping young) {
            Map<String, Node.Entry> both = new LinkedHashMap<>(old.entries());
            merge(both, young);
            all.put(key, new Node.Entry(entry.place(), new Node.Mapping(young.place(), both)));
          } else {
            all.put(key, entry);
          }
        });
  }

  private static Configuration bind(Binder binder, String layer, Node node) {
    try {
      return binder.bind(node, Configuration.class, "");
    } catch (PluginException e) {
      throw new PluginException(e.code(), layer + ": " + e.getMessage(), e);
    }
  }

  private static @Nullable Node file(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          file + " cannot be read (" + e.getClass().getSimpleName() + "); it must be UTF-8",
          e);
    }
    boolean empty =
        text.lines().map(String::strip).allMatch(line -> line.isEmpty() || line.startsWith("#"));
    if (empty) {
      return null;
    }
    try {
      return Documents.yaml(text);
    } catch (PluginException e) {
      throw new PluginException(e.code(), file + ": " + e.getMessage(), e);
    }
  }

  private static @Nullable Node environment(Map<String, String> environment) {
    Map<String, String> values = new LinkedHashMap<>();
    environment.forEach((name, value) -> {
      if (name.startsWith(PREFIX)
          && !FOREIGN.contains(name)
          && !name.startsWith(PREFIX + "SECRET_")) {
        values.put(key(name.substring(PREFIX.length()).toLowerCase(Locale.ROOT)), value);
      }
    });
    return values(values);
  }

  /** {@code journal_bytes} → {@code journal.bytes}; {@code journal_allow_any_…} as it is spelt. */
  private static String key(String variable) {
    int end = variable.indexOf('_');
    String part = end < 0 ? "" : variable.substring(0, end);
    Class<? extends Record> settings = PARTS.get(part);
    if (settings == null) {
      return component(variable);
    }
    String key = variable.substring(end + 1);
    String plain = key.replace("_", "");
    return part
        + "."
        + Arrays.stream(settings.getRecordComponents())
            .map(RecordComponent::getName)
            .filter(name -> name.toLowerCase(Locale.ROOT).equals(plain))
            .findFirst()
            .orElse(key);
  }

  /** {@code grpc-port} and {@code grpc_port} → {@code grpcPort}; others as they are. */
  static String component(String name) {
    String plain = name.replace("_", "").replace("-", "");
    return Arrays.stream(Configuration.class.getRecordComponents())
        .map(RecordComponent::getName)
        .filter(known -> known.toLowerCase(Locale.ROOT).equals(plain))
        .findFirst()
        .orElse(name);
  }

  private static Node values(Map<String, String> values) {
    Map<String, Node.Entry> entries = new LinkedHashMap<>();
    Map<String, Map<String, Node.Entry>> parts = new LinkedHashMap<>();
    values.forEach((name, value) -> {
      Node.Entry entry = new Node.Entry(Place.NONE, scalar(value));
      int dot = name.indexOf('.');
      String part = dot < 0 ? "" : name.substring(0, dot);
      if (PARTS.containsKey(part)) {
        parts.computeIfAbsent(part, _ -> new LinkedHashMap<>()).put(name.substring(dot + 1), entry);
      } else {
        entries.put(name, entry);
      }
    });
    parts.forEach((part, its) ->
        entries.put(part, new Node.Entry(Place.NONE, new Node.Mapping(Place.NONE, its))));
    return new Node.Mapping(Place.NONE, entries);
  }

  private static Node scalar(String value) {
    Node.Type type =
        value.equals("true") || value.equals("false")
            ? Node.Type.BOOLEAN
            : value.matches("-?[0-9]+([.][0-9]+)?") ? Node.Type.NUMBER : Node.Type.TEXT;
    return new Node.Scalar(Place.NONE, value, type);
  }
}
