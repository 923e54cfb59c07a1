package kr.madang.control;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import kr.madang.control.PipelineTable.Key;
import kr.madang.control.PipelineTable.Stored;
import kr.madang.control.PipelineView.Desired;
import kr.madang.control.config.Binder;
import kr.madang.control.spec.PipelineSpec;
import kr.madang.control.store.Store;
import kr.madang.engine.Ledger;
import kr.madang.engine.SourceTags;
import kr.madang.engine.Tap;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The pipelines of all workspaces. Verbs that change return as soon as the change is stored. */
public final class Pipelines {
  private static final Logger LOG = LoggerFactory.getLogger(Pipelines.class);
  private static final Duration REMOVAL = Duration.ofSeconds(30);

  private final Store store;
  private final Guard guard;
  private final Reconciler reconciler;
  private final Resolver resolver;
  private final Checker checker;
  private final JournalRoom journals;
  private final Binder binder;
  private final boolean safe;
  private final AlarmBook alarms;
  private final InstantSource clock;

  Pipelines(
      Store store,
      Guard guard,
      Reconciler reconciler,
      Resolver resolver,
      Checker checker,
      JournalRoom journals,
      Binder binder,
      boolean safe,
      AlarmBook alarms,
      InstantSource clock) {
    this.store = store;
    this.guard = guard;
    this.reconciler = reconciler;
    this.resolver = resolver;
    this.checker = checker;
    this.journals = journals;
    this.binder = binder;
    this.safe = safe;
    this.alarms = alarms;
    this.clock = clock;
  }

  /** All pipelines of a workspace, by name. */
  public List<PipelineView> list(Caller caller, String workspace) {
    guard.require(caller, workspace, Role.VIEWER);
    List<JournalView.Stream> waiting = journals.backlog(workspace);
    return reconciler.all(PipelineUnit::view).stream()
        .filter(view -> view.workspace().equals(workspace))
        .map(view -> with(view, waiting))
        .toList();
  }

  /** One pipeline. */
  public PipelineView get(Caller caller, String workspace, String name) {
    PipelineView view = see(caller, workspace, name, PipelineUnit::view);
    return with(view, journals.backlog(workspace));
  }

  private static PipelineView with(PipelineView view, List<JournalView.Stream> waiting) {
    return view.with(
        waiting.stream()
            .filter(stream -> stream.pipeline().equals(view.name()))
            .map(stream ->
                new PipelineView.Backlog(
                    stream.stage(), stream.backlog(), stream.bytes(), stream.oldest()))
            .toList());
  }

  /** The document as it was given. */
  public String spec(Caller caller, String workspace, String name) {
    return see(caller, workspace, name, unit -> unit.stored.document());
  }

  /** How the document is written. */
  public Format format(Caller caller, String workspace, String name) {
    return see(caller, workspace, name, unit -> unit.stored.format());
  }

  private <T> T see(Caller caller, String workspace, String name, Function<PipelineUnit, T> look) {
    guard.require(caller, workspace, Role.VIEWER);
    return found(new Key(workspace, name), look);
  }

  private <T> T found(Key key, Function<PipelineUnit, T> look) {
    return reconciler.with(key, look).orElseThrow(() -> missing(key));
  }

  static PluginException missing(Key key) {
    return new PluginException(
        ErrorCode.NOT_FOUND,
        "pipeline '" + key.name() + "' does not exist in workspace '" + key.workspace() + "'");
  }

  /**
   * Stores a new pipeline that should run. A document that is wrong is refused; one whose plugins
   * are missing is stored and parked. CONFLICT when the name is taken.
   */
  public PipelineView create(Caller caller, String workspace, String document, Format format) {
    guard.require(caller, workspace, Role.MEMBER);
    PipelineSpec spec = PipelineFile.read(document, format, binder, PipelineSpec.Usual.SERVED);
    Key key = new Key(workspace, spec.name());
    refuseWrong(workspace, spec);
    return store(caller, key, spec, document, format, true, Optional.empty());
  }

  /**
   * Replaces the document of a pipeline, or creates it when it is new; what should run stays as it
   * is. A running pipeline is drained and started again.
   *
   * @param ifMatch the revision that the caller has seen; another one is PRECONDITION
   */
  public PipelineView replace(
      Caller caller,
      String workspace,
      String name,
      String document,
      Format format,
      Optional<Long> ifMatch) {
    guard.require(caller, workspace, Role.MEMBER);
    PipelineSpec spec = PipelineFile.read(document, format, binder, PipelineSpec.Usual.SERVED);
    if (!spec.name().equals(name)) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "pipeline: expected '"
              + name
              + "', the name it is stored under, got '"
              + spec.name()
              + "'");
    }
    refuseWrong(workspace, spec);
    return store(caller, new Key(workspace, name), spec, document, format, false, ifMatch);
  }

  /** Refuses what no plugin that may come can make right. */
  private void refuseWrong(String workspace, PipelineSpec spec) {
    if (safe) {
      return;
    }
    try {
      if (resolver.resolve(workspace, spec, binder, List.of()) instanceof Resolution.Ready ready) {
        ready.holds().close();
      }
    } catch (PluginException e) {
      if (e.code().equals(ErrorCode.CONFIG_INVALID) || e.code().equals(ErrorCode.SCHEMA_MISFIT)) {
        throw e;
      }
    }
  }

  private PipelineView store(
      Caller caller,
      Key key,
      PipelineSpec spec,
      String document,
      Format format,
      boolean fresh,
      Optional<Long> ifMatch) {
    Instant now = clock.instant();
    store.transaction(
        rows -> {
          Optional<Stored> before = reconciler.with(key, unit -> unit.stored);
          if (fresh && before.isPresent()) {
            throw new PluginException(
                ControlError.CONFLICT,
                "pipeline '" + key.name() + "' exists: replace it, or take another name");
          }
          if (reconciler.leaving(key)) {
            throw new PluginException(
                ControlError.CONFLICT,
                "pipeline '"
                    + key.name()
                    + "' was deleted and still ends: try again in a moment, or take another name");
          }
          long revision = before.map(Stored::revision).orElse(0L);
          if (ifMatch.isPresent() && ifMatch.get() != revision) {
            throw new PluginException(
                ControlError.PRECONDITION,
                "pipeline '"
                    + key.name()
                    + "' is at revision "
                    + revision
                    + ", not at "
                    + ifMatch.get()
                    + ": look at it again");
          }
          Stored next =
              new Stored(
                  key,
                  spec.description(),
                  document,
                  format,
                  revision + 1,
                  before.map(Stored::desired).orElse(Desired.RUNNING),
                  before.map(Stored::created).orElse(now),
                  now);
          PipelineTable.put(rows, next);
          String verb = before.isPresent() ? "pipeline.replace" : "pipeline.create";
          guard.note(rows, caller, verb, key.toString(), "revision " + next.revision());
          return next;
        },
        next -> reconciler.put(next, List.of()));
    return found(key, PipelineUnit::view);
  }

  /** Asks that a pipeline runs; one that finished or failed is started again at once. */
  public PipelineView start(Caller caller, String workspace, String name) {
    guard.require(caller, workspace, Role.MEMBER);
    found(new Key(workspace, name), unit -> true);
    if (safe) {
      throw SafeMode.refusal("a start");
    }
    desire(caller, new Key(workspace, name), Desired.RUNNING);
    reconciler.again(new Key(workspace, name));
    return found(new Key(workspace, name), PipelineUnit::view);
  }

  /** Asks that a pipeline does not run. */
  public PipelineView stop(Caller caller, String workspace, String name) {
    desire(caller, new Key(workspace, name), Desired.STOPPED);
    return found(new Key(workspace, name), PipelineUnit::view);
  }

  private void desire(Caller caller, Key key, Desired desired) {
    guard.require(caller, key.workspace(), Role.MEMBER);
    store.transaction(
        rows -> {
          Stored stored = found(key, unit -> unit.stored).with(desired, clock.instant());
          PipelineTable.desire(rows, stored);
          String verb = desired == Desired.RUNNING ? "pipeline.start" : "pipeline.stop";
          guard.note(rows, caller, verb, key.toString(), "");
          return stored;
        },
        stored -> reconciler.put(stored, found(key, unit -> unit.pins)));
  }

  /** Stops a pipeline, waits until it has ended, and forgets it and its rejected rows. */
  public void delete(Caller caller, String workspace, String name) {
    guard.require(caller, workspace, Role.MEMBER);
    Key key = new Key(workspace, name);
    store.transaction(
        rows -> {
          found(key, unit -> true);
          PipelineTable.delete(rows, key);
          guard.note(rows, caller, "pipeline.delete", key.toString(), "");
          return key;
        },
        reconciler::leave);
    if (!reconciler.awaitGone(key, REMOVAL)) {
      LOG.warn("pipeline {} still ends; what it has left is removed when it has", key);
    }
    alarms.forget(workspace, name, clock.instant());
  }

  /** Where every row of the latest run is; empty if it has not run. */
  public Ledger ledger(Caller caller, String workspace, String name) {
    return see(caller, workspace, name, PipelineUnit::ledger);
  }

  /** How the tags of each source of the latest run are; empty if it has not run. */
  public List<SourceTags> tags(Caller caller, String workspace, String name) {
    return see(caller, workspace, name, PipelineUnit::tags);
  }

  /** A lossy look at what a stage emits; CONFLICT while the pipeline does not run. */
  public Tap tap(Caller caller, String workspace, String name, String stage, int capacity) {
    return see(
            caller,
            workspace,
            name,
            unit -> Optional.ofNullable(unit.running).map(it -> it.tap(stage, capacity)))
        .orElseThrow(() ->
            new PluginException(
                ControlError.CONFLICT, "pipeline '" + name + "' does not run: start it first"));
  }

  /**
   * Checks a document without starting it: parse, wiring, the schema of each stage.
   *
   * @param verify also lets each stage look at its far side
   */
  public CheckReport check(
      Caller caller, String workspace, String document, Format format, boolean verify) {
    guard.require(caller, workspace, Role.MEMBER);
    if (safe) {
      throw SafeMode.refusal("a check");
    }
    return checker.check(workspace, document, format, binder, PipelineSpec.Usual.SERVED, verify);
  }
}
