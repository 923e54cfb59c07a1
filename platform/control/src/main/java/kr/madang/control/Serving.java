package kr.madang.control;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import kr.madang.control.Standings.Asked;
import kr.madang.control.config.Nearest;
import kr.madang.host.PluginHost;
import kr.madang.inference.Inference;
import kr.madang.inference.LoadedModel;
import kr.madang.inference.Slabs;
import kr.madang.inference.StepRun;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The models for callers from outside: found, loaded with their first call, and let go. */
public final class Serving {
  private static final Logger LOG = LoggerFactory.getLogger(Serving.class);
  private static final long MOST_LOOK_MILLIS = 30_000;

  private final Guard guard;
  private final ModelRoom room;
  private final Inference inference;
  private final Standings standings;
  private final Set<String> unloaded = ConcurrentHashMap.newKeySet();
  private final ThreadFactory threads;
  private final ModelMemory memory;
  private final Pins pins;
  private final CountDownLatch closing = new CountDownLatch(1);
  private volatile Routes routes =
      new Routes() {
        @Override
        public String version(String model, String asked, String key) {
          return asked;
        }

        @Override
        public @Nullable Onlooker onlooker(String model, String asked) {
          return null;
        }
      };

  Serving(
      Guard guard,
      ModelRoom room,
      Inference inference,
      ThreadFactory threads,
      ModelMemory memory,
      Pins pins) {
    this.guard = guard;
    this.room = room;
    this.inference = inference;
    this.threads = threads;
    this.pins = pins;
    this.memory = memory;
    this.standings = new Standings(room, memory, pins);
  }

  /**
   * Loads what is pinned, and from now on lets go what nobody asks for.
   *
   * @param idle after which time; 0 for never
   */
  void start(Duration idle) {
    pins.all().forEach(pin -> threads.newThread(() -> loadPinned(pin)).start());
    if (idle.isPositive()) {
      long look = Math.clamp(idle.toMillis() / 4, 1, MOST_LOOK_MILLIS);
      threads
          .newThread(() -> {
            try {
              while (!closing.await(look, TimeUnit.MILLISECONDS)) {
                memory.letIdleGo(idle);
              }
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          })
          .start();
    }
  }

  private void loadPinned(Pins.Pin pin) {
    try {
      loaded(pin.model(), pin.version());
    } catch (PluginException e) {
      LOG.warn("model {}@{} is pinned: {}", pin.model(), pin.version(), e.getMessage());
    }
  }

  /** Says which version is meant by what was asked for. */
  interface Routes {
    /** Exact; empty for the highest. */
    String version(String model, String asked, String key);

    /** Who sees the calls of a model that is changing. */
    @Nullable Onlooker onlooker(String model, String asked);
  }

  void routes(Routes newRoutes) {
    routes = newRoutes;
  }

  /** Native memory for the tensors of calls. */
  public Slabs memory() {
    return inference.slabs();
  }

  /**
   * Tells of batches of pipelines that models run, from now on.
   *
   * @param share of them, 0 to 1
   * @param to must not block
   */
  public void tellSteps(double share, Consumer<StepRun> to) {
    inference.tellSteps(share, to);
  }

  /** The workspace in which a caller's calls are run and paid. */
  public String workspace(Caller caller) {
    return caller.workspaces().contains("*") || caller.workspaces().contains(Guard.DEFAULT)
        ? Guard.DEFAULT
        : new TreeSet<>(caller.workspaces()).first();
  }

  /**
   * A model that is in memory already; never blocks.
   *
   * @param version exact, or an alias; empty for the one that stands for the name
   */
  public Optional<ServedModel> find(Caller caller, String name, String version) {
    return find(caller, name, version, "");
  }

  /**
   * The same for one of several callers behind the token.
   *
   * @param key of a line, an asset or whatever is to meet the same version each time while a model
   *     is changing; empty for none
   */
  public Optional<ServedModel> find(Caller caller, String name, String version, String key) {
    String workspace = workspace(caller);
    guard.require(caller, workspace, Role.MEMBER);
    Standing standing = standings.find(name, routes.version(name, version, key));
    return standing == null ? Optional.empty() : lease(standing, workspace, version, key);
  }

  /**
   * A model, loaded if it is not in memory: may take long.
   *
   * @throws PluginException NOT_FOUND if there is none of that name and version; EXHAUSTED, with
   *     the reason, if it cannot be had
   */
  public ServedModel open(Caller caller, String name, String version) {
    return open(caller, name, version, "");
  }

  /** The same for one of several callers behind the token. */
  public ServedModel open(Caller caller, String name, String version, String key) {
    String workspace = workspace(caller);
    guard.require(caller, workspace, Role.MEMBER);
    while (true) {
      // what is meant may be another when the one before was let go
      String meant = routes.version(name, version, key);
      Standing standing = standing(name, meant);
      standing.wanted.incrementAndGet();
      try {
        standing.load();
        standings.answers(name, meant, standing);
        Optional<ServedModel> served = lease(standing, workspace, version, key);
        if (served.isPresent()) {
          return served.get();
        }
      } finally {
        standings.had(standing);
      }
      // it was let go between; what stands for the name now is another
      standings.forget(standing);
    }
  }

  /** A version that is in memory from now on. */
  LoadedModel loaded(String name, String version) {
    Declared exact = declared(name, version);
    Standing standing = standing(exact.name(), exact.version());
    LoadedModel model;
    standing.wanted.incrementAndGet();
    try {
      standing.load();
      standings.answers(name, exact.version(), standing);
      model = standing.model;
    } finally {
      standings.had(standing);
    }
    if (model == null) {
      throw new PluginException(
          ErrorCode.EXHAUSTED, "model " + name + "@" + version + " was let go while it was loaded");
    }
    return model;
  }

  /** The exact version that answers calls by name. */
  String standsFor(String name) {
    return declared(name, routes.version(name, "", "")).version();
  }

  /** Says whether a version is to stay in memory, also where it is not used. */
  void keep(String name, String version, boolean stays) {
    standings.keep(name, version, stays);
  }

  /**
   * Lets a version go unless it is pinned; calls that are under way end well, and the next one
   * loads it again.
   */
  void letGo(String name, String version) {
    standings.letGo(one ->
        one.declared.name().equals(name)
            && one.declared.version().equals(version)
            && !standings.stays(one));
  }

  private Optional<ServedModel> lease(
      Standing standing, String workspace, String asked, String key) {
    standing.used = System.nanoTime();
    LoadedModel model = standing.model;
    return model != null && model.enter()
        ? Optional.of(
            new ServedModel(
                standing.declared.name(),
                standing.declared.version(),
                model,
                inference.tenant(workspace),
                key,
                routes.onlooker(standing.declared.name(), asked)))
        : Optional.empty();
  }

  /** Whether calls of a model will be answered; never loads. */
  public boolean ready(Caller caller, String name, String version) {
    guard.require(caller, workspace(caller), Role.VIEWER);
    Declared declared = declared(name, version);
    return reason(declared).isEmpty();
  }

  /** The versions of a model that answer, lowest first. */
  public List<String> versions(Caller caller, String name) {
    guard.require(caller, workspace(caller), Role.VIEWER);
    return room.declared().stream()
        .filter(one -> one.name().equals(name) && reason(one).isEmpty())
        .map(Declared::version)
        .distinct()
        .toList();
  }

  /** All versions of all models. */
  public List<ModelStanding> index(Caller caller) {
    guard.require(caller, workspace(caller), Role.VIEWER);
    return index();
  }

  List<ModelStanding> index() {
    Map<Asked, ModelStanding> index = new LinkedHashMap<>();
    for (Declared one : room.declared()) {
      Standing standing = standings.get(one.key());
      LoadedModel model = standing == null ? null : standing.model;
      String reason = reason(one);
      ModelStanding.State state =
          standing != null && standing.isLoading()
              ? ModelStanding.State.LOADING
              : reason.isEmpty() ? ModelStanding.State.READY : ModelStanding.State.UNAVAILABLE;
      index.putIfAbsent(
          new Asked(one.name(), one.version()),
          new ModelStanding(
              one.name(),
              one.version(),
              state,
              reason,
              model == null ? Optional.empty() : Optional.of(model.figures().now())));
    }
    return List.copyOf(index.values());
  }

  /**
   * Refuses who may not do what a role may, and what is not there; never loads.
   *
   * @param name empty for all models
   * @param version exact, or an alias; empty for the one that stands for the name
   * @throws PluginException FORBIDDEN, or NOT_FOUND
   */
  public void require(Caller caller, Role role, String name, String version) {
    guard.require(caller, workspace(caller), role);
    if (!name.isEmpty()) {
      declared(name, routes.version(name, version, ""));
    }
  }

  /** Loads what stands for a name, also if somebody has unloaded it. */
  public void load(Caller caller, String name) {
    guard.require(caller, workspace(caller), Role.OPERATOR);
    declared(name, "");
    unloaded.remove(name);
    standing(name, "").load();
  }

  /** Lets all versions of a model go; calls are refused until it is loaded by hand. */
  public void unload(Caller caller, String name) {
    guard.require(caller, workspace(caller), Role.OPERATOR);
    declared(name, "");
    unloaded.add(name);
    standings.letGo(one -> one.declared.name().equals(name));
  }

  /**
   * Plugins have come or gone; names may stand for others now. What is new is loaded beside what
   * answers, so that callers do not wait.
   */
  void changed() {
    standings.each((asked, standing) -> {
      if (asked.version().isEmpty()) {
        threads.newThread(() -> follow(asked, standing)).start();
      }
    });
  }

  private void follow(Asked asked, Standing before) {
    try {
      Standing now = standing(asked.name(), "");
      if (now != before) {
        now.load();
        standings.answers(asked, before, now);
      }
    } catch (PluginException e) {
      LOG.warn("model {} stays as it is: {}", asked.name(), e.getMessage());
    }
  }

  /** Bytes of memory that models take. */
  long memoryTaken() {
    return memory.bytes();
  }

  /** Bytes of memory that they may take. */
  long memoryBudget() {
    return memory.budget();
  }

  /** Lets go what comes from a place; calls that are under way end well. */
  void release(Origin origin) {
    standings.letGo(one -> one.declared.origin().equals(origin));
  }

  /** Lets everything go. */
  void close() {
    closing.countDown();
    standings.letGo(_ -> true);
  }

  private String reason(Declared one) {
    if (unloaded.contains(one.name())) {
      return "unloaded";
    }
    return one.error().isEmpty() ? room.refusal(one.key()) : one.error();
  }

  private Standing standing(String name, String version) {
    Declared declared = declared(name, version);
    if (unloaded.contains(name)) {
      throw new PluginException(
          ErrorCode.EXHAUSTED,
          "model " + name + " was unloaded by an operator; it answers when it is loaded again");
    }
    if (!declared.error().isEmpty()) {
      throw new PluginException(
          ErrorCode.EXHAUSTED, "model " + name + " is refused: " + declared.error());
    }
    return standings.of(declared);
  }

  /** The version asked for, or the highest that is not refused. */
  private Declared declared(String name, String version) {
    List<Declared> named = new ArrayList<>();
    for (Declared one : room.declared()) {
      if (one.name().equals(name)) {
        named.add(one);
      }
    }
    if (named.isEmpty()) {
      List<String> names = room.declared().stream().map(Declared::name).distinct().toList();
      throw new PluginException(
          ErrorCode.NOT_FOUND, "there is no model '" + name + "'; " + Nearest.hint(name, names));
    }
    Declared best = null;
    for (Declared one : named) {
      boolean fits = version.isEmpty() ? reason(one).isEmpty() : one.version().equals(version);
      if (fits
          && (best == null || PluginHost.compareVersions(one.version(), best.version()) >= 0)) {
        best = one;
      }
    }
    if (best == null && !version.isEmpty()) {
      throw new PluginException(
          ErrorCode.NOT_FOUND,
          "model '%s' has no version '%s'; there are %s"
              .formatted(name, version, named.stream().map(Declared::version).toList()));
    }
    return best == null ? named.getLast() : best;
  }
}
