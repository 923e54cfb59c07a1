package kr.madang.control;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import java.util.function.Predicate;
import kr.madang.control.PipelineView.Pin;
import kr.madang.control.Resolution.Placed;
import kr.madang.control.StageFinder.Found;
import kr.madang.control.config.Binder;
import kr.madang.control.config.Nearest;
import kr.madang.control.config.Problems;
import kr.madang.control.spec.PipelineSpec;
import kr.madang.control.spec.StageSpec;
import kr.madang.control.spec.StageSpec.Kind;
import kr.madang.engine.Graph;
import kr.madang.host.Hosted;
import kr.madang.host.InstalledPlugin;
import kr.madang.host.PluginHost;
import kr.madang.host.PluginRef;
import kr.madang.inference.Inference;
import kr.madang.inference.Tenant;
import kr.madang.sdk.StageFactory;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.transform.TransformFactory;
import org.jspecify.annotations.Nullable;

/** Turns the names of a document into factories and its configs into records. Any thread. */
final class Resolver {
  static final Duration CALL = Duration.ofSeconds(10);

  private final PluginHost host;
  private final Inference inference;
  private final ModelRoom models;
  private final StageFinder finder;
  private final Map<String, TransformFactory<?>> steps = new LinkedHashMap<>();
  private final Map<String, SourceFactory<?>> ownSources = new LinkedHashMap<>();
  private final ThreadFactory threads;
  private final Predicate<PluginRef> stopped;
  private final @Nullable Followers followers;
  private final boolean live;

  /**
   * Resolves names for pipelines.
   *
   * @param followers lets steps follow the alias that their model is; null for those that are to
   *     stay with the version they begin with
   * @param live whether rows are of today, not of a recording
   */
  Resolver(
      PluginHost host,
      Inference inference,
      ModelRoom models,
      List<TransformFactory<?>> steps,
      List<SourceFactory<?>> sources,
      ThreadFactory threads,
      Predicate<PluginRef> stopped,
      @Nullable Followers followers,
      boolean live) {
    this.host = host;
    this.inference = inference;
    this.models = models;
    this.finder = new StageFinder(host);
    steps.forEach(step -> this.steps.put(step.name(), step));
    sources.forEach(source -> ownSources.put(source.name(), source));
    this.threads = threads;
    this.stopped = stopped;
    this.followers = followers;
    this.live = live;
  }

  /**
   * Resolves a document; starts the plugins and loads the models that it needs.
   *
   * @param pins what was resolved before; others are found anew
   * @throws PluginException CONFIG_INVALID with everything that is wrong; as plugins and models
   *     gave it
   */
  Resolution resolve(String workspace, PipelineSpec spec, Binder binder, List<Pin> pins) {
    Pass pass = new Pass(workspace, spec.name(), binder, pins);
    boolean ready = false;
    try {
      spec.stages().forEach(pass::stage);
      pass.problems.throwIfAny();
      if (!pass.missing.isEmpty()) {
        return new Resolution.Parked(String.join("; ", pass.missing));
      }
      Graph graph =
          new Graph(
              workspace,
              spec.name(),
              spec.limits(),
              spec.durability(),
              pass.sources,
              pass.stepNodes,
              pass.sinks);
      ready = true;
      return new Resolution.Ready(
          graph, List.copyOf(pass.made.values()), List.copyOf(pass.placed), pass.holds);
    } finally {
      if (!ready) {
        pass.holds.close();
      }
    }
  }

  /** One document. */
  private final class Pass {
    final String workspace;
    final String pipeline;
    final Binder binder;
    final Map<String, Pin> known = new HashMap<>();
    final Map<String, Pin> made = new LinkedHashMap<>();
    final Problems problems = new Problems();
    final List<String> missing = new ArrayList<>();
    final Holds holds = new Holds();
    final List<Placed<?>> placed = new ArrayList<>();
    final List<Graph.SourceNode<?>> sources = new ArrayList<>();
    final List<Graph.StepNode<?>> stepNodes = new ArrayList<>();
    final List<Graph.SinkNode<?>> sinks = new ArrayList<>();
    final Set<PluginRef> leased = new HashSet<>();

    Pass(String workspace, String pipeline, Binder binder, List<Pin> pins) {
      this.workspace = workspace;
      this.pipeline = pipeline;
      this.binder = binder;
      pins.forEach(pin -> known.put(key(pin.kind(), pin.use()), pin));
    }

    void stage(StageSpec spec) {
      Map<String, ? extends StageFactory<?>> ours =
          switch (spec.kind()) {
            case STEP -> steps;
            case SOURCE -> ownSources;
            default -> Map.of();
          };
      StageFactory<?> own = spec.use().plugin().isEmpty() ? ours.get(spec.use().name()) : null;
      if (own != null) {
        builtIn(spec, own);
      } else if (spec.kind() == Kind.MODEL) {
        model(spec);
      } else {
        ofPlugin(spec);
      }
    }

    private <C> void builtIn(StageSpec spec, StageFactory<C> factory) {
      binder
          .bind(spec.config(), factory.config(), spec.path(), problems)
          .ifPresent(config -> add(spec, factory, config, Optional.empty(), Optional.empty()));
    }

    private void model(StageSpec spec) {
      Optional<Pin> pin = pin(spec);
      switch (models.find(spec.use(), pin)) {
        case ModelFinder.Found.Missing(String reason) -> missing(spec, reason);
        case ModelFinder.Found.Wrong(String message) ->
            problems.add(spec.place(), spec.path() + ".use", message);
        case ModelFinder.Found.Model(Declared declared) -> {
          if (declared.origin().plugin().filter(this::blocked).isPresent()
              || problems.count() > 0
              || !missing.isEmpty()) {
            return;
          }
          ModelRoom.Held held = models.hold(declared);
          if (ModelFinder.isAlias(spec.use())) {
            alias(spec, declared, held);
          } else {
            holds.add(held);
            note(spec, declared.name() + "@" + declared.version(), declared.digest());
            fixed(spec, held);
          }
        }
      }
    }

    private void fixed(StageSpec spec, ModelRoom.Held held) {
      Tenant tenant = inference.tenant(workspace);
      builtIn(
          spec,
          live ? inference.step(held.model(), tenant) : inference.replayed(held.model(), tenant));
    }

    private void alias(StageSpec spec, Declared declared, ModelRoom.Held held) {
      note(spec, spec.use().text(), "");
      Followers known = followers;
      if (known == null) {
        holds.add(held);
        fixed(spec, held);
        return;
      }
      var about =
          new AlarmBook.Subject(workspace, pipeline, spec.name(), "pipeline.modelNotFollowed");
      Followers.Follower follower = known.follow(about, spec.use(), declared, held);
      holds.add(follower);
      builtIn(spec, inference.step(follower.live(), inference.tenant(workspace)));
    }

    private void ofPlugin(StageSpec spec) {
      Found found =
          pin(spec)
              .map(pin -> finder.pinned(spec.kind(), spec.use(), pin))
              .orElseGet(() -> finder.find(spec.kind(), spec.use()));
      switch (found) {
        case Found.Missing(String reason) -> missing(spec, stepHint(spec).orElse(reason));
        case Found.Wrong(String message) ->
            problems.add(spec.place(), parent(spec.path()) + "use", message);
        case Found.Stage(InstalledPlugin plugin, String stage) -> {
          if (!blocked(plugin.ref())) {
            lease(plugin.ref());
            hosted(spec, plugin, stage);
          }
        }
      }
    }

    private void missing(StageSpec spec, String reason) {
      missing.add(spec.place() + ": " + reason);
    }

    /** A word that is nearly a step of the platform is more likely misspelt than not installed. */
    private Optional<String> stepHint(StageSpec spec) {
      if (spec.kind() != Kind.STEP || spec.use().plugin().isPresent()) {
        return Optional.empty();
      }
      String name = spec.use().name();
      return Nearest.to(name, steps.keySet())
          .map(near ->
              "missing plugin: none that is installed has a step '"
                  + name
                  + "'; did you mean '"
                  + near
                  + "' of the platform?");
    }

    private boolean blocked(PluginRef plugin) {
      if (stopped.test(plugin)) {
        missing.add("plugin " + plugin + " was stopped: start it");
        return true;
      }
      return false;
    }

    private void lease(PluginRef plugin) {
      if (leased.add(plugin)) {
        holds.add(host.use(plugin));
      }
    }

    private void hosted(StageSpec spec, InstalledPlugin plugin, String stage) {
      String id = plugin.id();
      String version = plugin.version();
      String resolved = plugin.ref() + "/" + stage;
      note(spec, resolved, plugin.digest());
      switch (spec.kind()) {
        case SOURCE -> bound(spec, present(host.source(id, version, stage), resolved));
        case SINK -> bound(spec, present(host.sink(id, version, stage), resolved));
        default -> bound(spec, present(host.transform(id, version, stage), resolved));
      }
    }

    private <F> Hosted<F> present(Optional<Hosted<F>> hosted, String resolved) {
      return hosted.orElseThrow(
          () -> new PluginException(ErrorCode.NOT_FOUND, "stage " + resolved + " is gone"));
    }

    private void bound(StageSpec spec, Hosted<? extends StageFactory<?>> hosted) {
      bind(spec, hosted.factory(), hosted.plugin(), hosted.threads());
    }

    /** The constructor of a config is code of the plugin: it runs on a thread of the plugin. */
    private <C> void bind(
        StageSpec spec, StageFactory<C> factory, PluginRef plugin, ThreadFactory threads) {
      Problems own = new Problems();
      Optional<C> config =
          host.call(
              plugin, CALL, () -> binder.bind(spec.config(), factory.config(), spec.path(), own));
      own.list().forEach(p -> problems.add(p.place(), p.path(), p.message()));
      config.ifPresent(
          value -> add(spec, factory, value, Optional.of(plugin), Optional.of(threads)));
    }

    private <C> void add(
        StageSpec spec,
        StageFactory<C> factory,
        C config,
        Optional<PluginRef> plugin,
        Optional<ThreadFactory> threads) {
      placed.add(new Placed<>(spec, plugin, factory, config));
      switch (factory) {
        case SourceFactory<C> source ->
            sources.add(
                new Graph.SourceNode<>(
                    spec.name(), source, config, threads.orElse(Resolver.this.threads)));
        case SinkFactory<C> sink ->
            sinks.add(
                new Graph.SinkNode<>(
                    spec.name(),
                    spec.from(),
                    sink,
                    config,
                    threads.orElseThrow(),
                    spec.delivery()));
        case TransformFactory<C> step ->
            stepNodes.add(new Graph.StepNode<>(spec.name(), spec.from(), step, config, threads));
        default -> throw new IllegalStateException(factory.getClass().getName());
      }
    }

    private Optional<Pin> pin(StageSpec spec) {
      return Optional.ofNullable(known.get(key(spec.kind().word(), spec.use().text())));
    }

    private void note(StageSpec spec, String resolved, String digest) {
      String kind = spec.kind().word();
      made.put(key(kind, spec.use().text()), new Pin(spec.use().text(), kind, resolved, digest));
    }
  }

  private static String key(String kind, String use) {
    return kind + " " + use;
  }

  private static String parent(String path) {
    int dot = path.endsWith(".config") ? path.length() - "config".length() : -1;
    return dot < 0 ? path + " " : path.substring(0, dot);
  }
}
