package kr.madang.inference;

import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import org.apache.arrow.memory.BufferAllocator;

/**
 * One model in memory. Any thread may call; runs go on at once, each on the thread that asks and
 * under a permit.
 *
 * <p>Closing never breaks what goes on: steps and prepared calls that are open go on until they are
 * closed, then the native memory is freed. Everything new is refused.
 */
public final class LoadedModel implements AutoCloseable {
  private final ModelSpec spec;
  private final ModelInfo info;
  private final Binding binding;
  private final Session session;
  private final Runs runs;
  private final Calls calls;
  private final CallFigures figures = new CallFigures();
  private final CallFigures trials = new CallFigures();
  private final UsesOfModel uses;
  private final Drift drift;
  private final Consumer<LoadedModel> forget;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile Placement placement = Placement.CORES;
  private volatile String fallback = "";

  LoadedModel(
      ModelSpec spec,
      ModelInfo info,
      Binding binding,
      Session session,
      Calls calls,
      Uses uses,
      Consumer<LoadedModel> forget) {
    this.spec = spec;
    this.info = info;
    this.binding = binding;
    this.session = session;
    this.calls = calls;
    this.runs = new Runs(session, info, calls.slabs());
    this.uses = new UsesOfModel(uses, spec.name(), spec.version());
    this.drift = new Drift(binding, System::nanoTime);
    this.forget = forget;
  }

  /** What was declared. */
  public ModelSpec spec() {
    return spec;
  }

  /** What the file says. */
  public ModelInfo info() {
    return info;
  }

  void placed(Placement at, String why) {
    placement = at;
    fallback = why;
  }

  /** Where it runs. */
  public Placement placement() {
    return placement;
  }

  /** Why it does not run where it was wanted; empty if it does. */
  public String fallback() {
    return fallback;
  }

  /** Runs so far, whoever asked for them. */
  public long runs() {
    return session.runs();
  }

  /**
   * Runs the graph as it is: no scale, no status. For remote callers.
   *
   * @param tenant who pays
   * @param hold whether the run may be done on this thread, before this returns
   * @param reply told once, in any case: {@code SCHEMA_MISFIT} names tensor, expected and got;
   *     {@code NOT_FOUND} when the model is closed; {@link CallError}
   */
  public Ticket call(Tenant tenant, Call call, Hold hold, Reply reply) {
    try {
      hold();
    } catch (PluginException e) {
      reply.failed(e.code(), String.valueOf(e.getMessage()), Duration.ZERO);
      return () -> {};
    }
    return calls.submit(this, tenant, call, hold, reply);
  }

  /** The same for who has {@link #enter}ed and not left: also if the model was closed since. */
  public Ticket callWithin(Tenant tenant, Call call, Hold hold, Reply reply) {
    if (!session.retain()) {
      throw new IllegalStateException("nobody has entered model " + session.model());
    }
    return calls.submit(this, tenant, call, hold, reply);
  }

  /**
   * Runs the graph as it is for nobody in particular, and waits. Copies what comes.
   *
   * @param inputs one for each input of the graph, in any order; direct memory
   * @return all outputs, in the order of the graph, in direct memory that the collector frees
   * @throws PluginException as {@link #call} replies
   */
  public List<Tensor> run(List<Tensor> inputs) throws InterruptedException {
    CompletableFuture<List<Tensor>> done = new CompletableFuture<>();
    Ticket ticket =
        call(
            Tenant.NOBODY,
            new Call(inputs, List.of(), 0, Call.NEVER, false),
            Hold.BRIEF,
            new Reply() {
              @Override
              public void answered(Answer answer) {
                try (answer) {
                  done.complete(answer.outputs().stream().map(LoadedModel::copy).toList());
                }
              }

              @Override
              public void failed(ErrorCode code, String message, Duration after) {
                done.completeExceptionally(new PluginException(code, message));
              }
            });
    try {
      return done.get();
    } catch (InterruptedException e) {
      ticket.cancel();
      done.exceptionally(_ -> List.of()).join();
      throw e;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof PluginException known
          ? known
          : new PluginException(ErrorCode.BUG, String.valueOf(e.getCause()), e);
    }
  }

  private static Tensor copy(Tensor tensor) {
    ByteBuffer data = Memory.direct(tensor.data().remaining());
    data.put(0, tensor.data(), tensor.data().position(), tensor.data().remaining());
    return new Tensor(tensor.name(), tensor.type(), tensor.shape(), data);
  }

  /**
   * Tries the model on made-up input, so that it is warm, that calls can be scheduled by what they
   * will cost, and that those that may be are run together. Takes up to about a second.
   */
  public void tryOut() throws InterruptedException {
    new Trial(this).run();
  }

  /** Whether callers' rows are run together where several wait. */
  public boolean stackable() {
    return runs.isStackable();
  }

  /** Nanoseconds that a run of so many rows will likely take. */
  public long estimate(long rows) {
    return session.curve().estimate(rows);
  }

  /** The outputs that can be carried: sequences and maps are left out. */
  public List<ModelInfo.Signature> outputs() {
    return runs.outputs();
  }

  /**
   * Makes a baseline of inputs and outputs from reference rows, which are run.
   *
   * @param file Arrow IPC, or CSV with names in its first line; a column for each field of the
   *     inputs, in its unit, before {@code scale}
   * @throws PluginException CONFIG_INVALID for a file that cannot be read; SCHEMA_MISFIT for a
   *     field that it lacks
   */
  public Baseline baseline(Path file, BufferAllocator allocator) throws InterruptedException {
    return Reference.of(this, file, allocator);
  }

  /** What its inputs and outputs look like. */
  public Drift drift() {
    return drift;
  }

  /** What was done for callers from outside. */
  public CallFigures figures() {
    return figures;
  }

  /**
   * Buffers for one number of rows, to be run again and again at the least cost.
   *
   * @throws PluginException {@code SCHEMA_MISFIT} for a graph whose shapes are not known or whose
   *     types Java cannot wrap
   */
  public PreparedCall prepare(int rows) {
    Session held = hold();
    try {
      return new PreparedCall(held, Tenant.NOBODY, info, rows);
    } catch (RuntimeException e) {
      held.release();
      throw e;
    }
  }

  /** Whether {@link #close} was called. */
  public boolean closed() {
    return closed.get();
  }

  /** Waits until the model is closed, nobody uses it and its native memory is free. */
  public boolean awaitReleased(Duration limit) throws InterruptedException {
    return session.awaitGone(limit.toNanos());
  }

  /** Refuses new use; see the class. Returns at once; closing twice is fine. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      forget.accept(this);
      runs.close();
      session.release();
    }
  }

  /** Where a call is counted; trials are nobody's. */
  CallFigures figures(Tenant tenant) {
    return tenant.equals(Tenant.NOBODY) ? trials : figures;
  }

  /** Who is told of single batches of pipelines. */
  StepRuns steps() {
    return uses.steps();
  }

  /** What somebody has had of it. */
  Use use(Tenant tenant, Use.By by) {
    return uses.of(tenant, by);
  }

  String name() {
    return session.model();
  }

  /** Nanoseconds that one run may take; 0 is any. */
  long runLimit() {
    return session.runLimit();
  }

  Runs tensors() {
    return runs;
  }

  Gate gate() {
    return session.gate();
  }

  Curve curve() {
    return session.curve();
  }

  /** Keeps the model in memory until {@link #leave}; false if it is closed. */
  public boolean enter() {
    return !closed.get() && session.retain();
  }

  /** Ends what {@link #enter} began. */
  public void leave() {
    session.release();
  }

  /** Ends the noting of times; where they are. */
  Path endProfile() {
    try {
      return Path.of(session.ort().endProfiling());
    } catch (OrtException e) {
      throw new PluginException(ErrorCode.BUG, OrtErrors.text(e), e);
    }
  }

  /** How spec and file go together. */
  Binding binding() {
    return binding;
  }

  /** A hold of the session that the caller releases. */
  Session hold() {
    if (closed.get() || !session.retain()) {
      throw new PluginException(
          ErrorCode.NOT_FOUND, "model " + session.model() + " is no longer loaded");
    }
    return session;
  }
}
