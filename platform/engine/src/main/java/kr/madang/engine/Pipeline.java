package kr.madang.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import kr.madang.engine.PipelineStatus.Phase;
import kr.madang.engine.PipelineStatus.StageStatus;
import kr.madang.engine.PipelineStatus.State;
import kr.madang.sdk.error.ErrorCode;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A pipeline that was started. Methods may be called from any thread. */
public final class Pipeline {
  private static final Logger LOG = LoggerFactory.getLogger(Pipeline.class);
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);
  private static final Duration LONGEST_CALL = Duration.ofSeconds(30);
  private static final Duration LONGEST_DRAIN = Duration.ofDays(365);
  private static final Duration TAP_LIMIT = Duration.ofSeconds(1);
  private static final long TURN = TimeUnit.MILLISECONDS.toNanos(50);

  private final Graph graph;
  private final EngineOptions options;
  private final Scene scene;
  private final BufferAllocator allocator;
  private final CompletableFuture<PipelineStatus> ended = new CompletableFuture<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final CountDownLatch working = new CountDownLatch(1);
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicBoolean freed = new AtomicBoolean();
  private volatile @Nullable Plan plan;

  private Phase phase = Phase.STARTING;
  private String reason = "";
  private Instant since;
  private boolean failed;
  private boolean stopRequested;
  private volatile boolean released;
  private long deadline = Long.MAX_VALUE;

  Pipeline(Graph graph, EngineOptions options, Connections connections) {
    this.graph = graph;
    this.options = options;
    this.since = options.clock().instant();
    this.allocator =
        options
            .allocator()
            .newChildAllocator(
                graph.workspace() + "/" + graph.pipeline(), 0, graph.limits().memory());
    try {
      this.scene =
          Scene.of(
              graph,
              options,
              allocator,
              new PipelineStore(options.state(), graph.workspace(), graph.pipeline()),
              connections,
              this::stageFailed);
    } catch (RuntimeException e) {
      allocator.close();
      throw e;
    }
  }

  void start() {
    try {
      options.threads().newThread(this::conduct).start();
    } catch (Throwable e) {
      allocator.close();
      throw e;
    }
  }

  /** How it is now. */
  public PipelineStatus status() {
    List<StageStatus> stages = new ArrayList<>();
    scene.states().forEach(state -> stages.add(state.snapshot()));
    synchronized (this) {
      Phase shown = phase;
      String why = reason;
      if (phase == Phase.RUNNING) {
        StageStatus troubled =
            stages.stream()
                .filter(s -> s.state() == State.RETRYING || s.state() == State.HANGING)
                .findFirst()
                .orElse(null);
        if (troubled != null) {
          shown = Phase.DEGRADED;
          why = troubled.name() + ": " + troubled.reason();
        }
      }
      return new PipelineStatus(shown, why, since, List.copyOf(stages));
    }
  }

  /** Where every row is. */
  public Ledger ledger() {
    Plan known = plan;
    return new Ledger(scene.accounts(), known == null ? List.of() : known.links());
  }

  /** How the tags of each source are. */
  public List<SourceTags> tags() {
    return scene.tags();
  }

  /**
   * Looks at what a stage emits (for a sink, at what it is given). Taps are lossy and never slow a
   * pipeline down.
   *
   * @param capacity batches kept for the reader before new ones are skipped
   * @throws kr.madang.sdk.error.PluginException NOT_FOUND for an unknown stage
   */
  public Tap tap(String stage, int capacity) {
    var taps = scene.taps(stage);
    Tap[] made = new Tap[1];
    Tap tap = new Tap(capacity, () -> taps.remove(made[0]));
    made[0] = tap;
    taps.add(tap);
    if (released) {
      tap.close();
    }
    return tap;
  }

  /** The latest rejected rows that are still kept, newest last. */
  public List<Reject> rejects(int atMost) {
    return new DeadLetters(scene.streams(), options.allocator())
        .list(Optional.empty(), Optional.empty(), atMost).stream()
            .map(letter ->
                new Reject(
                    letter.time(), letter.stage(), letter.why(), letter.rows(), letter.text()))
            .toList();
  }

  /** Stops the sources, delivers what is under way, and forces the end after the given time. */
  public void stop(Duration drain) {
    Duration wait = drain.compareTo(LONGEST_DRAIN) < 0 ? drain : LONGEST_DRAIN;
    synchronized (this) {
      stopRequested = true;
      deadline = Math.min(deadline, System.nanoTime() + wait.toNanos());
      if (phase == Phase.RUNNING || phase == Phase.STARTING) {
        to(Phase.DRAINING, "");
      }
    }
    scene.stopping().stop();
  }

  /** Completes with the last status when the pipeline has ended and everything is released. */
  public CompletableFuture<PipelineStatus> ended() {
    return ended.copy();
  }

  private void conduct() {
    try {
      List<Plan.Work> work = prepare();
      if (!work.isEmpty()) {
        launch(work);
        await();
      }
    } catch (InterruptedException _) {
      forceQuietly();
    } catch (Throwable e) {
      fail(e);
      forceQuietly();
    } finally {
      release();
    }
  }

  /** Fits the stages together; no work if it is told to stop meanwhile. */
  private List<Plan.Work> prepare() throws Exception {
    Fitting fitting = new Fitting(graph, scene::step, this::attempt, scene.stopping()::stopped);
    boolean ready = false;
    try {
      fitting.open();
      Plan made =
          switch (graph.durability()) {
            case Durability.None _ -> new Wiring(graph, fitting, scene, options.threads());
            case Durability.Journaled journaled ->
                new JournaledWiring(graph, journaled, fitting, scene, options.threads());
          };
      List<Plan.Work> work = made.work();
      plan = made;
      synchronized (this) {
        ready = phase == Phase.STARTING;
        if (ready) {
          to(Phase.RUNNING, "");
        }
      }
      if (!ready) {
        made.discard();
      }
      return ready ? work : List.of();
    } finally {
      if (!ready) {
        fitting.close();
      }
    }
  }

  /** One stage is looked at or opened; the one that ends the start says so itself. */
  private void attempt(String stage, Retry.Call call) throws Exception {
    StageState state = scene.state(stage);
    try {
      scene.opening().run(state, call, () -> {});
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      state.failed(e);
      throw e;
    }
  }

  private void launch(List<Plan.Work> work) {
    running.set(work.size());
    int begun = 0;
    try {
      for (Plan.Work each : work) {
        Thread thread = each.threads().newThread(() -> run(each.run()));
        threads.add(thread);
        thread.start();
        begun++;
      }
    } catch (Throwable e) {
      fail(e);
      scene.stopping().stop();
      scene.aborted().stop();
      abort();
      // Those that got no thread find that they are to end, and free what they have.
      work.subList(begun, work.size()).forEach(each -> run(each.run()));
      forceQuietly();
    }
  }

  private void run(Runnable work) {
    try {
      work.run();
    } finally {
      if (work instanceof SinkRun<?>) {
        scene.sinksDone().countDown();
      }
      if (running.decrementAndGet() == 0) {
        working.countDown();
        if (released) {
          free(); // This one did not end when told to; now it has.
        }
      }
    }
  }

  private void await() throws InterruptedException {
    while (!working.await(TURN, TimeUnit.NANOSECONDS)) {
      Duration longest = longestCall();
      scene.states().forEach(state -> state.interruptAfter(longest));
      if (System.nanoTime() - due() > 0) {
        force();
        return;
      }
    }
  }

  private Duration longestCall() {
    Duration four = graph.limits().timeout().multipliedBy(4);
    return four.compareTo(LONGEST_CALL) > 0 ? four : LONGEST_CALL;
  }

  private synchronized long due() {
    return deadline == Long.MAX_VALUE ? System.nanoTime() + 1 : deadline;
  }

  private void force() throws InterruptedException {
    scene.stopping().stop();
    scene.aborted().stop();
    abort();
    // Twice: a plugin may have been told while it was about to wait for something else.
    for (int time = 0; time < 2; time++) {
      threads.forEach(Thread::interrupt);
      if (working.await(LAST_WORDS.toNanos() / 2, TimeUnit.NANOSECONDS)) {
        return;
      }
    }
    List<String> left = threads.stream().filter(Thread::isAlive).map(Thread::getName).toList();
    synchronized (this) {
      reason = "threads that did not end when told to: " + String.join(", ", left);
    }
  }

  private void abort() {
    Plan known = plan;
    if (known != null) {
      known.abort();
    }
  }

  private void forceQuietly() {
    if (running.get() > 0) {
      try {
        force();
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void stageFailed(String stage, Throwable thrown) {
    synchronized (this) {
      if (!failed) {
        failed = true;
        reason = stage + ": " + Errors.message(thrown);
      }
      deadline =
          Math.min(
              deadline, System.nanoTime() + graph.limits().timeout().multipliedBy(2).toNanos());
      if (phase == Phase.RUNNING) {
        to(Phase.DRAINING, reason);
      }
    }
    scene.stopping().stop();
  }

  private synchronized void fail(Throwable thrown) {
    if (Errors.code(thrown).equals(ErrorCode.BUG)) {
      LOG.error("pipeline {}/{}", graph.workspace(), graph.pipeline(), thrown);
    }
    failed = true;
    reason = Errors.message(thrown);
  }

  private void release() {
    released = true;
    graph.sources().forEach(node -> scene.taps(node.name()).forEach(Tap::end));
    graph.steps().forEach(node -> scene.taps(node.name()).forEach(Tap::end));
    graph.sinks().forEach(node -> scene.taps(node.name()).forEach(Tap::end));
    if (running.get() > 0) {
      LOG.error("{}/{}: {}", graph.workspace(), graph.pipeline(), reason);
    } else {
      free();
    }
    synchronized (this) {
      String why = reason;
      to(failed ? Phase.FAILED : stopRequested ? Phase.STOPPED : Phase.FINISHED, why);
    }
    ended.complete(status());
  }

  private void free() {
    if (!freed.compareAndSet(false, true)) {
      return;
    }
    // The reader of a tap may have a batch in hand.
    long end = System.nanoTime() + TAP_LIMIT.toNanos();
    while (allocator.getAllocatedMemory() > 0 && System.nanoTime() - end < 0) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    try {
      allocator.close();
    } catch (IllegalStateException e) {
      LOG.error("{}/{}: {}", graph.workspace(), graph.pipeline(), e.getMessage());
    }
  }

  private synchronized void to(Phase next, @Nullable String why) {
    phase = next;
    reason = why == null ? "" : why;
    since = options.clock().instant();
  }
}
