package kr.madang.control;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BinaryOperator;
import kr.madang.control.ModelOpener.Opened;
import kr.madang.control.spec.Use;
import kr.madang.host.PluginRef;
import kr.madang.inference.Accelerators;
import kr.madang.inference.LoadedModel;
import kr.madang.inference.Placement;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models that plugins bring and those that were uploaded: found by name, loaded with their
 * first user, shared. Any thread; a model that takes long to load holds up no other.
 */
final class ModelRoom {
  private static final Logger LOG = LoggerFactory.getLogger(ModelRoom.class);

  private final ModelShelf shelf;
  private final ModelOpener opener;
  private final Imports imports;
  private final ModelMemory memory;
  private final Map<ModelKey, Shared> loaded = new HashMap<>();
  private final Map<ModelKey, String> refused = new HashMap<>();
  private volatile BinaryOperator<String> aliases = (_, alias) -> alias;

  ModelRoom(ModelShelf shelf, ModelOpener opener, Imports imports, ModelMemory memory) {
    this.shelf = shelf;
    this.opener = opener;
    this.imports = imports;
    this.memory = memory;
  }

  /** A model in use. */
  interface Held extends AutoCloseable {
    LoadedModel model();

    @Override
    void close();
  }

  /** From now on knows what aliases stand for: of a model and a word the version, or the word. */
  void aliases(BinaryOperator<String> known) {
    aliases = known;
  }

  /** Where a model is to run. */
  Placement wanted(Declared declared) {
    return opener.wanted(declared);
  }

  /** What a name means. */
  ModelFinder.Found find(Use use, Optional<PipelineView.Pin> pin) {
    return new ModelFinder(shelf, aliases).find(use, pin);
  }

  /** All that is declared; of code models those of started plugins. */
  List<Declared> declared() {
    return shelf.all(false);
  }

  /** What a model takes in memory: as measured, else its weights and once more as packed. */
  long bytes(Declared declared) {
    return imports
        .bytes(declared)
        .orElseGet(() -> declared.folder().map(ModelFiles::bytes).orElse(0L) * 2);
  }

  /** What is examined just now. */
  List<ExaminationView> examinations() {
    return imports.underWay();
  }

  /** What was found about a model before it might serve. */
  Optional<JsonNode> report(Declared declared) {
    return imports.report(declared);
  }

  /** Why models of a plugin cannot be used, as far as it is known. */
  List<String> problems(PluginRef plugin) {
    List<String> problems = new ArrayList<>();
    for (Declared one : declared()) {
      String why = one.error().isEmpty() ? refusal(one.key()) : one.error();
      if (one.isOf(plugin) && !why.isEmpty()) {
        problems.add("model " + one.name() + ": " + why);
      }
    }
    return problems;
  }

  /** Examines and loads each model of a plugin once, and remembers what is wrong. */
  void tryOut(PluginRef plugin) {
    for (Declared one : declared()) {
      if (one.isOf(plugin) && one.error().isEmpty()) {
        try {
          imports.examine(one);
          hold(one).close();
        } catch (PluginException e) {
          if (!e.code().equals(ErrorCode.EXHAUSTED)) {
            refuse(one.key(), e);
          }
          LOG.warn("plugin {} is installed: {}", plugin, e.getMessage());
        }
      }
    }
  }

  /** Which model of a plugin is there already as another one of the same name and version. */
  Optional<String> clash(PluginRef plugin) {
    return declared().stream()
        .filter(mine -> mine.isOf(plugin))
        .flatMap(mine -> clash(mine).stream())
        .findFirst();
  }

  /** Whether another model of the same name and version comes from elsewhere. */
  Optional<String> clash(Declared mine) {
    for (Declared other : declared()) {
      if (mine.error().isEmpty()
          && other.error().isEmpty()
          && !mine.origin().equals(other.origin())
          && mine.name().equals(other.name())
          && mine.version().equals(other.version())
          && ModelFiles.differ(mine.folder(), other.folder())) {
        return Optional.of(
            "model %s@%s is brought by %s already, with other content: give the new one another version, or remove that one first"
                .formatted(mine.name(), mine.version(), other.origin()));
      }
    }
    return Optional.empty();
  }

  synchronized Optional<LoadedModel> loaded(ModelKey key) {
    Shared shared = loaded.get(key);
    return shared == null ? Optional.empty() : Optional.ofNullable(shared.model);
  }

  synchronized String refusal(ModelKey key) {
    return refused.getOrDefault(key, "");
  }

  private synchronized void refuse(ModelKey key, PluginException why) {
    refused.put(key, String.valueOf(why.getMessage()));
  }

  /** Knows nothing more of a model that is gone. */
  synchronized void forget(ModelKey key) {
    refused.remove(key);
  }

  /** Deletes what was made from models that are gone. */
  void tidy() {
    imports.sweep(declared());
  }

  /** Whether somebody else has the model too, so that it stays in memory when one lets it go. */
  synchronized boolean shared(ModelKey key) {
    Shared shared = loaded.get(key);
    return shared != null && shared.users > 1;
  }

  /**
   * Loads a model, or shares it if it is loaded. Waits for room in memory if others are about to
   * leave some.
   *
   * @throws PluginException why it is refused; EXHAUSTED if there is no room for it
   */
  Held hold(Declared declared) {
    Shared shared;
    synchronized (this) {
      shared = loaded.computeIfAbsent(declared.key(), Shared::new);
      shared.users++;
    }
    try {
      return shared.hold(declared);
    } catch (RuntimeException | Error e) {
      shared.leave();
      throw e;
    }
  }

  private ModelMemory.Seat reserve(Declared declared) {
    Placement wanted = wanted(declared);
    // where it will be, as far as one can see
    Placement likely = Accelerators.look(wanted.provider()).usable() ? wanted : Placement.CORES;
    try {
      return memory.reserve(declared.key(), likely.place(), bytes(declared));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PluginException(ErrorCode.EXHAUSTED, "interrupted while room was made for it", e);
    }
  }

  /** One model and its users. */
  private final class Shared {
    private final ModelKey key;
    private final ReentrantLock loading = new ReentrantLock();
    private @Nullable Opened opened;
    private ModelMemory.@Nullable Seat seat;
    private @Nullable LoadedModel model;
    private int users;

    Shared(ModelKey key) {
      this.key = key;
    }

    Held hold(Declared declared) {
      loading.lock();
      try {
        LoadedModel known = model;
        LoadedModel held = known == null ? load(declared) : known;
        return new Held() {
          private boolean closed;

          @Override
          public LoadedModel model() {
            return held;
          }

          @Override
          public synchronized void close() {
            if (!closed) {
              closed = true;
              leave();
            }
          }
        };
      } finally {
        loading.unlock();
      }
    }

    private LoadedModel load(Declared declared) {
      ModelMemory.Seat taken = reserve(declared);
      boolean done = false;
      try {
        Opened fresh = opener.open(declared);
        LoadedModel fit = fresh.model();
        taken.loaded(fit.placement().place());
        opened = fresh;
        seat = taken;
        synchronized (ModelRoom.this) {
          model = fit;
          refused.remove(key);
        }
        done = true;
        return fit;
      } catch (PluginException e) {
        refuse(key, e);
        throw new PluginException(
            e.code(),
            "model " + key.name() + "@" + key.version() + " is refused: " + e.getMessage(),
            e);
      } finally {
        if (!done) {
          taken.close();
        }
      }
    }

    private void leave() {
      boolean last;
      synchronized (ModelRoom.this) {
        last = --users == 0;
        if (last) {
          loaded.remove(key);
        }
      }
      if (!last) {
        memory.changed();
        return;
      }
      loading.lock();
      try {
        Opened gone = opened;
        ModelMemory.Seat free = seat;
        if (gone != null && free != null) {
          gone.close();
          free.close();
        }
      } finally {
        loading.unlock();
      }
    }
  }
}
