package kr.madang.plugins.simulator;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The {@code --name value} pairs of a command line. */
final class Arguments {
  private final Map<String, List<String>> values = new LinkedHashMap<>();

  Arguments(String[] arguments, Set<String> known) {
    for (int i = 0; i < arguments.length; i += 2) {
      if (!arguments[i].startsWith("--") || !known.contains(arguments[i].substring(2))) {
        throw new IllegalArgumentException(
            "unknown option '"
                + arguments[i]
                + "', expected one of --"
                + String.join(", --", known));
      }
      if (i + 1 == arguments.length) {
        throw new IllegalArgumentException(arguments[i] + ": a value is missing");
      }
      values
          .computeIfAbsent(arguments[i].substring(2), _ -> new ArrayList<>())
          .add(arguments[i + 1]);
    }
  }

  String text(String name, String otherwise) {
    List<String> given = values.get(name);
    return given == null ? otherwise : given.getLast();
  }

  double number(String name, double otherwise, double min, double max) {
    List<String> given = values.get(name);
    if (given == null) {
      return otherwise;
    }
    try {
      double number = Double.parseDouble(given.getLast());
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException _) {
      // told below
    }
    throw new IllegalArgumentException(
        "--%s: expected a number from %s to %s, got '%s'"
            .formatted(name, plain(min), plain(max), given.getLast()));
  }

  long seed() {
    List<String> given = values.get("seed");
    try {
      return given == null ? 1 : Long.parseLong(given.getLast());
    } catch (NumberFormatException _) {
      throw new IllegalArgumentException("--seed: expected a whole number, got '" + given + "'");
    }
  }

  List<String> texts(String name) {
    return values.getOrDefault(name, List.of());
  }

  private static String plain(double number) {
    return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
  }
}
