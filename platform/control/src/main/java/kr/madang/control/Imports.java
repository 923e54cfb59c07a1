package kr.madang.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Collectors;
import kr.madang.host.ModelStore;
import kr.madang.host.ScratchStore;
import kr.madang.host.StoredModel;
import kr.madang.inference.ExaminationStage;
import kr.madang.inference.ImportReport;
import kr.madang.inference.Inference;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import org.apache.arrow.memory.BufferAllocator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Examines models before they may serve, one at a time, so that what is measured is theirs, and
 * makes them ready to be loaded. What was found about an upload is kept beside it; all else that is
 * made here may be deleted and is made again. Any thread.
 */
final class Imports {
  private static final Logger LOG = LoggerFactory.getLogger(Imports.class);
  private static final Duration CLOSING = Duration.ofSeconds(10);
  private static final long BELIEVED = 256L << 20;
  private static final String REPORT = "report.json";
  private static final String WEIGHTS = "weights";
  private static final long MOST_REPORT = 16 << 20;

  /** What is known of a model that has no report. */
  private static final Found NOTHING = new Found(Optional.empty(), Optional.empty());

  private final Inference inference;
  private final BufferAllocator allocator;
  private final ThreadFactory threads;
  private final ModelStore uploads;
  private final Path folder;
  private final ScratchStore prepared;
  private final boolean keeps;
  private final Alone alone;
  private final List<UnderWay> underWay = new CopyOnWriteArrayList<>();
  private final ConcurrentHashMap<String, Found> found = new ConcurrentHashMap<>();
  private final Set<String> making = ConcurrentHashMap.newKeySet();

  /**
   * Nothing is written before a model is examined.
   *
   * @param folder where files lie that are made from models
   * @param keeps whether what is missing there is made again
   */
  Imports(
      Inference inference,
      BufferAllocator allocator,
      ThreadFactory threads,
      ModelStore uploads,
      Path folder,
      boolean keeps) {
    this.inference = inference;
    this.allocator = allocator;
    this.threads = threads;
    this.uploads = uploads;
    this.folder = folder;
    this.prepared = new ScratchStore(folder);
    this.keeps = keeps;
    this.alone = new Alone(threads);
  }

  /** A report, and the bytes of memory that it tells of. */
  private record Found(Optional<JsonNode> report, Optional<Long> bytes) {
    static Found of(String text) {
      JsonNode report = Imports.read(text);
      JsonNode memory = report.path("memory");
      JsonNode bytes = memory.path("estimateBytes");
      // other work may have grown while this was measured: it is believed within reason
      long most = 4 * memory.path("fileBytes").asLong() + BELIEVED;
      return new Found(
          Optional.of(report),
          bytes.isIntegralNumber()
              ? Optional.of(Math.min(bytes.longValue(), most))
              : Optional.empty());
    }
  }

  static JsonNode read(String report) {
    try {
      return Json.MAPPER.readTree(report);
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
    Path file = folder.resolve(key).resolve(REPORT);
    try {
      return Files.isRegularFile(file) && Files.size(file) <= MOST_REPORT
          ? Found.of(Files.readString(file))
          : NOTHING;
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

  /**
   * The file that a model is to be loaded from: as it was made ready, else as it came. In the
   * latter case it is made ready beside, for the next time.
   */
  Path file(Declared declared) {
    Path home = declared.folder().orElseThrow();
    if (!declared.digest().isEmpty()) {
      String key = key(declared);
      Optional<Path> ready = prepared.find(key).filter(Inference::isPrepared);
      if (ready.isPresent()) {
        return ready.get().resolve(ModelFolder.ONNX);
      }
      if (keeps && report(declared).isPresent() && making.add(key)) {
        threads.newThread(() -> again(declared, key)).start();
      }
    }
    return home.resolve(ModelFolder.ONNX);
  }

  private void again(Declared declared, String key) {
    try {
      examine(declared);
      making.remove(key);
    } catch (PluginException e) {
      // not tried again before a restart
      LOG.warn("model {} is loaded as it came: {}", declared.key(), e.getMessage());
    }
  }

  /** Examines a model of a plugin or of the store; one in code is left alone. */
  void examine(Declared declared) {
    if (declared.folder().isPresent() && !declared.digest().isEmpty()) {
      String key = key(declared);
      String report =
          examine(Objects.requireNonNull(declared.spec()), declared.folder().get(), key);
      if (declared.origin().plugin().isPresent()) {
        found.put(key, Found.of(report));
      }
    }
  }

  /**
   * Examines a model and makes it ready; takes seconds, and at most six minutes.
   *
   * @param key of what is made
   * @return the report, as JSON
   * @throws PluginException CONFIG_INVALID with all reasons if it may not serve, or takes too long;
   *     EXHAUSTED while others are examined; STORAGE when the disk is full
   */
  String examine(ModelSpec spec, Path model, String key) {
    UnderWay way = new UnderWay(spec.name(), spec.version());
    underWay.add(way);
    try {
      return alone.work(
          spec.name() + "@" + spec.version(),
          () -> {
            Files.createDirectories(folder.resolve(WEIGHTS));
            try (ScratchStore.Work work = prepared.begin()) {
              ImportReport found =
                  inference.examine(
                      spec, model, work.folder(), allocator, stage -> way.stage = stage);
              String report = RecordJson.of(found).toString();
              Files.writeString(work.folder().resolve(REPORT), report);
              work.keep(key);
              return report;
            }
          });
    } finally {
      underWay.remove(way);
    }
  }

  /** An examination that goes on. */
  private static final class UnderWay {
    private final String model;
    private final String version;
    private final long began = System.nanoTime();
    private volatile ExaminationStage stage = ExaminationStage.WAITING;

    private UnderWay(String model, String version) {
      this.model = model;
      this.version = version;
    }
  }

  /** The examinations that go on, oldest first. */
  List<ExaminationView> underWay() {
    long now = System.nanoTime();
    return underWay.stream()
        .map(one ->
            new ExaminationView(
                one.model, one.version, one.stage, Duration.ofNanos(now - one.began)))
        .toList();
  }

  /** Examines a model for somebody who wants to know, refused or not; nothing is kept. */
  ImportReport inspect(ModelSpec spec, Path model) {
    return alone.work(
        spec.name() + "@" + spec.version(),
        () -> {
          try (ScratchStore.Work work = prepared.begin()) {
            return inference.inspect(spec, model, work.folder(), allocator);
          }
        });
  }

  /** Knows nothing more of a model that is gone. */
  void forget(Declared declared) {
    if (!declared.digest().isEmpty()) {
      found.remove(key(declared));
      prepared.delete(key(declared));
    }
  }

  /** What is known of an upload is what was found now. */
  void kept(Declared declared, String report) {
    found.put(key(declared), Found.of(report));
  }

  /** Deletes what was made from models that are gone, unless one is examined just now. */
  void sweep(List<Declared> all) {
    if (Files.isDirectory(folder) && alone.take(Duration.ZERO)) {
      try {
        Set<String> keys =
            all.stream()
                .filter(declared -> !declared.digest().isEmpty())
                .map(Imports::key)
                .collect(Collectors.toSet());
        keys.add(WEIGHTS);
        found.keySet().retainAll(keys);
        prepared.retain(keys);
        if (Files.isDirectory(folder.resolve(WEIGHTS))) {
          Inference.sweepWeights(folder.resolve(WEIGHTS));
        }
      } catch (IOException e) {
        LOG.warn("{} cannot be tidied: {}", folder, e.toString());
      } finally {
        alone.give();
      }
    }
  }

  /** Waits for the examination that goes on, if it is short; none begins afterwards. */
  void close() {
    if (!alone.take(CLOSING)) {
      LOG.warn("a model is still being examined");
    }
  }

  /** Made with the first use: it would take a tenth of a start. */
  private static final class Json {
    static final ObjectMapper MAPPER = new ObjectMapper();
  }
}
