package kr.madang.gateway;

import io.vertx.core.MultiMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What stands in a query: known, once each, within its bounds. */
final class Queries {
  private static final int LONGEST = 255;

  private Queries() {}

  /** The values by name; numbers have their preset where nothing is said. */
  static Map<String, String> read(MultiMap given, List<Operation.Query> known) {
    Map<String, String> values = new HashMap<>();
    for (Operation.Query query : known) {
      if (query instanceof Operation.Query.Whole whole) {
        values.put(whole.name(), Integer.toString(whole.preset()));
      }
    }
    for (String name : given.names()) {
      Operation.Query query =
          known.stream()
              .filter(one -> one.name().equals(name))
              .findFirst()
              .orElseThrow(() -> new Fault(400, "BAD_REQUEST", "unknown parameter '" + name + "'"));
      switch (query) {
        case Operation.Query.Whole whole -> values.put(name, number(whole, given.getAll(name)));
        case Operation.Query.Text text -> values.put(name, text(text, given.getAll(name)));
      }
    }
    return values;
  }

  private static String text(Operation.Query.Text query, List<String> given) {
    String value = given.get(0);
    boolean fits = query.choices().isEmpty() || query.choices().contains(value);
    if (given.size() == 1 && !value.isEmpty() && value.length() <= LONGEST && fits) {
      return value;
    }
    throw new Fault(
        400,
        "BAD_REQUEST",
        "parameter '%s' must be %s, got %s"
            .formatted(
                query.name(),
                query.choices().isEmpty()
                    ? "one text of at most " + LONGEST + " characters"
                    : "one of " + String.join(", ", query.choices()),
                String.join(", ", given)));
  }

  private static String number(Operation.Query.Whole query, List<String> given) {
    try {
      int value = Integer.parseInt(given.get(0));
      if (given.size() == 1 && value >= query.min() && value <= query.max()) {
        return Integer.toString(value);
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new Fault(
        400,
        "BAD_REQUEST",
        "parameter '%s' must be one number from %d to %d, got %s"
            .formatted(query.name(), query.min(), query.max(), String.join(", ", given)));
  }
}
