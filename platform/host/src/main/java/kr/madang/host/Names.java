package kr.madang.host;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The names of what a plugin offers. */
record Names(
    List<String> sources, List<String> transforms, List<String> sinks, List<String> models) {
  static final Names NOTHING = new Names(List.of(), List.of(), List.of(), List.of());

  /** One line for each name. */
  String text() {
    StringBuilder text = new StringBuilder();
    sources.forEach(name -> text.append("source ").append(name).append('\n'));
    transforms.forEach(name -> text.append("transform ").append(name).append('\n'));
    sinks.forEach(name -> text.append("sink ").append(name).append('\n'));
    models.forEach(name -> text.append("model ").append(name).append('\n'));
    return text.toString();
  }

  /** Reads {@link #text}; empty if a line is none of it. */
  static Optional<Names> parse(List<String> lines) {
    var names =
        new Names(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (String line : lines) {
      int space = line.indexOf(' ');
      List<String> kind =
          switch (line.substring(0, Math.max(0, space))) {
            case "source" -> names.sources;
            case "transform" -> names.transforms;
            case "sink" -> names.sinks;
            case "model" -> names.models;
            default -> null;
          };
      if (kind == null) {
        return Optional.empty();
      }
      kind.add(line.substring(space + 1));
    }
    return Optional.of(names);
  }
}
