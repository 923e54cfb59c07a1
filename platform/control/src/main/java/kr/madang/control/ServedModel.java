package kr.madang.control;

import java.util.List;
import kr.madang.inference.Call;
import kr.madang.inference.CallFigures;
import kr.madang.inference.Hold;
import kr.madang.inference.LoadedModel;
import kr.madang.inference.ModelInfo;
import kr.madang.inference.Reply;
import kr.madang.inference.Tenant;
import kr.madang.inference.Ticket;
import org.jspecify.annotations.Nullable;

/**
 * A version of a model in memory, for one caller, which stays there until this is closed. Any
 * thread.
 */
public final class ServedModel implements AutoCloseable {
  private final String name;
  private final String version;
  private final LoadedModel model;
  private final Tenant tenant;
  private final String key;
  private final @Nullable Onlooker onlooker;

  /**
   * Takes over a hold of the model.
   *
   * @param key of who asks; empty for none
   * @param onlooker sees the call while the model is changing
   */
  ServedModel(
      String name,
      String version,
      LoadedModel model,
      Tenant tenant,
      String key,
      @Nullable Onlooker onlooker) {
    this.name = name;
    this.version = version;
    this.model = model;
    this.tenant = tenant;
    this.key = key;
    this.onlooker = onlooker;
  }

  /** Of the model. */
  public String name() {
    return name;
  }

  /** Exact. */
  public String version() {
    return version;
  }

  /** The tensors of the graph, -1 where a dimension varies. */
  public List<ModelInfo.Signature> inputs() {
    return model.info().inputs();
  }

  /** Those that can be carried: sequences and maps are left out. */
  public List<ModelInfo.Signature> outputs() {
    return model.outputs();
  }

  /** What was done for callers from outside, of all workspaces. */
  public CallFigures.Snapshot figures() {
    return model.figures().now();
  }

  /**
   * Runs tensors through the model at the cost of the caller's workspace.
   *
   * @param hold whether the run may be done on this thread, before this returns
   * @param reply told once, in any case
   */
  public Ticket infer(Call call, Hold hold, Reply reply) {
    Reply told = onlooker == null ? reply : onlooker.over(version, key, call, reply);
    return model.callWithin(tenant, call, hold, told);
  }

  @Override
  public void close() {
    model.leave();
  }
}
