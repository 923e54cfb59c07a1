package kr.madang.control;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.BinaryOperator;
import kr.madang.control.spec.Use;
import kr.madang.host.Lease;
import kr.madang.host.PluginHost;
import kr.madang.host.PluginRef;
import kr.madang.inference.Inference;
import kr.madang.inference.LoadedModel;
import kr.madang.inference.Placement;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelFactory;
import kr.madang.sdk.model.ModelSpec;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models that plugins bring: found by name, loaded with their first user, shared. Any thread.
 */
final class ModelRoom {
  private static final Logger LOG = LoggerFactory.getLogger(ModelRoom.class);
  private static final Duration COPY = Duration.ofSeconds(60);

  private final PluginHost host;
  private final Inference inference;
  private final BufferAllocator allocator;
  private final Path scratch;
  private final ModelShelf shelf;
  private final Map<Key, Shared> loaded = new HashMap<>();
  private final Map<Key, String> refused = new HashMap<>();
  private volatile BinaryOperator<String> aliases = (_, alias) -> alias;
  private volatile BiConsumer<String, String> fallbacks = (_, _) -> {};

  ModelRoom(PluginHost host, Inference inference, BufferAllocator allocator, Path scratch) {
    this.host = host;
    this.inference = inference;
    this.allocator = allocator;
    this.scratch = scratch;
    this.shelf = new ModelShelf(host);
  }

  /** One version of a model of one version of a plugin. */
  record Key(PluginRef plugin, String name, String version) {}

  /**
   * A model that a plugin declares.
   *
   * @param folder of {@code model.yaml}; empty for one declared in code
   * @param error why it cannot be read; empty where it can
   * @param run where it is to run
   */
  record Declared(
      PluginRef plugin,
      String digest,
      String name,
      String version,
      String description,
      Optional<Path> folder,
      @Nullable ModelSpec spec,
      String error,
      Placement run) {
    /** One for the cores. */
    Declared(
        PluginRef plugin,
        String digest,
        String name,
        String version,
        String description,
        Optional<Path> folder,
        @Nullable ModelSpec spec,
        String error) {
      this(plugin, digest, name, version, description, folder, spec, error, Placement.CORES);
    }

    Key key() {
      return new Key(plugin, name, version);
    }

    /** What it takes in memory, about: its weights, and once more as ONNX Runtime packs them. */
    long bytes() {
      return folder.map(ModelFiles::bytes).orElse(0L) * 2;
    }
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

  /** From now on tells of each model that is loaded why it is not where it was wanted, if so. */
  void fallbacks(BiConsumer<String, String> told) {
    fallbacks = told;
  }

  /** What a name means. */
  ModelFinder.Found find(Use use, Optional<PipelineView.Pin> pin) {
    return new ModelFinder(shelf, aliases).find(use, pin);
  }

  /** Where a model is to run. */
  Placement wanted(Declared declared) {
    return inference.placement(declared.name(), declared.run());
  }

  /** All that is declared; of code models those of started plugins. */
  List<Declared> declared() {
    return shelf.all(false);
  }

  /** Why models of a plugin cannot be used, as far as it is known. */
  List<String> problems(PluginRef plugin) {
    List<String> problems = new ArrayList<>();
    for (Declared one : declared()) {
      String why = one.error().isEmpty() ? refusal(one.key()) : one.error();
      if (one.plugin().equals(plugin) && !why.isEmpty()) {
        problems.add("model " + one.name() + ": " + why);
      }
    }
    return problems;
  }

  /** Loads each model of a plugin once, golden samples and all, and remembers what is wrong. */
  void tryOut(PluginRef plugin) {
    for (Declared one : declared()) {
      if (one.plugin().equals(plugin) && one.error().isEmpty()) {
        try {
          hold(one).close();
        } catch (PluginException e) {
          LOG.warn("plugin {} is installed: {}", plugin, e.getMessage());
        }
      }
    }
  }

  /** Which model of a plugin is there already as another one of the same name and version. */
  Optional<String> clash(PluginRef plugin) {
    List<Declared> all = declared();
    for (Declared mine : all) {
      for (Declared other : all) {
        if (mine.plugin().equals(plugin)
            && !other.plugin().equals(plugin)
            && mine.error().isEmpty()
            && other.error().isEmpty()
            && mine.name().equals(other.name())
            && mine.version().equals(other.version())
            && ModelFiles.differ(mine.folder(), other.folder())) {
          return Optional.of(
              "model %s@%s is brought by plugin %s already, with other content: give the new one another version, or uninstall that plugin first"
                  .formatted(mine.name(), mine.version(), other.plugin()));
        }
      }
    }
    return Optional.empty();
  }

  /** How a model stands: {@code declared}, {@code loaded} or {@code refused}. */
  synchronized Optional<LoadedModel> loaded(Key key) {
    Shared shared = loaded.get(key);
    return shared == null ? Optional.empty() : Optional.ofNullable(shared.model);
  }

  synchronized String refusal(Key key) {
    return refused.getOrDefault(key, "");
  }

  /**
   * Loads a model, or shares it if it is loaded.
   *
   * @throws PluginException why it is refused
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

  /** One model, its users, and the lease of its plugin. */
  private final class Shared {
    private final Key key;
    private final ReentrantLock loading = new ReentrantLock();
    private @Nullable LoadedModel model;
    private @Nullable Lease lease;
    private @Nullable Path copy;
    private int users;

    Shared(Key key) {
      this.key = key;
    }

    Held hold(Declared declared) {
      loading.lock();
      try {
        LoadedModel known = model;
        if (known == null) {
          known = load(declared);
          synchronized (ModelRoom.this) {
            model = known;
            refused.remove(key);
          }
        }
        LoadedModel held = known;
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
      } catch (PluginException e) {
        synchronized (ModelRoom.this) {
          refused.put(key, String.valueOf(e.getMessage()));
        }
        throw new PluginException(
            e.code(),
            "model " + key.name() + "@" + key.version() + " is refused: " + e.getMessage(),
            e);
      } finally {
        loading.unlock();
      }
    }

    private LoadedModel load(Declared declared) {
      Lease taken = host.use(declared.plugin());
      lease = taken;
      boolean done = false;
      try {
        ModelSpec spec = Objects.requireNonNull(declared.spec());
        Path file;
        Optional<Path> golden = Optional.empty();
        if (declared.folder().isPresent()) {
          Path folder = declared.folder().get();
          golden = spec.golden().map(known -> folder.resolve(known.file()));
          file = folder.resolve("model.onnx");
        } else {
          file = copied(declared);
          copy = file;
        }
        LoadedModel fresh = inference.load(spec, file, golden, allocator, declared.run());
        fallbacks.accept(key.name() + "@" + key.version(), fresh.fallback());
        done = true;
        return fresh;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new PluginException(ErrorCode.EXHAUSTED, "interrupted while it was loaded", e);
      } finally {
        if (!done) {
          free();
        }
      }
    }

    /** The file of a model in code, which inference reads by path. */
    private Path copied(Declared declared) {
      ModelFactory factory = shelf.factory(declared);
      Path file = scratch.resolve(declared.plugin() + "-" + declared.name() + ".onnx");
      return host.call(
          declared.plugin(),
          COPY,
          () -> {
            Files.createDirectories(scratch);
            try (InputStream in = factory.open()) {
              Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
            }
            return file;
          });
    }

    private void leave() {
      synchronized (ModelRoom.this) {
        if (--users > 0) {
          return;
        }
        loaded.remove(key);
      }
      loading.lock();
      try {
        free();
      } finally {
        loading.unlock();
      }
    }

    private void free() {
      LoadedModel loadedModel = model;
      if (loadedModel != null) {
        loadedModel.close();
      }
      Path file = copy;
      if (file != null) {
        try {
          Files.deleteIfExists(file);
        } catch (IOException e) {
          LOG.warn("{} cannot be deleted: {}", file, e.toString());
        }
      }
      Lease held = lease;
      if (held != null) {
        held.close();
      }
    }
  }
}
