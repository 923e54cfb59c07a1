package kr.madang.engine;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.Transform;
import org.jspecify.annotations.Nullable;

/** One running step: applies it, keeps its account, passes marks that nothing held depends on. */
final class StepRun implements Downstream {
  private final Transform transform;
  private final StageState state;
  private final Account account;
  private final RejectLog rejects;
  private final Retry retry;
  private final List<Tap> taps;
  private final Marks marks = new Marks();
  private final Collector collector = new Collector();
  private Downstream next = new FanOut(List.of());

  StepRun(
      Transform transform,
      StageState state,
      Account account,
      RejectLog rejects,
      Retry retry,
      CopyOnWriteArrayList<Tap> taps) {
    this.transform = transform;
    this.state = state;
    this.account = account;
    this.rejects = rejects;
    this.retry = retry;
    this.taps = taps;
  }

  String name() {
    return state.name();
  }

  void next(Downstream next) {
    this.next = next;
  }

  @Override
  public void data(Batch batch) throws InterruptedException {
    try (batch) {
      account.begin(batch.rows());
      run(batch, () -> transform.apply(batch, collector));
      account.end(transform.held());
    }
    forward();
  }

  @Override
  public void mark(int source, long number) throws InterruptedException {
    marks.add(source, number, account.in());
    marks.advance(account.in() - transform.held(), next::mark);
  }

  @Override
  public void settle() throws InterruptedException {
    next.settle();
  }

  @Override
  public void end(boolean finished) throws InterruptedException {
    if (finished) {
      account.begin(0);
      run(null, () -> transform.flush(collector));
      account.end(0);
      forward();
      marks.advance(Long.MAX_VALUE, next::mark);
    }
    state.set(PipelineStatus.State.DONE);
    next.end(finished);
  }

  /** The pipeline ends by force. */
  void abandon() {
    account.abandon("stopped");
  }

  /** Frees the step; on the thread that drove it. */
  void close() {
    collector.discard();
    try {
      transform.close();
    } catch (Exception | LinkageError e) {
      state.failed(e);
    }
  }

  private void run(@Nullable Batch batch, Retry.Call call) throws InterruptedException {
    try {
      retry.run(state, call, collector::discard);
      collector.count();
    } catch (InterruptedException e) {
      collector.discard();
      throw e;
    } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
      // A batch that a step cannot take must not block the stream: it is kept aside.
      collector.discard();
      if (batch != null) {
        BitSet all = new BitSet();
        all.set(0, batch.rows());
        rejects.keep(account, state.name(), batch, all, Errors.code(e), Errors.message(e));
      } else {
        state.failed(e);
      }
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
        rejects.keep(
            account, state.name(), refusal.in, refusal.rows, ErrorCode.BAD_DATA, refusal.why);
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
