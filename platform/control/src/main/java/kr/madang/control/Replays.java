package kr.madang.control;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import kr.madang.control.PipelineTable.Key;
import kr.madang.control.PipelineTable.Stored;
import kr.madang.control.config.Binder;
import kr.madang.control.spec.PipelineSpec;
import kr.madang.control.store.Store;
import kr.madang.engine.Engine;
import kr.madang.engine.Recording;
import kr.madang.engine.Replay;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/**
 * What was recorded of pipelines, and replays of it. Few run at once; results are kept up to a
 * number and a size in each workspace, beyond which the oldest go.
 */
public final class Replays {
  private static final int AT_ONCE = 2;
  private static final int KEPT = 50;
  private static final long KEPT_BYTES = 4L << 30;
  private static final Duration END = Duration.ofSeconds(10);

  private final Guard guard;
  private final Reconciler reconciler;
  private final Resolver resolver;
  private final Binder binder;
  private final Engine engine;
  private final Store store;
  private final ReplayShelf shelf;
  private final InstantSource clock;
  private final ThreadFactory threads;
  private final boolean safe;
  private final Map<String, ReplayRun> running = new LinkedHashMap<>();
  private final Map<String, ReplayView> ended = new LinkedHashMap<>();
  private boolean loaded;
  private boolean closed;
  private int starting;

  /**
   * What is needed.
   *
   * @param resolver whose steps raise no alarms
   */
  Replays(
      Guard guard,
      Reconciler reconciler,
      Resolver resolver,
      Binder binder,
      Engine engine,
      Store store,
      ReplayShelf shelf,
      InstantSource clock,
      ThreadFactory threads,
      boolean safe) {
    this.guard = guard;
    this.reconciler = reconciler;
    this.resolver = resolver;
    this.binder = binder;
    this.engine = engine;
    this.store = store;
    this.shelf = shelf;
    this.clock = clock;
    this.threads = threads;
    this.safe = safe;
  }

  /**
   * What to replay.
   *
   * @param document of a pipeline; empty for the stored one
   * @param format of the document
   * @param revision of the stored document; empty for the newest
   * @param range which part of the recording
   * @param label names the result for people; may be empty
   */
  public record Request(
      Optional<String> document,
      Format format,
      Optional<Long> revision,
      Recording.Range range,
      String label) {}

  /** What the journal still has of the input of a pipeline. */
  public Recording recording(Caller caller, String workspace, String pipeline) {
    found(caller, workspace, pipeline, Role.VIEWER);
    return engine.recording(workspace, pipeline);
  }

  /**
   * Starts a replay and returns at once.
   *
   * @throws PluginException CONFLICT in safe mode, EXHAUSTED when too many run, CONFIG_INVALID for
   *     a document that is wrong or lacks something
   */
  public ReplayView start(Caller caller, String workspace, String pipeline, Request request) {
    Stored stored = found(caller, workspace, pipeline, Role.MEMBER);
    if (safe) {
      throw SafeMode.refusal("a replay");
    }
    enter();
    try {
      return begin(caller, stored, request);
    } finally {
      leave();
    }
  }

  private synchronized void enter() {
    load();
    if (closed || running.size() + starting >= AT_ONCE) {
      throw new PluginException(
          ErrorCode.EXHAUSTED,
          AT_ONCE + " replays run already: wait until one has ended, or delete one");
    }
    starting++;
  }

  private synchronized void leave() {
    starting--;
  }

  private ReplayView begin(Caller caller, Stored stored, Request request) {
    Key key = stored.key();
    Stored chosen = chosen(stored, request);
    PipelineSpec spec =
        PipelineFile.read(chosen.document(), chosen.format(), binder, PipelineSpec.Usual.SERVED);
    boolean newest = request.document().isEmpty() && chosen.revision() == stored.revision();
    List<PipelineView.Pin> pins =
        newest ? reconciler.with(key, unit -> unit.pins).orElse(List.of()) : List.of();
    switch (resolver.resolve(key.workspace(), spec, binder, pins)) {
      case Resolution.Parked(String reason) ->
          throw new PluginException(ErrorCode.CONFIG_INVALID, reason);
      case Resolution.Ready ready -> {
        String id = shelf.newId();
        String what = request.document().isPresent() ? "document" : "revision " + chosen.revision();
        String label = request.label().isEmpty() ? what : request.label();
        ReplayView view =
            new ReplayView(
                id,
                key.workspace(),
                key.name(),
                label,
                version(what, ready.pins()),
                ReplayView.RUNNING,
                "",
                0,
                0,
                0,
                clock.instant(),
                Optional.empty(),
                0,
                List.of(),
                Map.of(),
                Map.of());
        boolean started = false;
        try {
          makeRoom(key.workspace());
          shelf.write(view);
          note(caller, "replay.start", key, id + ", " + view.version());
          Replay replay =
              engine.replay(
                  ready.graph(),
                  key.name(),
                  request.range(),
                  shelf.result(key.workspace(), id),
                  label);
          started = true;
          follow(new ReplayRun(view, replay, ready.holds(), shelf, clock, KEPT_BYTES));
          return view;
        } finally {
          if (!started) {
            ready.holds().close();
            shelf.delete(key.workspace(), id);
          }
        }
      }
    }
  }

  private Stored chosen(Stored stored, Request request) {
    if (request.document().isPresent()) {
      if (request.revision().isPresent()) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID, "say either document or revision, not both");
      }
      return stored.with(request.document().get(), request.format());
    }
    long revision = request.revision().orElse(stored.revision());
    return revision == stored.revision()
        ? stored
        : store
            .transaction(rows -> PipelineTable.revision(rows, stored, revision))
            .orElseThrow(() ->
                new PluginException(
                    ErrorCode.NOT_FOUND,
                    "pipeline '"
                        + stored.key().name()
                        + "' has no revision "
                        + revision
                        + " any more, or never had: it is at "
                        + stored.revision()
                        + ", and the latest "
                        + PipelineTable.REVISIONS
                        + " are kept"));
  }

  private static String version(String what, List<PipelineView.Pin> pins) {
    List<String> parts = new ArrayList<>(List.of(what));
    pins.forEach(pin -> parts.add(pin.resolved()));
    return String.join(", ", parts);
  }

  private void follow(ReplayRun run) {
    synchronized (this) {
      running.put(run.id(), run);
    }
    threads
        .newThread(() -> {
          ReplayView last = run.await();
          synchronized (this) {
            running.remove(run.id());
            if (!run.unwanted()) {
              ended.put(last.id(), last);
            }
            notifyAll();
          }
          makeRoom(last.workspace());
        })
        .start();
  }

  /** Deletes the oldest until number and size of those that ended are within the bounds. */
  private void makeRoom(String workspace) {
    List<ReplayView> surplus = new ArrayList<>();
    synchronized (this) {
      List<ReplayView> newestFirst =
          ended.values().stream()
              .filter(view -> view.workspace().equals(workspace))
              .sorted(Comparator.comparing(ReplayView::startedAt).reversed())
              .toList();
      long bytes = 0;
      for (int i = 0; i < newestFirst.size(); i++) {
        ReplayView view = newestFirst.get(i);
        bytes += view.bytes();
        if (i >= KEPT || i > 0 && bytes > KEPT_BYTES) {
          surplus.add(view);
          ended.remove(view.id());
        }
      }
    }
    surplus.forEach(view -> shelf.delete(view.workspace(), view.id()));
  }

  /** The replays of a pipeline, the newest first. */
  public List<ReplayView> list(Caller caller, String workspace, String pipeline) {
    found(caller, workspace, pipeline, Role.VIEWER);
    return all().stream()
        .filter(view -> view.workspace().equals(workspace) && view.pipeline().equals(pipeline))
        .sorted(Comparator.comparing(ReplayView::startedAt).reversed())
        .toList();
  }

  private synchronized List<ReplayView> all() {
    load();
    List<ReplayView> all = new ArrayList<>(ended.values());
    running.values().forEach(run -> all.add(run.view()));
    return all;
  }

  /** One replay. */
  public ReplayView get(Caller caller, String workspace, String pipeline, String id) {
    return list(caller, workspace, pipeline).stream()
        .filter(view -> view.id().equals(id))
        .findFirst()
        .orElseThrow(() -> missing(id));
  }

  /** One that ended well, for a comparison. */
  ReplayView done(String workspace, String id) {
    ReplayView view =
        all().stream()
            .filter(one -> one.workspace().equals(workspace) && one.id().equals(id))
            .findFirst()
            .orElseThrow(() -> missing(id));
    if (!view.state().equals(ReplayView.DONE)) {
      throw new PluginException(
          ControlError.CONFLICT,
          "replay " + id + " is " + view.state() + ": only one that is done can be compared");
    }
    return view;
  }

  private static PluginException missing(String id) {
    return new PluginException(ErrorCode.NOT_FOUND, "replay '" + id + "' does not exist");
  }

  /** Ends a replay if it runs, and deletes its result. */
  public void delete(Caller caller, String workspace, String pipeline, String id) {
    ReplayView view = get(caller, workspace, pipeline, id);
    guard.require(caller, workspace, Role.MEMBER);
    note(caller, "replay.delete", new Key(workspace, pipeline), id);
    remove(view);
  }

  private void remove(ReplayView view) {
    synchronized (this) {
      ReplayRun run = running.get(view.id());
      if (run != null) {
        run.discard();
        return;
      }
      ended.remove(view.id());
    }
    shelf.delete(view.workspace(), view.id());
  }

  /** Removes what a deleted pipeline has left. */
  void forget(Key key) {
    for (ReplayView view : all()) {
      if (view.workspace().equals(key.workspace()) && view.pipeline().equals(key.name())) {
        remove(view);
      }
    }
  }

  /** Ends those that run. */
  synchronized void close() {
    closed = true;
    running.values().forEach(ReplayRun::cancel);
    long end = System.nanoTime() + END.toNanos();
    try {
      for (long left = END.toMillis();
          !running.isEmpty() && left > 0;
          left = (end - System.nanoTime()) / 1_000_000) {
        wait(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What an earlier process has left; called once, before the first look. */
  private void load() {
    if (loaded) {
      return;
    }
    loaded = true;
    Instant now = clock.instant();
    for (ReplayView view : shelf.all()) {
      if (view.running()) {
        ReplayView cut = ReplayRun.failed(view, "the runtime ended before the replay did", now);
        shelf.write(cut);
        ended.put(cut.id(), cut);
      } else {
        ended.put(view.id(), view);
      }
    }
  }

  private Stored found(Caller caller, String workspace, String pipeline, Role role) {
    guard.require(caller, workspace, role);
    Key key = new Key(workspace, pipeline);
    return reconciler.with(key, unit -> unit.stored).orElseThrow(() -> Pipelines.missing(key));
  }

  private void note(Caller caller, String verb, Key key, String detail) {
    store.transaction(rows -> {
      guard.note(rows, caller, verb, key.toString(), detail);
      return true;
    });
  }
}
