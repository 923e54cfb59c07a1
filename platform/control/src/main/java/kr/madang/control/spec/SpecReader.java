package kr.madang.control.spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kr.madang.control.config.Binder;
import kr.madang.control.config.Nearest;
import kr.madang.control.config.Node;
import kr.madang.control.config.Node.Entry;
import kr.madang.control.config.Node.Mapping;
import kr.madang.control.config.Node.Scalar;
import kr.madang.control.config.Node.Sequence;
import kr.madang.control.config.Node.Type;
import kr.madang.control.config.Place;
import kr.madang.control.config.Problems;
import kr.madang.control.spec.PipelineDocument.Durable;
import kr.madang.control.spec.PipelineSpec.Usual;
import kr.madang.control.spec.StageSpec.Kind;
import kr.madang.engine.Durability;
import org.jspecify.annotations.Nullable;

/** Reads a pipeline document: keys, names and wiring. One document, one reader, one thread. */
public final class SpecReader {
  private final Problems problems = new Problems();
  private final Mapping root;
  private final Set<String> taken = new LinkedHashSet<>();
  private final List<StageSpec> sources = new ArrayList<>();
  private final List<StageSpec> steps = new ArrayList<>();
  private final List<StageSpec> sinks = new ArrayList<>();

  private SpecReader(Mapping root) {
    this.root = root;
  }

  /**
   * Reads a document.
   *
   * @param usual what holds where the document does not say
   * @throws kr.madang.sdk.error.PluginException CONFIG_INVALID with everything that is wrong
   */
  public static PipelineSpec read(Node document, Binder binder, Usual usual) {
    Problems problems = new Problems();
    if (!(document instanceof Mapping root)) {
      problems.add(document.place(), "", "expected a pipeline document, got " + document.kind());
      problems.throwIfAny();
      throw new IllegalStateException();
    }
    return new SpecReader(root).read(binder, usual);
  }

  private PipelineSpec read(Binder binder, Usual usual) {
    Optional<PipelineDocument> bound = binder.bind(root, PipelineDocument.class, "", problems);
    if (bound.isEmpty()) {
      problems.throwIfAny();
    }
    PipelineDocument document = bound.orElseThrow();
    checkName(document.pipeline(), "pipeline", place("pipeline"));
    Durability durability = durability(document, usual);
    collectNames(document);
    readSources(document);
    for (int i = 0; i < document.steps().size(); i++) {
      readStep(document.steps().get(i), "steps[" + i + "]");
    }
    readSinks(document);
    problems.throwIfAny();
    return new PipelineSpec(
        document.pipeline(),
        document.description(),
        document.limits().forEngine(usual.attempts()),
        durability,
        sources,
        steps,
        sinks);
  }

  private Durability durability(PipelineDocument document, Usual usual) {
    boolean journal = document.durability().map(Durable.JOURNAL::equals).orElseGet(usual::journal);
    if (journal) {
      return document
          .journal()
          .map(PipelineDocument.Journal::forEngine)
          .orElse(Durability.Journaled.DEFAULT);
    }
    boolean said = document.durability().isPresent();
    document.journal().ifPresent(_ -> needsJournal("journal", place("journal"), said));
    for (int i = 0; i < document.sinks().size(); i++) {
      PipelineDocument.Sink sink = document.sinks().get(i);
      Node node = item("sinks", i);
      String path = "sinks[" + i + "].";
      sink.catchUp().ifPresent(_ -> needsJournal(path + "catchUp", at(node, "catchUp"), said));
      sink.drainRate()
          .ifPresent(_ -> needsJournal(path + "drainRate", at(node, "drainRate"), said));
    }
    return new Durability.None();
  }

  private void needsJournal(String path, Place place, boolean said) {
    problems.add(
        place,
        path,
        "needs a journal, and durability is none"
            + (said ? "" : ", as it is here where the document does not say")
            + ": say durability: journal, or leave this out");
  }

  private static Place at(Node node, String key) {
    Node value = node instanceof Mapping mapping ? mapping.get(key) : null;
    return value == null ? node.place() : value.place();
  }

  /** Names that are said come before those that are made up. */
  private void collectNames(PipelineDocument document) {
    document.sources().ifPresent(named -> taken.addAll(named.keySet()));
    if (document.source().isPresent()) {
      taken.add("source");
    }
    for (int i = 0; i < document.steps().size(); i++) {
      if (document.steps().get(i) instanceof Mapping step
          && step.get("name") instanceof Scalar name) {
        claim(name.text(), name.place(), "steps[" + i + "].name");
      }
    }
    for (int i = 0; i < document.sinks().size(); i++) {
      String path = "sinks[" + i + "]";
      Place place = item("sinks", i).place();
      document.sinks().get(i).name().ifPresent(name -> claim(name, place, path + ".name"));
    }
  }

  private void claim(String name, Place place, String path) {
    checkName(name, path, place);
    if (!taken.add(name)) {
      problems.add(place, path, "two stages are named '" + name + "'; give one another name");
    }
  }

  private void checkName(String name, String path, Place place) {
    if (!Names.fits(name)) {
      problems.add(place, path, "expected " + Names.RULE + ", got '" + name + "'");
    }
  }

  private String made(String base) {
    String name = base;
    for (int i = 2; !taken.add(name); i++) {
      name = base + "-" + i;
    }
    return name;
  }

  private void readSources(PipelineDocument document) {
    Map<String, PipelineDocument.Source> all = new LinkedHashMap<>();
    boolean single = document.source().isPresent();
    document.source().ifPresent(source -> all.put("source", source));
    if (single && document.sources().isPresent()) {
      problems.add(place("sources"), "sources", "say either source or sources, not both");
    } else if (!single) {
      all.putAll(document.sources().orElse(Map.of()));
    }
    if (all.isEmpty()) {
      problems.add(root.place(), "", "key 'source' is missing (Where data comes in)");
    }
    all.forEach((name, source) -> {
      String path = single ? "source" : "sources." + name;
      Place place = single ? place("source") : inside("sources", name);
      checkName(name, path, place);
      use(source.use(), path, place)
          .ifPresent(use ->
              sources.add(
                  new StageSpec(
                      Kind.SOURCE,
                      name,
                      List.of(),
                      use,
                      source.config(),
                      place,
                      path + ".config")));
    });
  }

  private Optional<Use> use(String text, String path, Place place) {
    Optional<Use> use = Use.stage(text);
    if (use.isEmpty()) {
      problems.add(
          place,
          path + ".use",
          "expected plugin-id@range/stage or the name of a stage, got '" + text + "'");
    }
    return use;
  }

  private void readStep(Node item, String path) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    if (item instanceof Mapping mapping) {
      entries.putAll(mapping.without("name", "from").entries());
    } else if (item instanceof Scalar scalar && scalar.type() == Type.TEXT) {
      entries.put(scalar.text(), new Entry(scalar.place(), Node.empty(scalar.place())));
    }
    if (entries.size() != 1) {
      problems.add(
          item.place(),
          path,
          "expected one step as `step: config`, beside it name and from, got "
              + (entries.isEmpty()
                  ? item.kind()
                  : "the keys " + String.join(", ", entries.keySet())));
      return;
    }
    String key = entries.keySet().iterator().next();
    Entry entry = entries.values().iterator().next();
    Optional<StageSpec> step = step(key, entry, item, path);
    step.ifPresent(steps::add);
  }

  private Optional<StageSpec> step(String key, Entry entry, Node item, String path) {
    Node config = entry.value();
    Kind kind = Kind.STEP;
    Optional<Use> use;
    if (key.equals("model")) {
      kind = Kind.MODEL;
      use = modelUse(config, path + ".model", entry.place());
      config =
          config instanceof Mapping mapping ? mapping.without("use") : Node.empty(config.place());
    } else {
      use = use(key, path, entry.place());
    }
    if (use.isEmpty()) {
      return Optional.empty();
    }
    Mapping mapping = item instanceof Mapping known ? known : Node.empty(item.place());
    String name =
        mapping.get("name") instanceof Scalar said
            ? said.text()
            : made(kind == Kind.MODEL ? "model" : use.get().defaultName());
    List<String> from = from(mapping.get("from"), path, entry.place(), true);
    return Optional.of(
        new StageSpec(kind, name, from, use.get(), config, entry.place(), path + "." + key));
  }

  private Optional<Use> modelUse(Node config, String path, Place place) {
    Node said = config instanceof Mapping mapping ? mapping.get("use") : config;
    Optional<Use> use =
        said instanceof Scalar scalar && scalar.type() == Type.TEXT
            ? Use.model(scalar.text())
            : Optional.empty();
    if (use.isEmpty()) {
      String got =
          said == null
              ? "nothing"
              : said instanceof Scalar scalar ? "'" + scalar.text() + "'" : said.kind();
      problems.add(
          said == null ? place : said.place(),
          path + ".use",
          "expected a model as name, name@1.2.0 or name@^1, got " + got);
    }
    return use;
  }

  private void readSinks(PipelineDocument document) {
    if (document.sinks().isEmpty()) {
      problems.add(place("sinks"), "sinks", "expected at least one sink, got none");
    }
    for (int i = 0; i < document.sinks().size(); i++) {
      PipelineDocument.Sink sink = document.sinks().get(i);
      String path = "sinks[" + i + "]";
      Place place = item("sinks", i).place();
      Optional<Use> use = use(sink.use(), path, place);
      List<String> from = from(sink.from().orElse(null), path, place, false);
      if (use.isPresent()) {
        String name = sink.name().orElseGet(() -> made(use.get().defaultName()));
        sinks.add(
            new StageSpec(
                Kind.SINK,
                name,
                from,
                use.get(),
                sink.config(),
                place,
                path + ".config",
                sink.delivery()));
      }
    }
  }

  private List<String> from(@Nullable Node said, String path, Place place, boolean step) {
    List<String> known = new ArrayList<>();
    sources.forEach(source -> known.add(source.name()));
    steps.forEach(before -> known.add(before.name()));
    if (said == null) {
      if (steps.isEmpty() && sources.size() > 1) {
        problems.add(
            place,
            path,
            "key 'from' is missing: there are several sources, " + String.join(", ", known));
      }
      return known.isEmpty() ? List.of() : List.of(known.getLast());
    }
    List<Node> items = said instanceof Sequence list ? list.items() : List.of(said);
    Set<String> names = new LinkedHashSet<>();
    for (Node item : items) {
      String name = item instanceof Scalar scalar ? scalar.text() : "";
      if (known.contains(name)) {
        names.add(name);
      } else if (problems.count() == 0 || item instanceof Scalar) {
        problems.add(
            item.place(),
            path + ".from",
            "expected a source or step "
                + (step ? "above this one" : "of the pipeline")
                + ", got "
                + (item instanceof Scalar ? "'" + name + "'" : item.kind())
                + "; "
                + Nearest.hint(name, known));
      }
    }
    if (items.isEmpty()) {
      problems.add(said.place(), path + ".from", "expected at least one stage, got an empty list");
    }
    return List.copyOf(names);
  }

  private Place place(String key) {
    Entry entry = root.entries().get(key);
    return entry == null ? root.place() : entry.value().place();
  }

  private Place inside(String key, String name) {
    return root.get(key) instanceof Mapping mapping && mapping.entries().containsKey(name)
        ? mapping.entries().get(name).place()
        : place(key);
  }

  private Node item(String key, int index) {
    return root.get(key) instanceof Sequence list ? list.items().get(index) : root;
  }
}
