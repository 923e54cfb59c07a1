package kr.madang.control;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import kr.madang.control.config.Nearest;
import kr.madang.control.spec.Use;
import kr.madang.host.Lease;
import kr.madang.host.PluginHost;
import kr.madang.host.PluginRef;
import kr.madang.inference.Inference;
import kr.madang.inference.LoadedModel;
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
   */
  record Declared(
      PluginRef plugin,
      String digest,
      String name,
      String version,
      String description,
      Optional<Path> folder,
      @Nullable ModelSpec spec,
      String error) {
    Key key() {
      return new Key(plugin, name, version);
    }
  }

  /** What became of a name. */
  sealed interface Found {
    /** It is declared. */
    record Model(Declared declared) implements Found {}

    /** Nobody has it; somebody may come who does. */
    record Missing(String reason) implements Found {}

    /** It cannot be right, whoever comes. */
    record Wrong(String message) implements Found {}
  }

  /** A model in use. */
  interface Held extends AutoCloseable {
    LoadedModel model();

    @Override
    void close();
  }

  /** All that is declared; of code models those of started plugins. */
  List<Declared> declared() {
    return shelf.all(false);
  }

  /** How a model stands: {@code declared}, {@code loaded} or {@code refused}. */
  synchronized Optional<LoadedModel> loaded(Key key) {
    Shared shared = loaded.get(key);
    return shared == null ? Optional.empty() : Optional.ofNullable(shared.model);
  }

  synchronized String refusal(Key key) {
    return refused.getOrDefault(key, "");
  }

  Found find(Use use, Optional<PipelineView.Pin> pin) {
    List<Declared> named = named(use.name(), shelf.all(false));
    if (named.isEmpty()) {
      named = named(use.name(), shelf.all(true));
    }
    if (named.isEmpty()) {
      List<String> names = shelf.all(false).stream().map(Declared::name).distinct().toList();
      return new Found.Missing(
          "missing model "
              + use.text()
              + ": install a plugin that brings it; "
              + Nearest.hint(use.name(), names));
    }
    String range = pin.map(p -> p.resolved().substring(p.resolved().indexOf('@') + 1)).orElse("*");
    List<Declared> fitting = new ArrayList<>();
    try {
      for (Declared model : named) {
        boolean wanted =
            pin.isPresent()
                ? model.version().equals(range)
                : use.range().isEmpty()
                    || PluginHost.versionFits(model.version(), use.range().orElseThrow());
        if (model.error().isEmpty() && wanted) {
          fitting.add(model);
        }
      }
    } catch (PluginException e) {
      return new Found.Wrong(String.valueOf(e.getMessage()));
    }
    return best(use, named, fitting, pin);
  }

  private static List<Declared> named(String name, List<Declared> models) {
    return models.stream().filter(model -> model.name().equals(name)).toList();
  }

  private static Found best(
      Use use, List<Declared> named, List<Declared> fitting, Optional<PipelineView.Pin> pin) {
    if (fitting.isEmpty()) {
      for (Declared model : named) {
        if (!model.error().isEmpty()) {
          return new Found.Missing(
              "model "
                  + use.text()
                  + " of plugin "
                  + model.plugin()
                  + " is refused: "
                  + model.error());
        }
      }
      return new Found.Missing(
          "missing model "
              + pin.map(PipelineView.Pin::resolved).orElse(use.text())
              + ": install a plugin that brings it; installed are the versions "
              + String.join(", ", named.stream().map(Declared::version).toList()));
    }
    Comparator<Declared> order = (a, b) -> PluginHost.compareVersions(a.version(), b.version());
    Declared best =
        fitting.stream()
            .max(
                order.thenComparing((a, b) ->
                    PluginHost.compareVersions(a.plugin().version(), b.plugin().version())))
            .orElseThrow();
    TreeSet<String> plugins = new TreeSet<>();
    for (Declared model : fitting) {
      if (model.version().equals(best.version())) {
        plugins.add(model.plugin().id());
      }
    }
    if (plugins.size() > 1) {
      return new Found.Wrong(
          "model "
              + best.name()
              + "@"
              + best.version()
              + " is brought by several plugins: uninstall all but one of "
              + String.join(", ", plugins));
    }
    if (pin.isPresent()
        && !pin.get().digest().isEmpty()
        && !pin.get().digest().equals(best.digest())) {
      return new Found.Missing(
          "model "
              + best.name()
              + "@"
              + best.version()
              + " is another than the one that this pipeline was made with (the digest of plugin "
              + best.plugin()
              + " differs): install that one again, or replace the document to take this one");
    }
    return new Found.Model(best);
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
        LoadedModel fresh = inference.load(spec, file, golden, allocator);
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
