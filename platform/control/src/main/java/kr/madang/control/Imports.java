package kr.madang.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kr.madang.control.ModelRoom.Declared;
import kr.madang.host.ModelStore;
import kr.madang.host.StoredModel;
import kr.madang.inference.Inference;
import kr.madang.inference.LoadedModel;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import org.apache.arrow.memory.BufferAllocator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Examines models before they may serve, one at a time, so that what is measured is theirs. What
 * was found about an upload is kept beside it, about a model of a plugin in a folder that may be
 * deleted at any time. Any thread.
 */
final class Imports {
  private static final Logger LOG = LoggerFactory.getLogger(Imports.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final String REPORT = "report.json";

  /** What is known of a model that has no report. */
  private static final Found NOTHING = new Found(Optional.empty(), Optional.empty());

  private final Inference inference;
  private final BufferAllocator allocator;
  private final ThreadFactory threads;
  private final ModelStore uploads;
  private final Path prepared;
  private final Semaphore one = new Semaphore(1);
  private final Map<String, Found> found = new ConcurrentHashMap<>();

  /**
   * Nothing is written before a model is examined.
   *
   * @param prepared where files lie that are made from models
   */
  Imports(
      Inference inference,
      BufferAllocator allocator,
      ThreadFactory threads,
      ModelStore uploads,
      Path prepared) {
    this.inference = inference;
    this.allocator = allocator;
    this.threads = threads;
    this.uploads = uploads;
    this.prepared = prepared;
  }

  /** A report, and the bytes of memory that it tells of. */
  private record Found(Optional<JsonNode> report, Optional<Long> bytes) {
    static Found of(String text) {
      JsonNode report = Imports.read(text);
      JsonNode bytes = report.at("/memory/estimate");
      return new Found(
          Optional.of(report),
          bytes.isIntegralNumber() ? Optional.of(bytes.longValue()) : Optional.empty());
    }
  }

  static JsonNode read(String report) {
    try {
      return JSON.readTree(report);
    } catch (JsonProcessingException e) {
      return JsonNodeFactory.instance.nullNode();
    }
  }

  /** What was found about a model. */
  Optional<JsonNode> report(Declared declared) {
    return found(declared).report();
  }

  /** What a model takes in memory by its report. */
  Optional<Long> bytes(Declared declared) {
    return found(declared).bytes();
  }

  private Found found(Declared declared) {
    return declared.digest().isEmpty()
        ? NOTHING
        : found.computeIfAbsent(key(declared), key -> read(declared, key));
  }

  private Found read(Declared declared, String key) {
    if (declared.origin().plugin().isEmpty()) {
      return uploads
          .find(declared.name(), declared.version())
          .map(StoredModel::report)
          .map(Found::of)
          .orElse(NOTHING);
    }
    Path file = prepared.resolve(key).resolve(REPORT);
    try {
      return Files.isRegularFile(file) ? Found.of(Files.readString(file)) : NOTHING;
    } catch (IOException e) {
      LOG.warn("{} cannot be read: {}", file, e.toString());
      return NOTHING;
    }
  }

  private static String key(Declared declared) {
    return declared.origin().plugin().isEmpty()
        ? declared.digest()
        : declared.digest() + "-" + declared.name();
  }

  /** Examines a model of a plugin; one in code, or of which nothing can be kept, is left alone. */
  void examine(Declared declared) {
    Optional<Path> folder = declared.folder();
    if (folder.isEmpty() || declared.digest().isEmpty()) {
      return;
    }
    String key = key(declared);
    String report = examine(Objects.requireNonNull(declared.spec()), folder.get());
    try {
      Path home = Files.createDirectories(prepared.resolve(key));
      Path fresh = home.resolve(REPORT + ".new");
      Files.writeString(fresh, report);
      Files.move(
          fresh,
          home.resolve(REPORT),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.warn("the report on model {} cannot be written: {}", declared.key(), e.toString());
    }
    found.put(key, Found.of(report));
  }

  /**
   * Examines a model; takes seconds, and at most six minutes.
   *
   * @return the report, as JSON
   * @throws PluginException CONFIG_INVALID with all reasons if it may not serve, or takes too long;
   *     EXHAUSTED while others are examined
   */
  String examine(ModelSpec spec, Path folder) {
    try {
      if (!one.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new PluginException(
            ErrorCode.EXHAUSTED,
            "other models have been examined for " + PATIENCE.toSeconds() + " s: try again later");
      }
      FutureTask<String> work = new FutureTask<>(() -> examined(spec, folder));
      threads
          .newThread(() -> {
            try {
              work.run();
            } finally {
              one.release();
            }
          })
          .start();
      return work.get(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PluginException(ErrorCode.EXHAUSTED, "interrupted while it was examined", e);
    } catch (TimeoutException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "model %s@%s could not be examined within %d s"
              .formatted(spec.name(), spec.version(), LONGEST.toSeconds()),
          e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof PluginException known
          ? known
          : new PluginException(ErrorCode.BUG, String.valueOf(e.getCause()), e);
    }
  }

  private String examined(ModelSpec spec, Path folder) throws InterruptedException {
    Optional<Path> golden = spec.golden().map(known -> folder.resolve(known.file()));
    try (LoadedModel model =
        inference.load(spec, folder.resolve(ModelFolder.ONNX), golden, allocator)) {
      model.tryOut();
      ObjectNode report = JsonNodeFactory.instance.objectNode();
      report.putObject("memory").put("estimate", ModelFiles.bytes(folder) * 2);
      return report.toString();
    }
  }

  /** Knows nothing more of a model that is gone. */
  void forget(Declared declared) {
    found.remove(key(declared));
  }
}
