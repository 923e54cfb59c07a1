package kr.madang.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.LongSupplier;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/** Runs of loose tensors, one call or several stacked; many threads at once. */
final class Runs implements AutoCloseable {
  private final Session session;
  private final ModelInfo info;
  private final Slabs slabs;
  private final TensorCheck check;

  /** A device works while the thread has no core. */
  private final LongSupplier clock;

  private final List<ModelInfo.Signature> outputs = new ArrayList<>();
  private final ConcurrentLinkedDeque<RunControl> idle = new ConcurrentLinkedDeque<>();
  private volatile boolean follows;
  private volatile boolean stacks;
  private volatile boolean closed;

  Runs(Session session, ModelInfo info, Slabs slabs) {
    this.session = session;
    this.info = info;
    this.slabs = slabs;
    this.check = new TensorCheck(session.model(), info);
    this.clock = session.gate().isStrict() ? System::nanoTime : Busy::now;
    for (ModelInfo.Signature output : info.outputs()) {
      if (ElementType.labelled(output.type()).isPresent()) {
        outputs.add(output);
      }
    }
  }

  /** The shapes of outputs follow from the rows, as was seen. */
  void follows() {
    follows = true;
  }

  /** Rows do not see one another, as was seen. */
  void stacks() {
    stacks = true;
  }

  List<ModelInfo.Signature> outputs() {
    return Collections.unmodifiableList(outputs);
  }

  boolean isStackable() {
    return stacks;
  }

  Checked check(Call call) {
    return check.check(call, outputs);
  }

  /** The tensors of one run, before they are shared out; it began at {@code System.nanoTime()}. */
  record Raw(List<@Nullable Tensor> outputs, List<Slabs.Slab> memory, long start, long nanos) {
    void free() {
      memory.forEach(Slabs.Slab::close);
    }
  }

  /** Runs calls as one. The caller has a permit and frees what comes. */
  Raw run(List<Checked> calls, RunControl control) {
    Stack stack = new Stack(session, info, outputs, slabs, calls, follows);
    try {
      stack.place();
      boolean looks = session.curve().looks(stack.rows());
      long busy = looks ? clock.getAsLong() : 0;
      long start = System.nanoTime();
      Map<String, OnnxTensor> pinned = stack.pinned();
      try (OrtSession.Result result =
          session.runHeld(stack.given(), stack.taken(), pinned, control)) {
        long nanos = System.nanoTime() - start;
        if (looks) {
          session.curve().looked(stack.rows(), clock.getAsLong() - busy);
        }
        return new Raw(stack.results(result), stack.keep(), start, nanos);
      }
    } catch (OrtException e) {
      throw new PluginException(
          ErrorCode.SCHEMA_MISFIT, "model %s: %s".formatted(session.model(), OrtErrors.text(e)), e);
    } finally {
      stack.close();
    }
  }

  RunControl control() {
    RunControl control = idle.poll();
    try {
      return control == null ? new RunControl() : control;
    } catch (OrtException e) {
      throw new PluginException(ErrorCode.BUG, OrtErrors.text(e), e);
    }
  }

  void giveBack(RunControl control) {
    idle.push(control);
    if (closed) {
      close();
    }
  }

  @Override
  public void close() {
    closed = true;
    for (RunControl control = idle.poll(); control != null; control = idle.poll()) {
      control.close();
    }
  }
}
