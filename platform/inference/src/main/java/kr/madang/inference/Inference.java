package kr.madang.inference;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import kr.madang.inference.onnx.WeightFiles;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.transform.TransformFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of this process. The native library is loaded with the first model; the environment it
 * makes then serves every later {@code Inference} of the process too. Any thread may call.
 */
public final class Inference implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Inference.class);

  private final Gate gate;
  private final Slabs slabs;
  private final Calls calls;
  private final Map<String, Tenant> tenants = new ConcurrentHashMap<>();
  private final AtomicInteger tenantNumbers = new AtomicInteger();
  private final Uses uses = new Uses();
  private final long patienceNanos;
  private final Watchdog watchdog = new Watchdog();
  private final ModelLoader loader;
  private final List<LoadedModel> models = new ArrayList<>();
  private volatile Map<String, Placement> places = Map.of();
  private volatile Map<String, Long> room = Map.of();
  private boolean closed;

  private Inference(InferenceOptions options, InstantSource clock) {
    gate = new Gate(options.permits());
    slabs = new Slabs(options.callBytes());
    calls = new Calls(gate, slabs, watchdog, clock);
    patienceNanos = options.permitTimeout().toNanos();
    loader =
        new ModelLoader(
            calls, uses, patienceNanos, watchdog, options.runTimeout().toNanos(), this::forget);
  }

  /** The same where nobody asks when a model has run last. */
  public static Inference open(InferenceOptions options) {
    return open(options, InstantSource.fixed(Instant.EPOCH));
  }

  /** Starts without any model; loads nothing native. */
  public static Inference open(InferenceOptions options, InstantSource clock) {
    return new Inference(options, clock);
  }

  /**
   * Says where models run, whatever they say themselves.
   *
   * @param places by name of the model; {@code *} is for all that have no entry of their own
   */
  public void place(Map<String, Placement> newPlaces) {
    places = Map.copyOf(newPlaces);
  }

  /** Says how many bytes models may take on devices, such as {@code cuda:0}. */
  public void deviceMemory(Map<String, Long> newRoom) {
    room = Map.copyOf(newRoom);
  }

  /** How many bytes models may take at a place that is no core. */
  public long deviceMemory(String place) {
    return room.getOrDefault(place, Long.MAX_VALUE);
  }

  /** Where a model is to run that wants to run there. */
  public Placement placement(String model, Placement wanted) {
    Placement known = places.get(model);
    return known == null ? places.getOrDefault("*", wanted) : known;
  }

  /** Loads a model on the cores, unless {@link #place} says otherwise. */
  public LoadedModel load(
      ModelSpec spec, Path onnxFile, Optional<Path> goldenFile, BufferAllocator allocator)
      throws InterruptedException {
    return load(spec, onnxFile, goldenFile, allocator, Placement.CORES);
  }

  /**
   * Loads a model, checks what it declares against its graph, and runs its golden samples. Blocks
   * for as long as ONNX Runtime optimises the graph.
   *
   * @param onnxFile read by path; stays in place while the model is loaded
   * @param goldenFile an Arrow IPC file, see {@link ModelSpec.Golden}
   * @param allocator holds the golden samples while they run
   * @param wanted where it is to run, unless {@link #place} says otherwise
   * @throws PluginException {@code CONFIG_INVALID} for a file that cannot be loaded or golden
   *     samples that differ, {@code SCHEMA_MISFIT} for a declaration that does not fit the graph
   * @throws InterruptedException while waiting for a permit to run the golden samples
   */
  public LoadedModel load(
      ModelSpec spec,
      Path onnxFile,
      Optional<Path> goldenFile,
      BufferAllocator allocator,
      Placement wanted)
      throws InterruptedException {
    synchronized (models) {
      if (closed) {
        throw new PluginException(ErrorCode.EXHAUSTED, "inference is shut down");
      }
    }
    LoadedModel model = loader.load(spec, onnxFile, placement(spec.name(), wanted));
    try {
      if (goldenFile.isPresent()) {
        Golden.run(model, goldenFile.get(), allocator);
      }
      synchronized (models) {
        if (closed) {
          throw new PluginException(ErrorCode.EXHAUSTED, "inference is shut down");
        }
        models.add(model);
      }
      return model;
    } catch (Throwable t) {
      model.close();
      throw t;
    }
  }

  /**
   * Examines a model before it may serve: reads it within bounds, looks it over, rewrites what Java
   * cannot carry, optimises a large one, loads it, runs it and measures. Takes seconds; a run is
   * stopped after {@link ModelSpec.Limits#runMillis}, or 30 s.
   *
   * @param folder holds {@code model.onnx}, the files with its weights and the golden samples, as
   *     somebody has brought them; it is only read
   * @param prepared an empty folder, which receives the model as it is to be {@link #load}ed
   * @param allocator holds the golden samples while they run
   * @param told of each stage as it begins; must not block
   * @throws PluginException {@code CONFIG_INVALID} with all reasons why it may not serve
   */
  public ImportReport examine(
      ModelSpec spec,
      Path folder,
      Path prepared,
      BufferAllocator allocator,
      Consumer<ExaminationStage> told)
      throws InterruptedException {
    ImportReport report = new Examination(loader, spec, folder, prepared, allocator, told).run();
    if (!report.refusals().isEmpty()) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "model %s@%s is refused: %s"
              .formatted(
                  spec.name(),
                  spec.version(),
                  String.join(
                      "; ", report.refusals().stream().map(ImportReport.Refusal::text).toList())));
    }
    return report;
  }

  /** The same for who wants the report also of a model that is refused. */
  public ImportReport inspect(ModelSpec spec, Path folder, Path prepared, BufferAllocator allocator)
      throws InterruptedException {
    return new Examination(loader, spec, folder, prepared, allocator, _ -> {}).run();
  }

  /**
   * Whether a folder that {@link #examine} has filled can be loaded by this version of ONNX Runtime
   * on this kind of processor; if not, the model is to be examined again.
   */
  public static boolean isPrepared(Path prepared) {
    return Prepared.fits(prepared);
  }

  /**
   * Deletes the weights that no prepared model has any more.
   *
   * @param weights the folder {@code weights} beside the prepared folders, where {@link #examine}
   *     puts what models have in common if it is there
   * @return bytes that came free
   */
  public static long sweepWeights(Path weights) throws IOException {
    return WeightFiles.sweep(weights);
  }

  /** Who shares the cores, by name; made when first asked for. */
  public Tenant tenant(String name) {
    return tenants.computeIfAbsent(
        name, known -> new Tenant(known, tenantNumbers.getAndIncrement()));
  }

  /** All that were asked for. */
  public List<Tenant> tenants() {
    return List.copyOf(tenants.values());
  }

  /** The use that workspaces have made of models since the start. */
  public List<Use.Snapshot> uses() {
    return uses.now();
  }

  /**
   * Tells of batches of pipelines from now on.
   *
   * @param share of them, 0 to 1
   * @param to must not block
   */
  public void tellSteps(double share, Consumer<StepRun> to) {
    uses.steps().tell(share, to);
  }

  /** Native memory for the tensors of calls. */
  public Slabs slabs() {
    return slabs;
  }

  /** The step that sends frames through a model; opened by the engine for each pipeline. */
  public TransformFactory<ModelStep.Config> step(LoadedModel model, Tenant tenant) {
    return new ModelStep(model, tenant, true);
  }

  /** The same for recorded rows, which say nothing of what comes today. */
  public TransformFactory<ModelStep.Config> replayed(LoadedModel model, Tenant tenant) {
    return new ModelStep(model, tenant, false);
  }

  /** The same with whatever version there is, from batch to batch. */
  public TransformFactory<ModelStep.Config> step(LiveModel model, Tenant tenant) {
    return new ModelStep(model, tenant);
  }

  /**
   * Begins to run copies of live calls by a new version of a model, beside the old one that answers
   * them. Somebody has to {@link Shadow#work}.
   *
   * @param share of the calls that are copied, above 0 and at most 1
   */
  public Shadow shadow(LoadedModel old, LoadedModel fresh, double share, Comparison comparison) {
    return new Shadow(old, fresh, share, comparison, calls);
  }

  Gate gate() {
    return gate;
  }

  /** How many runs go on at once. */
  public int permits() {
    return gate.permits();
  }

  /** Nanoseconds until all that waits is likely through. */
  public long backlogNanos() {
    return gate.backlog();
  }

  /** The permits that nobody uses at the moment. */
  public int freePermits() {
    return gate.free();
  }

  /**
   * Closes every model and waits for the runs that go on, for at most {@link
   * InferenceOptions#permitTimeout}. No run starts afterwards.
   */
  @Override
  public void close() {
    List<LoadedModel> open;
    synchronized (models) {
      if (closed) {
        return;
      }
      closed = true;
      open = List.copyOf(models);
    }
    open.forEach(LoadedModel::close);
    try {
      if (!calls.drain(patienceNanos)) {
        LOG.warn("a model still runs although inference is shut down");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    watchdog.close();
    calls.close();
    slabs.close();
  }

  private void forget(LoadedModel model) {
    synchronized (models) {
      models.remove(model);
    }
  }
}
