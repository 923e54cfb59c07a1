package kr.madang.plugins.mqtt;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The places of a payload that are read, as a tree: one pass over the payload finds them all. */
final class JsonShape {
  /** A place. */
  static final class Node {
    final Map<String, Node> children = new HashMap<>();
    int slot = -1;
    @Nullable Scope elements;
  }

  /**
   * What is made into a row.
   *
   * @param reading the number of its template
   * @param time its slot, or -1 for that of the whole payload
   * @param status likewise
   * @param tag slots of the placeholders of its template, -1 for {@code {key}}, by name
   */
  record Target(
      int reading,
      String pointer,
      int value,
      int time,
      int status,
      Map<String, Integer> tag,
      ValueType type) {}

  /** The payload, or an element of an array in it. */
  static final class Scope {
    final Node root = new Node();
    final List<Target> targets = new ArrayList<>();
    int slots;

    int slot(String pointer) {
      Node at = root;
      for (String name : names(pointer)) {
        at = at.children.computeIfAbsent(name, _ -> new Node());
      }
      if (at.slot < 0) {
        at.slot = slots++;
      }
      return at.slot;
    }
  }

  final Scope document = new Scope();
  final List<Scope> scopes = new ArrayList<>();
  final int time;
  final int status;

  JsonShape(Subscription subscription) {
    scopes.add(document);
    time = subscription.time().map(document::slot).orElse(-1);
    status = subscription.status().map(document::slot).orElse(-1);
    List<Reading> readings = subscription.readings();
    if (readings.isEmpty()) {
      readings =
          List.of(
              new Reading(
                  "",
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  Optional.empty(),
                  ValueType.AUTO,
                  ""));
    }
    List<Template> templates = Routes.templates(subscription);
    for (int i = 0; i < readings.size(); i++) {
      Reading reading = readings.get(i);
      Scope scope = reading.each().map(this::elements).orElse(document);
      Map<String, Integer> placeholders = new HashMap<>();
      for (String name : templates.get(i).placeholders()) {
        if (name.startsWith("/")) {
          placeholders.put(name, scope.slot(name));
        } else if (name.equals("key")) {
          placeholders.put(name, -1);
        }
      }
      scope.targets.add(
          new Target(
              i,
              reading.each().orElse("")
                  + (reading.each().isPresent() ? "/*" : "")
                  + reading.value(),
              scope.slot(reading.value()),
              reading.time().map(scope::slot).orElse(-1),
              reading.status().map(scope::slot).orElse(-1),
              placeholders,
              reading.type()));
    }
  }

  private Scope elements(String pointer) {
    Node at = document.root;
    for (String name : names(pointer)) {
      at = at.children.computeIfAbsent(name, _ -> new Node());
    }
    Scope scope = at.elements;
    if (scope == null) {
      scope = new Scope();
      at.elements = scope;
      scopes.add(scope);
    }
    return scope;
  }

  private static List<String> names(String pointer) {
    if (pointer.isEmpty()) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    for (String name : pointer.substring(1).split("/", -1)) {
      names.add(name.replace("~1", "/").replace("~0", "~"));
    }
    return names;
  }
}
