package kr.madang.gateway;

import io.vertx.core.MultiMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers of a query: known, once each, within their bounds. */
final class Queries {
  private Queries() {}

  static Map<String, Integer> read(MultiMap given, List<Operation.Query> known) {
    Map<String, Integer> values = new HashMap<>();
    known.forEach(query -> values.put(query.name(), query.preset()));
    for (String name : given.names()) {
      Operation.Query query =
          known.stream()
              .filter(one -> one.name().equals(name))
              .findFirst()
              .orElseThrow(() -> new Fault(400, "BAD_REQUEST", "unknown parameter '" + name + "'"));
      values.put(name, number(query, given.getAll(name)));
    }
    return values;
  }

  private static int number(Operation.Query query, List<String> given) {
    try {
      int value = Integer.parseInt(given.get(0));
      if (given.size() == 1 && value >= query.min() && value <= query.max()) {
        return value;
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
