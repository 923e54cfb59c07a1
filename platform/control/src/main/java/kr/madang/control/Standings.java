package kr.madang.control;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import kr.madang.control.ModelMemory.Stay;
import kr.madang.inference.LoadedModel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What callers from outside have in memory, and which names they ask for it by. Any thread. */
final class Standings implements ModelMemory.Lodgers {
  private static final Logger LOG = LoggerFactory.getLogger(Standings.class);
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ModelRoom room;
  private final ModelMemory memory;
  private final Pins pins;
  private final Map<ModelKey, Standing> all = new ConcurrentHashMap<>();
  private final Map<Asked, Standing> answering = new ConcurrentHashMap<>();
  private final Set<Asked> kept = ConcurrentHashMap.newKeySet();

  Standings(ModelRoom room, ModelMemory memory, Pins pins) {
    this.room = room;
    this.memory = memory;
    this.pins = pins;
    memory.lodgers(this);
  }

  /**
   * Name and version as asked for; looked up for each call: the methods that a record has by itself
   * are slower.
   */
  record Asked(String name, String version) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Asked asked
          && name.equals(asked.name)
          && version.equals(asked.version);
    }

    @Override
    public int hashCode() {
      return 31 * name.hashCode() + version.hashCode();
    }
  }

  /** The one of a model, made if there is none. */
  Standing of(Declared declared) {
    return all.computeIfAbsent(
        declared.key(), _ -> new Standing(declared, room, System.nanoTime()));
  }

  @Nullable Standing get(ModelKey key) {
    return all.get(key);
  }

  /** What answers; null if it is not in memory. */
  @Nullable Standing find(String name, String version) {
    return answering.get(new Asked(name, version));
  }

  /** What answers from now on. */
  void answers(String name, String version, Standing standing) {
    answering.put(new Asked(name, version), standing);
  }

  /** The same if another one still answers. */
  void answers(Asked asked, Standing before, Standing now) {
    answering.replace(asked, before, now);
  }

  /** All that answers. */
  void each(BiConsumer<Asked, Standing> visitor) {
    Map.copyOf(answering).forEach(visitor);
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

  /** Whether it is pinned, or kept. */
  boolean stays(Standing standing) {
    Declared declared = standing.declared;
    return pins.has(declared.name(), declared.version())
        || kept.contains(new Asked(declared.name(), declared.version()));
  }

  /** Somebody who waited for a model has had it. */
  void had(Standing standing) {
    if (standing.wanted.decrementAndGet() == 0) {
      memory.changed();
    }
  }

  /** Lets some go; calls that are under way end well. */
  void letGo(Predicate<Standing> which) {
    for (Standing standing : List.copyOf(all.values())) {
      if (which.test(standing)) {
        forget(standing);
      }
    }
  }

  void forget(Standing standing) {
    answering.values().removeIf(standing::equals);
    all.remove(standing.declared.key(), standing);
    standing.close();
  }

  @Override
  public Stay stay(ModelKey key) {
    Standing standing = all.get(key);
    if (standing == null || stays(standing) || room.shared(key)) {
      return Stay.STAYS;
    }
    return standing.model == null || standing.wanted.get() > 0 ? Stay.SOON : Stay.MAY_GO;
  }

  @Override
  public long used(ModelKey key) {
    Standing standing = all.get(key);
    return standing == null ? System.nanoTime() : standing.used;
  }

  @Override
  public void letGo(ModelKey key) {
    Standing standing = all.get(key);
    LoadedModel model = standing == null ? null : standing.model;
    if (standing == null || model == null) {
      return;
    }
    forget(standing);
    try {
      if (model.closed() && !model.awaitReleased(PATIENCE)) {
        LOG.warn("a model that was let go is still in use after {}", PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
