package kr.madang.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import kr.madang.control.PipelineTable.Key;
import kr.madang.control.PipelineTable.Stored;
import kr.madang.control.config.Binder;
import kr.madang.control.config.Secrets;
import kr.madang.control.inlet.Inlets;
import kr.madang.control.spec.PipelineSpec;
import kr.madang.control.store.Store;
import kr.madang.engine.Pipeline;
import kr.madang.engine.Recording;
import kr.madang.engine.Replay;
import kr.madang.engine.step.Steps;
import kr.madang.host.ArchiveLimits;
import kr.madang.host.HostError;
import kr.madang.host.ModelStore;
import kr.madang.host.PluginRef;
import kr.madang.host.StoredModel;
import kr.madang.inference.Inference;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/**
 * The control plane of one home. Every verb may be called from any thread, may block on the disk,
 * and throws {@link PluginException} with a code of {@link ErrorCode}, {@link
 * kr.madang.host.HostError}, {@link Store} or {@link ControlError}. What the caller may not see
 * answers NOT_FOUND.
 */
public final class Control implements AutoCloseable {
  private static final String DEFAULT = Guard.DEFAULT;

  /** Where nobody watches over a pipeline it gives up at last, and its end is its delivery. */
  private static final PipelineSpec.Usual IN_FOREGROUND = new PipelineSpec.Usual(8, false);

  private final ControlOptions options;
  private final Store store;
  private final Access access;
  private final Guard guard;
  private final Secrets secrets;
  private final AlarmBook book;
  private final Alarms alarms;
  private final PlatformAlarms platformAlarms;
  private final ModelStore modelStore;
  private final ModelShelf modelShelf;
  private final Imports imports;
  private final Pins pins;
  private final Models models;
  private final Uploads uploads;
  private final Serving serving;
  private final Aliases aliases;
  private final Rollouts rollouts;
  private final Workspaces workspaces;
  private final Inlets inlets = new Inlets();
  private final Usage usage;
  private final Drifts drifts;
  private final Resolver resolver;
  private final Checker checker;
  private final Reconciler reconciler;
  private final Plugins plugins;
  private final Pipelines pipelines;
  private final JournalRoom journalRoom;
  private final StageRows stageRows;
  private final DeadLetterVerbs deadLetters;
  private final Replays replays;
  private final Comparisons comparisons;
  private final long openedAt = System.nanoTime();

  private Control(ControlOptions options, Store store) {
    this.options = options;
    this.store = store;
    Path home = options.home();
    guard = new Guard(options.clock());
    secrets = new Secrets(home.resolve("secrets"));
    access = options.ephemeral() ? new Access() : Access.open(store, home, options.clock());
    book = new AlarmBook(() -> store, this::wake);
    alarms = new Alarms(guard, book, () -> store, options.clock());
    drifts = new Drifts(guard, store, options.clock(), options.allocator());
    Path models = home.resolve("models");
    modelStore = modelStore(models);
    modelShelf = new ModelShelf(options.host(), modelStore);
    imports =
        new Imports(
            options.inference(),
            options.allocator(),
            options.threads(),
            modelStore,
            models.resolve(".prepared"),
            !options.ephemeral());
    ModelOpener opener =
        new ModelOpener(
            options.host(),
            modelStore,
            modelShelf,
            imports,
            options.inference(),
            options.allocator(),
            models.resolve(".code"),
            drifts);
    ModelMemory memory = new ModelMemory(options.modelBytes(), options.inference()::deviceMemory);
    ModelRoom room = new ModelRoom(modelShelf, opener, imports, memory);
    pins = new Pins(guard, store, options.clock());
    serving = new Serving(guard, room, options.inference(), options.threads(), memory, pins);
    this.models = new Models(guard, room, serving, pins);
    aliases = new Aliases(guard, serving, store, options.clock());
    rollouts =
        new Rollouts(
            guard,
            serving,
            aliases,
            options.inference(),
            store,
            book,
            options.clock(),
            options.threads());
    room.aliases(aliases::version);
    opener.fallbacks(this::fallback);
    Followers followers = new Followers(room, book, options.clock());
    workspaces = new Workspaces(guard, store, access, options.inference(), options.clock());
    usage = new Usage(guard, store, options.inference(), options.clock(), options.threads());
    Map<PluginRef, String> desired = new ConcurrentHashMap<>();
    resolver =
        new Resolver(
            options.host(),
            options.inference(),
            room,
            Steps.all(new StageAlarms(book)),
            List.of(inlets.source()),
            options.threads(),
            plugin -> Plugins.isStopped(desired, plugin),
            followers,
            true);
    checker = new Checker(resolver, options.engine(), options.host());
    List<Path> roots = new ArrayList<>(List.of(home.resolve("data")));
    roots.addAll(options.roots());
    Binder binder = new Binder(home.resolve("data"), secrets, roots);
    platformAlarms =
        new PlatformAlarms(
            book,
            options.host(),
            options.journals(),
            modelStore,
            options.clock(),
            System::nanoTime,
            drifts::troubles,
            options.safe());
    reconciler =
        new Reconciler(
            new Starter(resolver, binder, options.engine(), store),
            platformAlarms,
            options.threads(),
            options.clock(),
            this::forget,
            options.safe());
    aliases.follow(model -> {
      followers.changed(model);
      reconciler.worldChanged();
    });
    plugins =
        new Plugins(
            options.host(),
            store,
            guard,
            reconciler,
            options.clock(),
            desired,
            options.safe(),
            room,
            serving);
    uploads =
        new Uploads(
            guard,
            store,
            modelStore,
            room,
            imports,
            this.models,
            serving,
            rollouts,
            reconciler,
            pins,
            options.safe());
    journalRoom = new JournalRoom(options.journals(), options.allocator());
    Resolver quiet =
        new Resolver(
            options.host(),
            options.inference(),
            room,
            Steps.all((_, _, _, _, _, _) -> {}),
            List.of(inlets.source()),
            options.threads(),
            plugin -> Plugins.isStopped(desired, plugin),
            null,
            false);
    ReplayShelf shelf = new ReplayShelf(home.resolve("replays"));
    replays =
        new Replays(
            guard,
            reconciler,
            quiet,
            binder,
            options.engine(),
            store,
            shelf,
            options.clock(),
            options.threads(),
            options.safe());
    comparisons =
        new Comparisons(
            guard, replays, shelf, store, options.allocator(), home.resolve("comparisons"));
    stageRows = new StageRows(guard, reconciler, journalRoom, inlets);
    deadLetters =
        new DeadLetterVerbs(guard, reconciler, store, options.engine(), options.allocator());
    pipelines =
        new Pipelines(
            store,
            guard,
            reconciler,
            resolver,
            checker,
            journalRoom,
            binder,
            options.safe(),
            book,
            options.clock());
  }

  private static ModelStore modelStore(Path folder) {
    try {
      return ModelStore.open(folder, ArchiveLimits.DEFAULT);
    } catch (IOException e) {
      throw new PluginException(
          HostError.STORAGE, "models in " + folder + " cannot be read: " + e, e);
    }
  }

  /** Opens the state in the home, or makes it; starts nothing before {@link #reconcile}. */
  public static Control open(ControlOptions options) {
    Store store;
    if (options.ephemeral()) {
      store = Store.inMemory();
    } else {
      try {
        Files.createDirectories(options.home().resolve("data"));
      } catch (IOException e) {
        throw new PluginException(
            HostError.STORAGE, "home " + options.home() + " cannot be made: " + e, e);
      }
      store = Store.open(options.home().resolve("control.db"));
    }
    try {
      Control control = new Control(options, store);
      control.load();
      return control;
    } catch (RuntimeException | Error e) {
      store.close();
      throw e;
    }
  }

  private void load() {
    if (options.ephemeral()) {
      guard.know(DEFAULT);
      return;
    }
    plugins.load();
    platformAlarms.load();
    workspaces.load();
    aliases.load();
    rollouts.load();
    drifts.load();
    pins.load();
    store.transaction(rows -> {
      for (Stored stored : PipelineTable.all(rows)) {
        reconciler.put(stored, PipelineTable.pins(rows, stored.key()));
      }
      return true;
    });
  }

  /** Removes what a deleted pipeline has left on disk. */
  private void forget(Key key) {
    Replays known = replays;
    known.forget(key);
    inlets.forget(key.workspace(), key.name());
    options.engine().forget(key.workspace(), key.name());
  }

  private void fallback(String model, String why) {
    var about = new AlarmBook.Subject("", "", model, "model.fallback");
    if (why.isEmpty()) {
      book.clear(about, options.clock().instant());
    } else {
      book.raise(
          about,
          "medium",
          "model " + model + " runs on the cores: " + why,
          options.clock().instant());
    }
  }

  /** The book wants to be written; the reconciler does that. */
  private void wake() {
    Reconciler known = reconciler;
    known.wake();
  }

  /** From now on keeps what runs at what should run. */
  public void reconcile() {
    if (!options.safe()) {
      options
          .threads()
          .newThread(() -> {
            plugins.startDesired();
            rollouts.resume();
          })
          .start();
      serving.start(options.modelIdle());
    }
    reconciler.start();
    usage.start();
    options.threads().newThread(this::checkModels).start();
  }

  /** Gigabytes may have to be read: nobody waits for it who does not need the model. */
  private void checkModels() {
    for (StoredModel model : modelStore.list()) {
      if (modelStore.check(model.name(), model.version()).isPresent()) {
        wake();
      }
    }
    imports.sweep(modelShelf.all(false));
  }

  /** Whether neither plugins nor pipelines are started. */
  public boolean safe() {
    return options.safe();
  }

  /** Who is who. */
  public Access access() {
    return access;
  }

  /** The plugins of this installation. */
  public Plugins plugins() {
    return plugins;
  }

  /** The models of all plugins, and those that were uploaded. */
  public Models models() {
    return models;
  }

  /** Models that come without a plugin. */
  public Uploads uploads() {
    return uploads;
  }

  /** The models for callers from outside. */
  public Serving serving() {
    return serving;
  }

  /** What names of models stand for. */
  public Rollouts rollouts() {
    return rollouts;
  }

  /** The workspaces, who may come in, and what they may have of the machine. */
  public Workspaces workspaces() {
    return workspaces;
  }

  /** How far what models see has moved from what it was. */
  public Drifts drifts() {
    return drifts;
  }

  /** What workspaces have used of the models. */
  public Usage usage() {
    return usage;
  }

  /** The pipelines of all workspaces. */
  public Pipelines pipelines() {
    return pipelines;
  }

  /** Rows that are sent into sources, and what was recorded of stages. */
  public StageRows stageRows() {
    return stageRows;
  }

  /** The rows that stages could not take. */
  public DeadLetterVerbs deadLetters() {
    return deadLetters;
  }

  /** What was recorded, and replays of it. */
  public Replays replays() {
    return replays;
  }

  /** Comparisons of replays. */
  public Comparisons comparisons() {
    return comparisons;
  }

  /** The journal of a workspace. */
  public JournalView journal(Caller caller, String workspace) {
    guard.require(caller, workspace, Role.VIEWER);
    return journalRoom.view(workspace);
  }

  /** The alarms of all workspaces. */
  public Alarms alarms() {
    return alarms;
  }

  private Metrics.Machine machine() {
    Inference inference = options.inference();
    return new Metrics.Machine(
        inference.permits(),
        inference.freePermits(),
        Duration.ofNanos(inference.backlogNanos()),
        inference.slabs().taken(),
        inference.slabs().most(),
        serving.memoryTaken(),
        serving.memoryBudget());
  }

  /** Figures of what the caller can see. */
  public Metrics metrics(Caller caller) {
    guard.requireEverywhere(caller, Role.VIEWER);
    return new Metrics(
        Duration.ofNanos(System.nanoTime() - openedAt),
        options.host().list().stream()
            .map(plugin -> plugin.state().name().toLowerCase(Locale.ROOT))
            .collect(Collectors.groupingBy(Function.identity(), Collectors.counting())),
        models.views().stream()
            .collect(Collectors.groupingBy(ModelView::state, Collectors.counting())),
        book.active().stream()
            .filter(alarm -> alarm.workspace().isEmpty() || caller.sees(alarm.workspace()))
            .collect(Collectors.groupingBy(Alarm::severity, Collectors.counting())),
        reconciler.all(PipelineUnit::figures).stream()
            .filter(figures -> caller.sees(figures.workspace()))
            .toList(),
        journalRoom.views().stream().filter(view -> caller.sees(view.workspace())).toList(),
        serving.index(),
        workspaces.list(caller),
        options.inference().uses().stream()
            .filter(use -> caller.sees(use.key().workspace()))
            .toList(),
        drifts.views(caller),
        machine(),
        models.views().stream().filter(view -> view.state().equals("loaded")).toList(),
        options.allocator().getAllocatedMemory(),
        options.safe());
  }

  /**
   * Resolves a document and starts it in the foreground, for the command line. Names that cannot be
   * resolved are errors here. A stage gives up after a number of failures in a row unless the
   * document says otherwise.
   *
   * @param base what relative paths in the document are relative to
   */
  public Running run(String document, Format format, Path base) {
    Binder binder = new Binder(base, secrets);
    PipelineSpec spec = PipelineFile.read(document, format, binder, IN_FOREGROUND);
    switch (resolver.resolve(DEFAULT, spec, binder, List.of())) {
      case Resolution.Parked(String reason) ->
          throw new PluginException(ErrorCode.NOT_FOUND, reason);
      case Resolution.Ready ready -> {
        boolean started = false;
        try {
          Pipeline pipeline = options.engine().start(ready.graph());
          started = true;
          return new Running(spec.name(), pipeline, ready.pins(), ready.holds()::close);
        } finally {
          if (!started) {
            ready.holds().close();
          }
        }
      }
    }
  }

  /**
   * Resolves a document and starts a replay of recorded input through it, for the command line.
   *
   * @param base what relative paths in the document are relative to
   * @param recorded the pipeline whose input it is; empty for that of the document's name
   * @param folder where results go; must be empty or missing
   * @param label names the result in a comparison
   */
  public Replaying replay(
      String workspace,
      String document,
      Format format,
      Path base,
      Optional<String> recorded,
      Recording.Range range,
      Path folder,
      String label) {
    Binder binder = new Binder(base, secrets);
    PipelineSpec spec = PipelineFile.read(document, format, binder, IN_FOREGROUND);
    switch (resolver.resolve(workspace, spec, binder, List.of())) {
      case Resolution.Parked(String reason) ->
          throw new PluginException(ErrorCode.NOT_FOUND, reason);
      case Resolution.Ready ready -> {
        boolean started = false;
        try {
          Replay replay =
              options
                  .engine()
                  .replay(ready.graph(), recorded.orElse(spec.name()), range, folder, label);
          started = true;
          return new Replaying(replay, ready.holds()::close);
        } finally {
          if (!started) {
            ready.holds().close();
          }
        }
      }
    }
  }

  /**
   * Checks a document without starting it, for the command line; see {@link Pipelines#check}.
   *
   * @param base what relative paths in the document are relative to
   */
  public CheckReport check(String document, Format format, Path base, boolean verify) {
    return checker.check(
        DEFAULT, document, format, new Binder(base, secrets), IN_FOREGROUND, verify);
  }

  /**
   * Stops all pipelines at once and waits until they have ended; what should run stays as it is.
   * Nothing is started afterwards.
   *
   * @param atMost after which they are ended by force
   */
  public void drain(Duration atMost) {
    rollouts.close();
    serving.close();
    replays.close();
    reconciler.drain(atMost);
  }

  /** Drains without patience and closes the state. */
  @Override
  public void close() {
    replays.close();
    reconciler.drain(Duration.ZERO);
    reconciler.close();
    imports.close();
    try {
      book.write();
      if (!options.ephemeral()) {
        usage.close();
      }
    } finally {
      store.close();
    }
  }
}
