package kr.madang.control;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import kr.madang.control.config.Binder;
import kr.madang.control.config.Documents;
import kr.madang.control.config.Node;
import kr.madang.control.config.Secrets;
import kr.madang.control.spec.BaselineDocument;
import kr.madang.control.spec.DriftLimits;
import kr.madang.control.spec.ModelDocument;
import kr.madang.control.store.Store;
import kr.madang.inference.Baseline;
import kr.madang.inference.Drift;
import kr.madang.inference.LoadedModel;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.BufferAllocator;

/**
 * How far what goes into models and comes out of them has moved from what it was when they were
 * made. Any thread.
 */
public final class Drifts {
  private final Guard guard;
  private final Store store;
  private final InstantSource clock;
  private final BufferAllocator allocator;
  private final Map<Name, Baseline> taken = new ConcurrentHashMap<>();
  private final Map<LoadedModel, Watched> watched = new ConcurrentHashMap<>();
  private final DriftAlarms alarms = new DriftAlarms();

  Drifts(Guard guard, Store store, InstantSource clock, BufferAllocator allocator) {
    this.guard = guard;
    this.store = store;
    this.clock = clock;
    this.allocator = allocator;
  }

  private record Name(String model, String version) {}

  /** A model in memory and when its drift is an alarm. */
  record Watched(String model, String version, DriftLimits limits, Drift drift) {}

  /**
   * A version of a model in memory.
   *
   * @param baseline what is compared with; without columns if there is none
   * @param places where it is used, of those that the caller sees
   */
  public record View(
      String model,
      String version,
      DriftLimits limits,
      BaselineDocument baseline,
      List<Drift.Figures> places) {}

  void load() {
    Binder binder = new Binder(Path.of("/"), new Secrets(Path.of("/")));
    store.transaction(rows ->
        rows.read(
            "SELECT model, version, document FROM baseline",
            row ->
                taken.put(
                    new Name(row.getString(1), row.getString(2)),
                    BaselineDocument.read(Documents.json(row.getString(3)), binder))));
  }

  /**
   * A model was loaded: from now on it is compared with its baseline.
   *
   * @param folder of {@code model.yaml}; empty for a model in code
   * @throws PluginException CONFIG_INVALID for a baseline that cannot be read
   */
  void watch(LoadedModel model, Optional<Path> folder) throws InterruptedException {
    Name name = new Name(model.spec().name(), model.spec().version());
    DriftLimits limits = DriftLimits.USUAL;
    Baseline baseline = taken.get(name);
    if (folder.isPresent()) {
      ModelDocument document = ModelFolder.read(folder.get());
      limits = document.drift().orElse(limits);
      if (baseline == null && document.baseline().isPresent()) {
        baseline = declared(model, folder.get(), document.baseline().get());
      }
    }
    model.drift().expect(baseline == null ? Baseline.NONE : baseline, limits.window());
    watched.put(model, new Watched(name.model(), name.version(), limits, model.drift()));
  }

  private Baseline declared(LoadedModel model, Path folder, Node node) throws InterruptedException {
    Optional<String> file = BaselineDocument.file(node);
    return file.isPresent()
        ? model.baseline(ModelFolder.beside(folder, "baseline", file.get()), allocator)
        : BaselineDocument.read(node, new Binder(folder, new Secrets(folder)));
  }

  /** The versions of a model in memory, and how they have moved, where the caller sees it. */
  public List<View> of(Caller caller, String model) {
    guard.requireEverywhere(caller, Role.VIEWER);
    return views(caller).stream().filter(view -> view.model().equals(model)).toList();
  }

  List<View> views(Caller caller) {
    return standing().stream()
        .map(one ->
            new View(
                one.model(),
                one.version(),
                one.limits(),
                BaselineDocument.of(one.drift().expected()),
                one.drift().figures().stream()
                    .filter(figures -> caller.sees(figures.place().workspace()))
                    .toList()))
        .toList();
  }

  private List<Watched> standing() {
    watched.keySet().removeIf(LoadedModel::closed);
    List<Watched> all = new ArrayList<>(watched.values());
    all.sort(Comparator.comparing(Watched::model).thenComparing(Watched::version));
    return all;
  }

  /**
   * Takes what was seen within the window as the baseline of a version, from now on and after a
   * restart.
   *
   * @param workspace whose use counts; all if empty
   * @param pipeline of it; callers and pipelines if empty
   * @throws PluginException NOT_FOUND if the version is not in memory; EXHAUSTED while too little
   *     was seen
   */
  public View take(
      Caller caller,
      String model,
      String version,
      Optional<String> workspace,
      Optional<String> pipeline) {
    guard.requireEverywhere(caller, Role.OPERATOR);
    Watched one = find(model, version);
    Baseline seen =
        one.drift()
            .seen(place ->
                workspace.map(place.workspace()::equals).orElse(true)
                    && pipeline.map(place.pipeline()::equals).orElse(true));
    String document = RecordJson.of(BaselineDocument.of(seen)).toString();
    store.transaction(rows -> {
      rows.change(
          "INSERT INTO baseline (model, version, document, taken) VALUES (?, ?, ?, ?)"
              + " ON CONFLICT (model, version) DO UPDATE SET document = excluded.document,"
              + " taken = excluded.taken",
          model,
          version,
          document,
          clock.millis());
      guard.note(rows, caller, "model.baseline", model + "@" + version, "");
      return true;
    });
    taken.put(new Name(model, version), seen);
    one.drift().expect(seen, one.limits().window());
    return view(caller, model, version);
  }

  private View view(Caller caller, String model, String version) {
    return views(caller).stream()
        .filter(view -> view.model().equals(model) && view.version().equals(version))
        .findFirst()
        .orElseThrow(() -> absent(model, version));
  }

  private Watched find(String model, String version) {
    return standing().stream()
        .filter(one -> one.model().equals(model) && one.version().equals(version))
        .findFirst()
        .orElseThrow(() -> absent(model, version));
  }

  private static PluginException absent(String model, String version) {
    return new PluginException(
        ErrorCode.NOT_FOUND,
        "model %s@%s is not in memory, so that nothing was seen of it".formatted(model, version));
  }

  /** What is beyond its limits at the moment; called by one thread at a time. */
  List<DriftAlarms.Trouble> troubles() {
    return alarms.look(standing());
  }
}
