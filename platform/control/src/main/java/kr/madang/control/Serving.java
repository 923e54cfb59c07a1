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
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.ReentrantLock;
import kr.madang.control.ModelRoom.Declared;
import kr.madang.control.config.Nearest;
import kr.madang.host.PluginHost;
import kr.madang.host.PluginRef;
import kr.madang.inference.Accelerators;
import kr.madang.inference.Inference;
import kr.madang.inference.LoadedModel;
import kr.madang.inference.Placement;
import kr.madang.inference.Slabs;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The models for callers from outside: found, loaded with their first call, and let go. */
public final class Serving {
  private static final Logger LOG = LoggerFactory.getLogger(Serving.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final Guard guard;
  private final ModelRoom room;
  private final Inference inference;
  private final Map<ModelRoom.Key, Standing> standings = new ConcurrentHashMap<>();
  private final Map<Asked, Standing> known = new ConcurrentHashMap<>();
  private final Set<String> unloaded = ConcurrentHashMap.newKeySet();
  private final ThreadFactory threads;
  private final long memoryBudget;
  private final Set<Asked> kept = ConcurrentHashMap.newKeySet();
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
      Guard guard, ModelRoom room, Inference inference, ThreadFactory threads, long memoryBudget) {
    this.guard = guard;
    this.room = room;
    this.inference = inference;
    this.threads = threads;
    this.memoryBudget = memoryBudget;
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

  private record Asked(String name, String version) {}

  /** Native memory for the tensors of calls. */
  public Slabs memory() {
    return inference.slabs();
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
    Standing standing = known.get(new Asked(name, routes.version(name, version, key)));
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
      load(standing);
      known.put(new Asked(name, meant), standing);
      Optional<ServedModel> served = lease(standing, workspace, version, key);
      if (served.isPresent()) {
        return served.get();
      }
      // it was let go between; what stands for the name now is another
      forget(standing);
    }
  }

  /** A version that is in memory from now on. */
  LoadedModel loaded(String name, String version) {
    Declared exact = declared(name, version);
    Standing standing = standing(exact.name(), exact.version());
    load(standing);
    known.put(new Asked(name, exact.version()), standing);
    LoadedModel model = standing.model;
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
    Asked which = new Asked(name, version);
    if (stays) {
      kept.add(which);
    } else {
      kept.remove(which);
    }
  }

  /** Lets a version go; calls that are under way end well, and the next one loads it again. */
  void letGo(String name, String version) {
    for (Standing standing : List.copyOf(standings.values())) {
      if (standing.declared.name().equals(name) && standing.declared.version().equals(version)) {
        forget(standing);
      }
    }
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
          standing != null && standing.loading.isLocked()
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

  /** Loads what stands for a name, also if somebody has unloaded it. */
  public void load(Caller caller, String name) {
    guard.require(caller, workspace(caller), Role.OPERATOR);
    declared(name, "");
    unloaded.remove(name);
    load(standing(name, ""));
  }

  /** Lets all versions of a model go; calls are refused until it is loaded by hand. */
  public void unload(Caller caller, String name) {
    guard.require(caller, workspace(caller), Role.OPERATOR);
    declared(name, "");
    unloaded.add(name);
    for (Standing standing : List.copyOf(standings.values())) {
      if (standing.declared.name().equals(name)) {
        forget(standing);
      }
    }
  }

  /**
   * Plugins have come or gone; names may stand for others now. What is new is loaded beside what
   * answers, so that callers do not wait.
   */
  void changed() {
    for (Map.Entry<Asked, Standing> entry : Map.copyOf(known).entrySet()) {
      Asked asked = entry.getKey();
      if (asked.version().isEmpty()) {
        threads.newThread(() -> follow(asked, entry.getValue())).start();
      }
    }
  }

  private void follow(Asked asked, Standing before) {
    try {
      Standing now = standing(asked.name(), "");
      if (now != before) {
        load(now);
        known.replace(asked, before, now);
      }
    } catch (PluginException e) {
      LOG.warn("model {} stays as it is: {}", asked.name(), e.getMessage());
    }
  }

  /** Loads a model; makes room by letting go those that were not used for the longest time. */
  private void load(Standing standing) {
    if (standing.model != null) {
      return;
    }
    synchronized (room) {
      long needed = standing.declared.bytes();
      String place = place(standing);
      while (bytes(place) + needed > budget(place)) {
        Standing oldest = null;
        for (Standing one : standings.values()) {
          boolean stays = kept.contains(new Asked(one.declared.name(), one.declared.version()));
          boolean here = one.model != null && place(one).equals(place);
          if (here && !stays && (oldest == null || one.used - oldest.used < 0)) {
            oldest = one;
          }
        }
        if (oldest == null) {
          break;
        }
        LoadedModel model = oldest.model;
        LOG.info("model {} is let go to make room", oldest.declared.key());
        forget(oldest);
        awaitReleased(model);
      }
      standing.load();
    }
  }

  private static void awaitReleased(@Nullable LoadedModel model) {
    try {
      if (model != null && !model.awaitReleased(PATIENCE)) {
        LOG.warn("a model that was let go is still in use after {}", PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What the models in the memory of the machine or of a device take, as their files say. */
  private long bytes(String place) {
    long sum = 0;
    for (Standing one : standings.values()) {
      sum += one.model == null || !place(one).equals(place) ? 0 : one.declared.bytes();
    }
    return sum;
  }

  private long budget(String place) {
    return place.equals(Placement.CORES.place()) ? memoryBudget : inference.deviceMemory(place);
  }

  /** Where a model is; or where it will be, as far as one can see. */
  private String place(Standing standing) {
    LoadedModel model = standing.model;
    if (model != null) {
      return model.placement().place();
    }
    Placement wanted = room.wanted(standing.declared);
    return (Accelerators.look(wanted.provider()).usable() ? wanted : Placement.CORES).place();
  }

  /** Lets go what a plugin brought; calls that are under way end well. */
  void release(PluginRef plugin) {
    for (Standing standing : List.copyOf(standings.values())) {
      if (standing.declared.plugin().equals(plugin)) {
        forget(standing);
      }
    }
  }

  /** Lets everything go. */
  void close() {
    List.copyOf(standings.values()).forEach(this::forget);
  }

  private void forget(Standing standing) {
    known.values().removeIf(standing::equals);
    standings.remove(standing.declared.key(), standing);
    standing.close();
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
    return standings.computeIfAbsent(declared.key(), _ -> new Standing(declared));
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

  /** One version, loaded or not. */
  private final class Standing {
    final Declared declared;
    final ReentrantLock loading = new ReentrantLock();
    volatile @Nullable LoadedModel model;
    volatile long used = System.nanoTime();
    private ModelRoom.@Nullable Held held;
    private boolean closed;

    Standing(Declared declared) {
      this.declared = declared;
    }

    void load() {
      if (model != null) {
        return;
      }
      loading.lock();
      try {
        if (model != null || closed) {
          return;
        }
        ModelRoom.Held fresh = room.hold(declared);
        boolean done = false;
        try {
          fresh.model().tryOut();
          held = fresh;
          model = fresh.model();
          done = true;
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new PluginException(ErrorCode.EXHAUSTED, "interrupted while it was tried", e);
        } finally {
          if (!done) {
            fresh.close();
          }
        }
      } finally {
        loading.unlock();
      }
    }

    void close() {
      loading.lock();
      try {
        closed = true;
        model = null;
        ModelRoom.Held last = held;
        held = null;
        if (last != null) {
          last.close();
        }
      } finally {
        loading.unlock();
      }
    }
  }
}
