package kr.madang.engine;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import kr.madang.journal.Appended;
import kr.madang.journal.Entry;
import kr.madang.journal.Journal;
import kr.madang.journal.JournalStream;
import kr.madang.journal.Logged;
import kr.madang.journal.Reader;
import kr.madang.sdk.batch.Batch;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the sources gave in the order of the journal and drives all steps, on one thread: the
 * same input then gives the same output, also after a crash. Now and then it writes down how
 * everything stands.
 */
final class Feed implements Runnable {
  private static final Duration TURN = Duration.ofMillis(50);
  private static final Duration LAST = Duration.ofSeconds(5);
  private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);
  private static final int SMALL_STATE = 1 << 20;

  /** Percent of the journal beyond which rows are released sooner. */
  private static final int CROWDED = 40;

  /** Up to where the input is done, once a record is forced. */
  private record Written(long order, long number, Map<String, Long> inputs) {}

  private final Scene scene;
  private final Streams streams;
  private final Journal journal;
  private final JournalStream again;
  private final JournalStream state;
  private final String version;
  private final Map<String, JournalStream> sources;
  private final Map<String, Downstream> heads;
  private final Map<String, StepRun> steps;
  private final List<Outlet> outlets;
  private final Arrivals arrivals;
  private final Traffic traffic;
  private final Map<String, Long> inputs = new LinkedHashMap<>();
  private final Map<String, byte[]> positions = new LinkedHashMap<>();
  private final ArrayDeque<Written> unforced = new ArrayDeque<>();
  private @Nullable Written safe;
  private Map<String, Long> released = Map.of();
  private long pause = PAUSE;
  private long written = System.nanoTime();
  private boolean changed;
  private boolean warned;
  private long before;
  private boolean repeating = true;

  /**
   * A feed.
   *
   * @param sources by name
   * @param heads what stands behind each source, and every stage to which rows can be put back
   * @param steps in the order of the graph
   */
  Feed(
      Scene scene,
      String version,
      JournalStream again,
      JournalStream state,
      Map<String, JournalStream> sources,
      Map<String, Downstream> heads,
      Map<String, StepRun> steps,
      List<Outlet> outlets,
      Arrivals arrivals,
      Traffic traffic) {
    this.scene = scene;
    this.streams = scene.streams();
    this.journal = streams.journal();
    this.again = again;
    this.state = state;
    this.version = version;
    this.sources = sources;
    this.heads = heads;
    this.steps = steps;
    this.outlets = outlets;
    this.arrivals = arrivals;
    this.traffic = traffic;
  }

  /** Goes on from the last checkpoint; before the thread runs. */
  void restore() throws Exception {
    Checkpoint from = latest();
    sources.forEach((name, stream) -> inputs.put(name, resumed(from, name, stream)));
    inputs.put("", resumed(from, "", again));
    if (from != null) {
      positions.putAll(from.positions());
      boolean same = from.version().equals(version);
      for (Map.Entry<String, StepRun> step : steps.entrySet()) {
        String name = step.getKey();
        Ledger.Stage counted = from.accounts().get(name);
        StateCodec codec = from.states().get(name);
        if (same && counted != null && codec != null) {
          step.getValue().restore(codec, counted);
        }
        Long letters = from.letters().get(name);
        scene.letters().counted(name, letters == null ? 0 : letters);
      }
      if (!same) {
        scene.log().info("the steps have changed: they begin without what they held");
      }
      for (Outlet outlet : outlets) {
        Long count = from.outputs().get(outlet.sink());
        if (count != null) {
          outlet.count(count);
        }
      }
      traffic.resume(from.links());
    } else if (inputs.values().stream().allMatch(next -> next == 0)) {
      steps.keySet().forEach(name -> scene.letters().counted(name, 0));
      outlets.forEach(outlet -> outlet.count(0));
    } else {
      scene
          .log()
          .error(
              "no checkpoint can be read: the steps begin anew with what is left of their input,"
                  + " and rows may come out twice");
    }
    Written start = new Written(-1, state.next(), Map.copyOf(inputs));
    safe = start;
    release(start);
    before = sources.values().stream().mapToLong(JournalStream::next).sum() + again.next();
  }

  /** Where a source stood behind the rows of the last checkpoint; empty if it did not say. */
  byte[] position(String source) {
    return positions.getOrDefault(source, new byte[0]);
  }

  private static long resumed(@Nullable Checkpoint from, String name, JournalStream stream) {
    Long next = from == null ? null : from.inputs().get(name);
    return next == null ? stream.status().first() : next;
  }

  private @Nullable Checkpoint latest() {
    for (int back = 0; back < 2; back++) {
      Logged logged = journal.latest(state, back, scene.allocator()).orElse(null);
      try {
        if (logged instanceof Logged.Note note) {
          return Checkpoint.decode(note.meta(), scene.allocator());
        }
      } catch (RuntimeException e) {
        scene.log().error("a checkpoint cannot be read, the one before it is taken", e);
      }
    }
    return null;
  }

  @Override
  public void run() {
    boolean finished = false;
    boolean whole = false;
    try (Reader reader = journal.read(positions(), scene.allocator())) {
      finished = read(reader);
      for (StepRun step : steps.values()) {
        step.complete(finished);
      }
      whole = true;
    } catch (InterruptedException e) {
      if (!scene.stopping().stopped() && !scene.aborted().stopped()) {
        fail(e);
      }
    } catch (Throwable e) {
      fail(e);
    } finally {
      try {
        if (whole) {
          leave();
        }
      } catch (InterruptedException _) {
        // What was written last may be missing: it is worked on again.
      } finally {
        boolean byThemselves = finished && whole;
        outlets.forEach(outlet -> outlet.end(byThemselves));
        steps.values().forEach(StepRun::close);
      }
    }
  }

  private Map<String, Long> positions() {
    Map<String, Long> from = new LinkedHashMap<>();
    sources.forEach((name, stream) -> from.put(stream.name(), input(name)));
    from.put(again.name(), input(""));
    return from;
  }

  private long input(String source) {
    return Objects.requireNonNull(inputs.get(source));
  }

  private void fail(Throwable thrown) {
    StepRun culprit = steps.values().stream().filter(StepRun::failed).findFirst().orElse(null);
    if (culprit != null) {
      culprit.fail(thrown);
      scene.fail(culprit.name(), thrown);
    } else {
      scene.fail("feed", thrown);
    }
  }

  /** Until nothing more comes; true if the sources came to their end by themselves. */
  private boolean read(Reader reader) throws Exception {
    while (!scene.aborted().stopped()) {
      Logged next = reader.poll(TURN);
      if (next != null) {
        take(next);
      } else if (arrivals.allEnded() && journal.forced() >= arrivals.last() && reader.atEnd()) {
        return arrivals.finished();
      }
      if (scene.graceOver() && arrivals.allEnded() && !arrivals.finished()) {
        return false;
      }
      confirm();
      if (repeating && inputs.values().stream().mapToLong(Long::longValue).sum() >= before) {
        repeating = false;
        outlets.forEach(Outlet::repeated);
      }
      if ((changed || behind()) && System.nanoTime() - written > pause()) {
        checkpoint();
      }
    }
    throw new InterruptedException();
  }

  private void take(Logged logged) throws InterruptedException {
    boolean back = logged.stream().equals(again.name());
    String source = back ? "" : logged.stream().substring(streams.pipeline().length() + 1);
    switch (logged) {
      case Logged.Rows rows -> {
        int count = rows.batch().rows();
        String target = back ? target(rows.meta()) : source;
        Downstream head = heads.get(target);
        if (head == null) {
          rows.batch().close();
          scene.log().error("{} rows were put back for stage {}, which is gone", count, target);
        } else {
          if (back) {
            traffic.putBack(target, count);
          } else {
            traffic.received(source, count);
          }
          give(head, rows.batch(), target);
        }
        inputs.put(source, rows.sequence() + count);
        (back ? again : Objects.requireNonNull(sources.get(source))).taken(rows.sequence() + count);
        stood(source, back, rows.meta());
        changed = true;
      }
      case Logged.Gap gap -> {
        inputs.put(source, gap.to());
        traffic.gone(source, gap.to() - gap.sequence());
        scene
            .log()
            .error(
                "rows {} to {} of source {} are gone from the journal: {}",
                gap.sequence(),
                gap.to() - 1,
                source,
                gap.cause());
        changed = true;
      }
      case Logged.Note note -> stood(source, back, note.meta());
    }
  }

  private void stood(String source, boolean back, byte[] position) {
    if (!back && position.length > 0) {
      positions.put(source, position);
      changed = true;
    }
  }

  /** Meta of what is put back: the name of the stage. */
  static String target(byte[] meta) {
    return new String(meta, StandardCharsets.UTF_8);
  }

  private void give(Downstream head, Batch batch, String stage) throws InterruptedException {
    Batch stamped = batch.retainAs(scene.stream(stage), batch.epoch(), batch.sequence());
    batch.close();
    head.data(stamped);
    head.settle();
  }

  /** What a forced checkpoint no longer needs is released, but for one that may stand in for it. */
  private void confirm() {
    while (!unforced.isEmpty() && unforced.peek().order <= journal.forced()) {
      Written before = safe;
      safe = unforced.remove();
      if (before != null) {
        release(before);
      }
    }
  }

  /** Input that only the checkpoint before the last one needs is kept until there is another. */
  private boolean behind() {
    Written last = safe;
    return unforced.isEmpty() && last != null && !last.inputs.equals(released);
  }

  private long pause() {
    return journal.fill() > CROWDED ? pause / 10 : pause;
  }

  private void release(Written upTo) {
    released = upTo.inputs;
    sources.forEach((name, stream) -> release(stream, upTo.inputs.get(name)));
    release(again, upTo.inputs.get(""));
    state.release(Math.max(0, upTo.number - 2));
  }

  private static void release(JournalStream stream, @Nullable Long upTo) {
    if (upTo != null) {
      stream.release(upTo);
    }
  }

  private void checkpoint() throws Exception {
    written = System.nanoTime();
    Map<String, StateCodec> states = new LinkedHashMap<>();
    Map<String, Long> letters = new LinkedHashMap<>();
    Map<String, Ledger.Stage> accounts = new LinkedHashMap<>();
    for (StepRun step : steps.values()) {
      StateCodec codec = new StateCodec(scene.allocator());
      if (!step.save(codec)) {
        if (!warned) {
          warned = true;
          scene
              .log()
              .warn(
                  "step {} holds rows and saves no state: its input stays in the journal until it"
                      + " holds none",
                  step.name());
        }
        return;
      }
      states.put(step.name(), codec);
      letters.put(step.name(), scene.letters().counted(step.name()));
      accounts.put(step.name(), step.counted());
    }
    Map<String, Long> outputs = new LinkedHashMap<>();
    outlets.forEach(outlet -> outputs.put(outlet.sink(), outlet.count()));
    byte[] bytes =
        new Checkpoint(
                version,
                Map.copyOf(inputs),
                positions,
                states,
                outputs,
                letters,
                accounts,
                traffic.snapshot())
            .encode();
    pause = PAUSE * Math.max(1, bytes.length / SMALL_STATE);
    Appended done = journal.append(List.of(Entry.note(state, bytes)), Duration.ZERO);
    if (done.outcome() == Appended.Outcome.TAKEN) {
      unforced.add(new Written(done.order(), state.next(), Map.copyOf(inputs)));
      changed = false;
    }
  }

  /** How everything stands is written down a last time, and all of it forced. */
  private void leave() throws InterruptedException {
    try {
      if (changed) {
        checkpoint();
      }
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      scene.log().warn("no last checkpoint: {}", Errors.message(e));
    }
    long last = unforced.isEmpty() ? -1 : unforced.peekLast().order;
    for (Outlet outlet : outlets) {
      last = Math.max(last, outlet.order());
    }
    if (last >= 0 && !journal.awaitForced(last, LAST)) {
      scene.log().warn("the journal does not force: what came last is worked on again");
    }
    confirm();
  }
}
