package kr.madang.control;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import kr.madang.host.HostError;
import kr.madang.host.Lease;
import kr.madang.host.ModelStore;
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

/** Brings models into memory, with what they stand on. Any thread. */
final class ModelOpener {
  private static final Logger LOG = LoggerFactory.getLogger(ModelOpener.class);
  private static final Duration COPY = Duration.ofSeconds(60);

  private final PluginHost host;
  private final ModelStore uploads;
  private final ModelShelf shelf;
  private final Imports imports;
  private final Inference inference;
  private final BufferAllocator allocator;
  private final Path scratch;
  private final Drifts drifts;
  private volatile BiConsumer<String, String> fallbacks = (_, _) -> {};

  ModelOpener(
      PluginHost host,
      ModelStore uploads,
      ModelShelf shelf,
      Imports imports,
      Inference inference,
      BufferAllocator allocator,
      Path scratch,
      Drifts drifts) {
    this.host = host;
    this.uploads = uploads;
    this.shelf = shelf;
    this.imports = imports;
    this.inference = inference;
    this.allocator = allocator;
    this.scratch = scratch;
    this.drifts = drifts;
  }

  /** From now on tells of each model that is loaded why it is not where it was wanted, if so. */
  void fallbacks(BiConsumer<String, String> told) {
    fallbacks = told;
  }

  /** Where a model is to run. */
  Placement wanted(Declared declared) {
    return inference.placement(declared.name(), declared.run());
  }

  /** A model in memory, and what is given back with it. */
  static final class Opened implements AutoCloseable {
    private final Deque<Runnable> behind = new ArrayDeque<>();
    private @Nullable LoadedModel model;

    LoadedModel model() {
      return Objects.requireNonNull(model);
    }

    @Override
    public void close() {
      if (model != null) {
        model.close();
      }
      while (!behind.isEmpty()) {
        behind.pop().run();
      }
    }
  }

  /**
   * Loads a model.
   *
   * @throws PluginException why it cannot be had
   */
  Opened open(Declared declared) {
    Opened opened = new Opened();
    boolean done = false;
    try {
      Path file = file(declared, opened);
      ModelSpec spec = Objects.requireNonNull(declared.spec());
      Optional<Path> golden =
          declared.folder().flatMap(folder -> spec.golden().map(one -> folder.resolve(one.file())));
      LoadedModel model = inference.load(spec, file, golden, allocator, declared.run());
      opened.model = model;
      fallbacks.accept(declared.name() + "@" + declared.version(), model.fallback());
      drifts.watch(model, declared.folder());
      done = true;
      return opened;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PluginException(ErrorCode.EXHAUSTED, "interrupted while it was loaded", e);
    } finally {
      if (!done) {
        opened.close();
      }
    }
  }

  private Path file(Declared declared, Opened opened) {
    Optional<PluginRef> plugin = declared.origin().plugin();
    if (plugin.isEmpty()) {
      Optional<String> damage = uploads.check(declared.name(), declared.version());
      if (damage.isPresent()) {
        throw new PluginException(
            HostError.DAMAGED,
            "it is damaged: " + damage.get() + "; upload it again, or delete it");
      }
    } else {
      Lease lease = host.use(plugin.get());
      opened.behind.push(lease::close);
      if (declared.folder().isEmpty()) {
        Path copy = copied(plugin.get(), declared);
        opened.behind.push(() -> delete(copy));
        return copy;
      }
    }
    return imports.file(declared);
  }

  /** The file of a model in code, which inference reads by path. */
  private Path copied(PluginRef plugin, Declared declared) {
    ModelFactory factory = shelf.factory(plugin, declared);
    Path file = scratch.resolve(plugin + "-" + declared.name() + ".onnx");
    return host.call(
        plugin,
        COPY,
        () -> {
          Files.createDirectories(scratch);
          try (InputStream in = factory.open()) {
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
          }
          return file;
        });
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("{} cannot be deleted: {}", file, e.toString());
    }
  }
}
