package kr.madang.launcher;

import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/**
 * What stands behind the verb of a command line. By hand, since picocli's classes are of a format
 * that the JDK's AOT cache cannot hold: they took more time than all the rest of a start.
 *
 * @param options by their names without dashes; {@code true} for switches
 * @param files the rest
 */
record Arguments(Map<String, String> options, List<String> files) {

  private static final Set<String> SETTINGS =
      Arrays.stream(Configuration.class.getRecordComponents())
          .map(RecordComponent::getName)
          .collect(Collectors.toUnmodifiableSet());

  /**
   * What a verb understands.
   *
   * @param name of the verb
   * @param file what it is given beside options, one word each; {@code [WORD…]} for any number of
   *     them; empty for nothing
   * @param about for people
   * @param options in the order of the help
   */
  record Verb(String name, String file, String about, List<Option> options) {
    private int words() {
      return file.isEmpty() ? 0 : file.split(" ").length;
    }

    private boolean open() {
      return file.endsWith("…]");
    }

    int least() {
      return open() ? words() - 1 : words();
    }

    int most() {
      return open() ? Integer.MAX_VALUE : words();
    }
  }

  /**
   * One option.
   *
   * @param name without dashes
   * @param value what follows it; empty for a switch
   * @param about for people
   */
  record Option(String name, String value, String about) {}

  /**
   * Reads the arguments of a verb.
   *
   * @throws PluginException CONFIG_INVALID that names the argument that is wrong
   */
  static Arguments read(Verb verb, List<String> given) {
    Map<String, String> options = new LinkedHashMap<>();
    List<String> files = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      String argument = given.get(i);
      if (!argument.startsWith("--")) {
        files.add(argument);
        continue;
      }
      int equals = argument.indexOf('=');
      String name = argument.substring(2, equals < 0 ? argument.length() : equals);
      Option option = find(verb, name);
      String value;
      if (option.value().isEmpty()) {
        if (equals >= 0) {
          throw invalid(verb, "--" + name + " takes no value");
        }
        value = "true";
      } else if (equals >= 0) {
        value = argument.substring(equals + 1);
      } else if (i + 1 < given.size()) {
        i++;
        value = given.get(i);
      } else {
        throw invalid(verb, "--" + name + " needs a value: --" + name + " " + option.value());
      }
      if (options.put(name, value) != null) {
        throw invalid(verb, "--" + name + " stands twice");
      }
    }
    if (files.size() < verb.least() || files.size() > verb.most()) {
      throw invalid(
          verb,
          verb.most() == 0
              ? "'" + files.get(0) + "' cannot be used here"
              : "expected " + verb.file() + ", got " + (files.isEmpty() ? "nothing" : files));
    }
    return new Arguments(options, files);
  }

  /** The help of a verb. */
  static String help(Verb verb) {
    StringBuilder text = new StringBuilder();
    text.append("madang ").append(verb.name());
    for (Option option : verb.options()) {
      text.append(" [--").append(option.name());
      text.append(option.value().isEmpty() ? "" : " " + option.value()).append(']');
    }
    text.append(verb.file().isEmpty() ? "" : " " + verb.file()).append("\n\n");
    text.append(verb.about()).append("\n\n");
    int width = 16;
    for (Option option : verb.options()) {
      width = Math.max(width, option.name().length() + option.value().length() + 3);
    }
    for (Option option : verb.options()) {
      String left = "--" + option.name() + " " + option.value();
      text.append("  %s%s %s%n".formatted(left, " ".repeat(width - left.length()), option.about()));
    }
    return text.toString();
  }

  private static Option find(Verb verb, String name) {
    return verb.options().stream()
        .filter(option -> option.name().equals(name))
        .findFirst()
        .orElseThrow(() -> invalid(verb, "there is no option --" + name));
  }

  private static PluginException invalid(Verb verb, String what) {
    return new PluginException(
        ErrorCode.CONFIG_INVALID,
        "%s; 'madang %s --help' says what can be used".formatted(what, verb.name()));
  }

  Optional<String> option(String name) {
    return Optional.ofNullable(options.get(name));
  }

  boolean has(String name) {
    return options.containsKey(name);
  }

  Path file() {
    return Path.of(files.get(0));
  }

  /** An option that must be there. */
  String required(Verb verb, String name) {
    return option(name)
        .orElseThrow(() ->
            invalid(verb, "--" + name + " is missing: --" + name + " " + find(verb, name).value()));
  }

  /** The home that was named, by option or environment. */
  Optional<Path> home(Map<String, String> environment) {
    return option("home")
        .or(() -> Optional.ofNullable(environment.get("MADANG_HOME")))
        .filter(name -> !name.isBlank())
        .map(Path::of);
  }

  /** The options that are keys of the configuration too; {@code journal.bytes} has a dot. */
  Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>();
    options.forEach((name, value) -> {
      String key = Layers.component(name);
      if (key.indexOf('.') >= 0 || SETTINGS.contains(key)) {
        settings.put(key, value);
      }
    });
    return settings;
  }
}
