package kr.madang.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;

/** Builds a plugin archive, good or bad. */
final class PluginZip {
  private final Map<String, String> descriptor = new LinkedHashMap<>();
  private final Map<String, byte[]> jar = new LinkedHashMap<>();
  private final Map<String, byte[]> entries = new LinkedHashMap<>();
  private final StringJoiner services = new StringJoiner("\n", "", "\n").setEmptyValue("");

  static PluginZip of(String id, String version) {
    return new PluginZip()
        .says("plugin.id", id)
        .says("plugin.version", version)
        .says("plugin.requires", ">=0.1.0 & <1.0.0");
  }

  /** Sets a key of the descriptor. */
  PluginZip says(String key, String value) {
    descriptor.put(key, value);
    return this;
  }

  /** Takes a key of the descriptor away. */
  PluginZip silent(String key) {
    descriptor.remove(key);
    return this;
  }

  /** Adds compiled sources to the jar of the plugin. */
  PluginZip code(String... sources) {
    jar.putAll(Jars.compile(sources));
    return this;
  }

  /** Adds a file to the jar of the plugin. */
  PluginZip inJar(String path, byte[] bytes) {
    jar.put(path, bytes);
    return this;
  }

  /** Takes a file out of the jar of the plugin. */
  PluginZip without(String path) {
    if (jar.remove(path) == null) {
      throw new IllegalArgumentException(path + " is not in " + jar.keySet());
    }
    return this;
  }

  /** Names an entry class of the plugin. */
  PluginZip entry(String type) {
    services.add(type);
    return this;
  }

  /** Adds a file to the archive. */
  PluginZip file(String path, byte[] bytes) {
    entries.put(path, bytes);
    return this;
  }

  /** A plugin whose entry is {@code fixture.Entry} with a body of your own. */
  static PluginZip withBody(String id, String version, String body) {
    return of(id, version)
        .code(
            """
            package fixture;
            import java.util.*;
            import java.util.concurrent.*;
            import kr.madang.sdk.*;
            import kr.madang.sdk.source.*;
            import kr.madang.sdk.sink.*;
            import kr.madang.sdk.transform.*;
            import kr.madang.sdk.model.*;
            import kr.madang.sdk.error.*;
            public class Entry implements Plugin {
              public record Config(int size) {}
              /** A source that answers questions of a test. */
              public static class Asked implements SourceFactory<Config>,
                  java.util.function.Function<String, Object> {
                public String name() { return "asked"; }
                public Class<Config> config() { return Config.class; }
                public Source open(Config config, SourceContext context) {
                  throw new UnsupportedOperationException();
                }
                public Object apply(String question) { return answer(question); }
              }
              %s
            }
            """
                .formatted(
                    body.contains("answer(String")
                        ? body
                        : body + "\nstatic Object answer(String q) { return q; }"))
        .entry("fixture.Entry");
  }

  /** A plugin with one source, {@code asked}. */
  static PluginZip withSource(String id, String version, String body) {
    return withBody(
        id,
        version,
        "public List<SourceFactory<?>> sources() { return List.of(new Asked()); }\n" + body);
  }

  Map<String, byte[]> entries() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    if (!descriptor.isEmpty()) {
      StringBuilder text = new StringBuilder();
      descriptor.forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
      all.put("plugin.properties", Jars.utf8(text.toString()));
    }
    Map<String, byte[]> packed = new LinkedHashMap<>(jar);
    if (services.length() > 0) {
      packed.put("META-INF/services/kr.madang.sdk.Plugin", Jars.utf8(services.toString()));
    }
    if (!packed.isEmpty()) {
      all.put("lib/plugin.jar", Jars.zip(packed));
    }
    all.putAll(entries);
    return all;
  }

  /** Writes the archive. */
  Path zip(Path folder) throws IOException {
    Files.createDirectories(folder);
    Path file = Files.createTempFile(folder, "plugin", ".zip");
    return Files.write(file, Jars.zip(entries()));
  }

  /** Writes the plugin as a folder, as a distribution holds it. */
  Path unpacked(Path folder) throws IOException {
    for (Map.Entry<String, byte[]> entry : entries().entrySet()) {
      Path file = folder.resolve(entry.getKey());
      Files.createDirectories(file.getParent());
      Files.write(file, entry.getValue());
    }
    return folder;
  }
}
