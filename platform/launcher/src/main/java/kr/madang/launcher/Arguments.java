package kr.madang.launcher;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  /**
   * What a verb understands.
   *
   * @param name of the verb
   * @param file what it is given beside options; empty for nothing
   * @param about for people
   * @param options in the order of the help
   */
  record Verb(String name, String file, String about, List<Option> options) {}

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
    int wanted = verb.file().isEmpty() ? 0 : 1;
    if (files.size() != wanted) {
      throw invalid(
          verb,
          wanted == 0
              ? "'" + files.get(0) + "' cannot be used here"
              : "expected one " + verb.file() + ", got " + files.size());
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
    for (Option option : verb.options()) {
      String left = "--" + option.name() + " " + option.value();
      text.append("  %-16s %s%n".formatted(left, option.about()));
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

  /** The home that was named, by option or environment. */
  Optional<Path> home(Map<String, String> environment) {
    return option("home")
        .or(() -> Optional.ofNullable(environment.get("MADANG_HOME")))
        .filter(name -> !name.isBlank())
        .map(Path::of);
  }

  /** The options that are keys of the configuration too. */
  Map<String, String> settings() {
    Map<String, String> settings = new LinkedHashMap<>(options);
    settings.keySet().removeAll(List.of("home", "offline"));
    return settings;
  }
}
