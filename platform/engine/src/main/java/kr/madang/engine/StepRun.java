package kr.madang.engine;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.Transform;

/** One running step: applies it, keeps its account, passes marks that nothing held depends on. */
final class StepRun implements Downstream {
  private final Transform transform;
  private final StageState state;
  private final Account account;
  private final Scene scene;
  private final String apply;
  private final List<Tap> taps;
  private final Marks marks = new Marks();
  private final Collector collector = new Collector();
  private Downstream next = new FanOut(List.of());
  private long seen;

  StepRun(Transform transform, StageState state, Account account, Scene scene) {
    this.transform = transform;
    this.state = state;
    this.account = account;
    this.scene = scene;
    this.apply = state.name() + ".apply";
    this.taps = scene.taps(state.name());
  }

  String name() {
    return state.name();
  }

  boolean failed() {
    return state.state() == PipelineStatus.State.FAILED;
  }

  void fail(Throwable thrown) {
    state.failed(thrown);
  }

  void next(Downstream next) {
    this.next = next;
  }

  @Override
  public void data(Batch batch) throws InterruptedException {
    try (batch) {
      account.begin(batch.rows());
      if (apply(batch)) {
        seen += batch.rows();
      }
      account.end(held());
    }
    forward();
  }

  @Override
  public void mark(int source, long number) throws InterruptedException {
    marks.add(source, number, seen);
    marks.advance(seen - held(), next::mark);
  }

  @Override
  public void settle() throws InterruptedException {
    next.settle();
  }

  @Override
  public void end(boolean finished) throws InterruptedException {
    complete(finished);
    next.end(finished);
  }

  /** No more rows come; {@code finished}: not because somebody said stop. */
  void complete(boolean finished) throws InterruptedException {
    if (finished) {
      flush();
      forward();
      marks.advance(Long.MAX_VALUE, next::mark);
    }
    state.done();
  }

  /** Writes the state; false if it keeps rows and says nothing of them. */
  boolean save(StateCodec into) throws Exception {
    state.call(state.name() + ".save", () -> transform.save(into));
    return held() == 0 || !into.isEmpty();
  }

  /** Goes on from a state and an account. */
  void restore(StateCodec from, Ledger.Stage counted) throws Exception {
    state.call(state.name() + ".restore", () -> transform.restore(from));
    account.resume(counted);
    seen = counted.in();
  }

  Ledger.Stage counted() {
    return account.snapshot();
  }

  /** What it holds and works on comes to nothing. */
  void abandon(String why) {
    account.abandon(why);
  }

  /** Frees the step; on the thread that drove it. */
  void close() {
    collector.discard();
    try {
      state.call(state.name() + ".close", transform::close);
    } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
      scene.log().warn("closing step {}: {}", state.name(), Errors.message(e));
    }
  }

  /** False if the batch was kept aside: one that a step cannot take must not block the stream. */
  private boolean apply(Batch batch) throws InterruptedException {
    try {
      scene.retry().run(state, () -> apply(batch, collector), collector::discard);
      collector.count();
      return true;
    } catch (InterruptedException e) {
      collector.discard();
      if (scene.aborted().stopped()) {
        throw e;
      }
      keepAside(batch, e);
    } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
      collector.discard();
      keepAside(batch, e);
    }
    return false;
  }

  private void apply(Batch batch, BatchOutput out) throws Exception {
    // No time-out that passes: the same rows would hold the stream up again.
    state.call(
        apply,
        ErrorCode.BUG,
        () -> {
          transform.apply(batch, out);
          return true;
        });
  }

  private void keepAside(Batch batch, Throwable thrown) {
    int attempts = state.attempts() + 1;
    if (state.state() == PipelineStatus.State.RETRYING) {
      state.set(PipelineStatus.State.RUNNING);
    }
    BitSet all = new BitSet();
    all.set(0, batch.rows());
    ErrorCode code = Errors.code(thrown);
    scene.rejects().keep(account, state.name(), batch, all, code, Errors.message(thrown), attempts);
  }

  /** What a step cannot flush stays held, and its source is not told that it was accepted. */
  private void flush() throws InterruptedException {
    account.begin(0);
    try {
      scene
          .retry()
          .run(
              state,
              () -> state.call(state.name() + ".flush", () -> transform.flush(collector)),
              collector::discard);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
      state.failed(e);
      throw new PluginException(
          Errors.code(e), "the rest could not be flushed: " + Errors.message(e), e);
    }
    collector.count();
    account.end(0);
  }

  private long held() {
    try {
      return Math.max(0, transform.held());
    } catch (RuntimeException | Error e) {
      state.failed(e);
      throw e;
    }
  }

  private void forward() throws InterruptedException {
    List<Batch> outputs = collector.take();
    int given = 0;
    try {
      for (; given < outputs.size(); given++) {
        Batch batch = outputs.get(given);
        account.out(batch.rows());
        for (Tap tap : taps) {
          tap.offer(batch);
        }
        next.data(batch);
      }
    } finally {
      for (int i = given + 1; i < outputs.size(); i++) {
        outputs.get(i).close();
      }
    }
  }

  /** Holds the results of one call back until it has returned: a call that fails emits nothing. */
  private final class Collector implements BatchOutput {
    private record Refusal(Batch in, BitSet rows, String why) {}

    private List<Batch> outputs = new ArrayList<>();
    private final List<Refusal> refusals = new ArrayList<>();
    private final List<String> policies = new ArrayList<>();
    private final List<Long> policyRows = new ArrayList<>();
    private long filteredRows;

    @Override
    public void emit(Batch batch) {
      if (batch.rows() == 0) {
        batch.close();
      } else {
        outputs.add(batch);
      }
    }

    @Override
    public void filtered(long rows) {
      filteredRows += rows;
    }

    @Override
    public void dropped(String policy, long rows) {
      policies.add(policy);
      policyRows.add(rows);
    }

    @Override
    public void reject(Batch in, BitSet rows, String why) {
      if (!rows.isEmpty()) {
        refusals.add(new Refusal(in.retain(), (BitSet) rows.clone(), why));
      }
    }

    void count() {
      account.filtered(filteredRows);
      filteredRows = 0;
      for (int i = 0; i < policies.size(); i++) {
        account.dropped(policies.get(i), policyRows.get(i));
      }
      policies.clear();
      policyRows.clear();
      for (Refusal refusal : refusals) {
        scene
            .rejects()
            .keep(
                account,
                state.name(),
                refusal.in,
                refusal.rows,
                ErrorCode.BAD_DATA,
                refusal.why,
                1);
        refusal.in.close();
      }
      refusals.clear();
    }

    List<Batch> take() {
      if (outputs.isEmpty()) {
        return List.of();
      }
      List<Batch> taken = outputs;
      outputs = new ArrayList<>();
      return taken;
    }

    void discard() {
      outputs.forEach(Batch::close);
      outputs.clear();
      refusals.forEach(refusal -> refusal.in.close());
      refusals.clear();
      policies.clear();
      policyRows.clear();
      filteredRows = 0;
    }
  }
}
