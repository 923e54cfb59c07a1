package kr.madang.control.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.control.config.Node.Entry;
import kr.madang.control.config.Node.Mapping;
import kr.madang.control.config.Node.Scalar;
import kr.madang.control.config.Node.Sequence;
import kr.madang.control.config.Node.Type;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.config.Secret;
import kr.madang.sdk.config.Unit;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * Binds a part of a document to a record: the one way of every config. Strict; see the README for
 * types and short forms. Keeps nothing of the classes it sees, so that plugins can be unloaded.
 * Binding calls the constructors of the records: bind a plugin's config on a thread of the plugin.
 */
public final class Binder {
  private final Path base;
  private final Secrets secrets;
  private final List<Path> roots;

  /**
   * A binder that lets a document name any file.
   *
   * @param base what relative paths are relative to
   * @param secrets resolves {@code ${secret:name}}
   */
  public Binder(Path base, Secrets secrets) {
    this(base, secrets, List.of());
  }

  /**
   * A binder.
   *
   * @param base what relative paths are relative to
   * @param secrets resolves {@code ${secret:name}}
   * @param roots folders in which all files must lie that a document names; none for no such wall
   */
  public Binder(Path base, Secrets secrets, List<Path> roots) {
    this.base = base.toAbsolutePath().normalize();
    this.secrets = secrets;
    this.roots = roots.stream().map(root -> root.toAbsolutePath().normalize()).toList();
  }

  /** What of a component bears on its values, also within an Optional or a list. */
  private record Notes(@Nullable Range range, @Nullable Unit unit) {}

  /**
   * Binds a node, or throws everything that is wrong with it as one CONFIG_INVALID.
   *
   * @param path of the node in the document, for errors; may be empty
   */
  public <T> T bind(Node node, Class<T> record, String path) {
    Problems problems = new Problems();
    Optional<T> bound = bind(node, record, path, problems);
    problems.throwIfAny();
    return bound.orElseThrow();
  }

  /** Binds a node; empty if something is wrong with it, which then stands in the problems. */
  public <T> Optional<T> bind(Node node, Class<T> record, String path, Problems problems) {
    Object value = new Pass(problems).record(record, node, path);
    return value == null ? Optional.empty() : Optional.of(record.cast(value));
  }

  /** Binds one document and notes what is wrong; null is what could not be bound. */
  private final class Pass {
    private final Problems problems;

    Pass(Problems problems) {
      this.problems = problems;
    }

    private @Nullable Object fail(Node node, String path, String message) {
      problems.add(node.place(), path, message);
      return null;
    }

    private @Nullable Object expected(String what, Node node, String path) {
      return fail(node, path, "expected " + what + ", got " + got(node));
    }

    @Nullable Object value(java.lang.reflect.Type type, Notes notes, Node node, String path) {
      if (type instanceof ParameterizedType generic) {
        java.lang.reflect.Type[] of = generic.getActualTypeArguments();
        Object raw = generic.getRawType();
        if (raw == Optional.class) {
          if (Node.isNothing(node)) {
            return Optional.empty();
          }
          Object value = value(of[0], notes, node, path);
          return value == null ? null : Optional.of(value);
        }
        if (raw == List.class) {
          return list(of[0], notes, node, path);
        }
        if (raw == Map.class && of[0] == String.class) {
          return map(of[1], notes, node, path);
        }
      } else if (type instanceof Class<?> plain) {
        if (plain == Node.class) {
          return node;
        }
        if (plain.isRecord() && plain != Secret.class) {
          return record(plain, node, path);
        }
        if (Choices.binds(plain)) {
          return choice(Choices.of(plain), node, path);
        }
        if (Scalars.binds(plain)) {
          return scalar(plain, notes, node, path);
        }
      }
      return fail(
          node, path, "the config declares type " + type.getTypeName() + ", which cannot be bound");
    }

    private @Nullable Object list(java.lang.reflect.Type of, Notes notes, Node node, String path) {
      if (!(node instanceof Sequence sequence)) {
        return expected("a list", node, path);
      }
      List<Object> values = new ArrayList<>();
      boolean failed = false;
      for (int i = 0; i < sequence.items().size(); i++) {
        Object value = value(of, notes, sequence.items().get(i), path + "[" + i + "]");
        if (value == null) {
          failed = true;
        } else {
          values.add(value);
        }
      }
      return failed ? null : Collections.unmodifiableList(values);
    }

    private @Nullable Object map(java.lang.reflect.Type of, Notes notes, Node node, String path) {
      if (!(node instanceof Mapping mapping)) {
        return expected("a mapping", node, path);
      }
      Map<String, Object> values = new LinkedHashMap<>();
      boolean failed = false;
      for (Map.Entry<String, Entry> entry : mapping.entries().entrySet()) {
        Object value = value(of, notes, entry.getValue().value(), join(path, entry.getKey()));
        if (value == null) {
          failed = true;
        } else {
          values.put(entry.getKey(), value);
        }
      }
      return failed ? null : Collections.unmodifiableMap(values);
    }

    private @Nullable Object scalar(Class<?> type, Notes notes, Node node, String path) {
      String what = Scalars.expected(type, notes.range(), notes.unit());
      if (!(node instanceof Scalar scalar) || scalar.type() == Type.NULL) {
        return expected(what, node, path);
      }
      if (type == Secret.class) {
        try {
          return secrets.resolve(scalar.text());
        } catch (PluginException e) {
          return fail(node, path, String.valueOf(e.getMessage()));
        }
      }
      if (Secrets.mentions(scalar.text())) {
        return fail(node, path, "takes no secret; only keys that are declared secret do");
      }
      Object value = Scalars.of(type, scalar, notes.unit(), base);
      if (value == null || !Scalars.within(notes.range(), value)) {
        return expected(what, node, path);
      }
      if (value instanceof Path file && !roots.isEmpty() && !Roots.contain(roots, file)) {
        return fail(node, path, Roots.refusal(roots, scalar.text()));
      }
      return value;
    }

    /** One of several records: its name alone, or its name with what it takes. */
    private @Nullable Object choice(Choices choices, Node node, String path) {
      if (node instanceof Scalar scalar && scalar.type() != Type.NULL) {
        Class<?> chosen = choices.named(scalar.text());
        if (chosen != null && Choices.standsAlone(chosen)) {
          return record(chosen, Node.empty(node.place()), path);
        }
      } else if (node instanceof Mapping mapping && mapping.entries().size() == 1) {
        Map.Entry<String, Entry> only = mapping.entries().entrySet().iterator().next();
        Class<?> chosen = choices.named(only.getKey());
        if (chosen != null) {
          return record(chosen, only.getValue().value(), join(path, only.getKey()));
        }
        return fail(
            node,
            path,
            "expected %s, got the key '%s'%s"
                .formatted(
                    choices,
                    only.getKey(),
                    Nearest.to(only.getKey(), choices.names())
                        .map(near -> "; did you mean '" + near + "'?")
                        .orElse("")));
      }
      return expected(choices.toString(), node, path);
    }

    @Nullable Object record(Class<?> type, Node node, String path) {
      RecordComponent[] components = type.getRecordComponents();
      if (Node.isNothing(node)) {
        return components(type, components, Node.empty(node.place()), path);
      }
      if (node instanceof Mapping mapping && !isShortMap(components, mapping)) {
        return components(type, components, mapping, path);
      }
      RecordComponent only = only(components);
      if (only == null || node instanceof Mapping && only.getType() != Map.class) {
        return expected("a mapping with " + keys(components), node, path);
      }
      Map<String, Entry> entries = Map.of(only.getName(), new Entry(node.place(), node));
      return components(type, components, new Mapping(node.place(), entries), path);
    }

    private @Nullable Object components(
        Class<?> type, RecordComponent[] components, Mapping mapping, String path) {
      boolean failed = refuseUnknown(components, mapping, path);
      Object[] values = new Object[components.length];
      for (int i = 0; i < components.length; i++) {
        Object value = component(components[i], mapping, path);
        if (value == null) {
          failed = true;
        } else {
          values[i] = value;
        }
      }
      if (failed) {
        return null;
      }
      try {
        return Records.construct(type, components, values);
      } catch (IllegalArgumentException e) {
        return fail(mapping, path, String.valueOf(e.getMessage()));
      }
    }

    private boolean refuseUnknown(RecordComponent[] components, Mapping mapping, String path) {
      List<String> known = new ArrayList<>();
      for (RecordComponent component : components) {
        known.add(component.getName());
      }
      boolean failed = false;
      for (Map.Entry<String, Entry> entry : mapping.entries().entrySet()) {
        if (!known.contains(entry.getKey())) {
          failed = true;
          problems.add(
              entry.getValue().place(),
              path,
              "unknown key '" + entry.getKey() + "'; " + Nearest.hint(entry.getKey(), known));
        }
      }
      return failed;
    }

    private @Nullable Object component(RecordComponent component, Mapping mapping, String path) {
      Notes notes =
          new Notes(component.getAnnotation(Range.class), component.getAnnotation(Unit.class));
      String key = join(path, component.getName());
      Node node = mapping.get(component.getName());
      if (node != null && (!Node.isNothing(node) || component.getType() == Node.class)) {
        return value(component.getGenericType(), notes, node, key);
      }
      Default byDefault = component.getAnnotation(Default.class);
      if (byDefault != null) {
        return value(
            component.getGenericType(), notes, defaultNode(byDefault, mapping.place()), key);
      }
      if (component.getType() == Optional.class) {
        return Optional.empty();
      }
      Node where = node == null ? mapping : node;
      return fail(
          where,
          path,
          "key '"
              + component.getName()
              + "' is missing"
              + (node == null ? "" : ": it stands there without a value")
              + Records.doc(component));
    }
  }

  private static Node defaultNode(Default byDefault, Place place) {
    if (byDefault.value().isEmpty()) {
      return new Scalar(place, "", Type.TEXT);
    }
    return Records.moved(Documents.yaml(byDefault.value()), place);
  }

  /** A record of one map takes a mapping as that map, unless it names the component. */
  private static boolean isShortMap(RecordComponent[] components, Mapping mapping) {
    return components.length == 1
        && components[0].getType() == Map.class
        && !(mapping.entries().size() == 1
            && mapping.get(components[0].getName()) instanceof Mapping);
  }

  /** The component that a value without a key is for: the only one, or the only required one. */
  private static @Nullable RecordComponent only(RecordComponent[] components) {
    if (components.length == 1) {
      return components[0];
    }
    RecordComponent only = null;
    for (RecordComponent component : components) {
      if (component.getAnnotation(Default.class) == null && component.getType() != Optional.class) {
        if (only != null) {
          return null;
        }
        only = component;
      }
    }
    return only;
  }

  private static String keys(RecordComponent[] components) {
    List<String> names = new ArrayList<>();
    for (RecordComponent component : components) {
      names.add(component.getName());
    }
    return names.isEmpty() ? "no keys" : "the keys " + String.join(", ", names);
  }

  private static String got(Node node) {
    if (node instanceof Scalar scalar && scalar.type() != Type.NULL) {
      String text = scalar.text();
      if (Secrets.isReference(text)) {
        return "a secret";
      }
      return "'" + (text.length() > 60 ? text.substring(0, 60) + "…" : text) + "'";
    }
    return node.kind();
  }

  private static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
