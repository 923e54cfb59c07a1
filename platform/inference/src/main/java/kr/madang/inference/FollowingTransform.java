package kr.madang.inference;

import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.StateInput;
import kr.madang.sdk.transform.StateOutput;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * One open step {@code model} that follows an alias. Between two batches it takes the version that
 * the alias stands for now, with the values that are held; a row is run by one version, once.
 */
final class FollowingTransform implements Transform {
  private final LiveModel live;
  private final Tenant tenant;
  private final ModelStep.Config config;
  private final Schema in;
  private final TransformContext context;
  private LoadedModel model;
  private @Nullable LoadedModel refused;
  private volatile ModelTransform open;
  private boolean closed;

  FollowingTransform(
      LiveModel live, Tenant tenant, ModelStep.Config config, Schema in, TransformContext context)
      throws InterruptedException {
    this.live = live;
    this.tenant = tenant;
    this.config = config;
    this.in = in;
    this.context = context;
    this.model = live.model();
    this.open = ModelStep.opened(model, tenant, true, config, in, context);
  }

  @Override
  public Schema schema() {
    return open.schema();
  }

  @Override
  public void apply(Batch batch, BatchOutput out) throws InterruptedException {
    LoadedModel now = live.model();
    if (now != model && now != refused) {
      follow(now);
    }
    open.apply(batch, out);
  }

  private void follow(LoadedModel now) throws InterruptedException {
    ModelTransform next;
    try {
      next = ModelStep.opened(now, tenant, true, config, in, context);
    } catch (PluginException e) {
      if (e.code().equals(ErrorCode.NOT_FOUND)) {
        // closed again: another one will come
        return;
      }
      refuse(now, String.valueOf(e.getMessage()));
      return;
    }
    String misfit = open.misfit(next);
    if (!misfit.isEmpty()) {
      next.close();
      refuse(now, misfit);
      return;
    }
    next.take(open.state());
    ModelTransform before;
    synchronized (this) {
      if (closed) {
        next.close();
        return;
      }
      before = open;
      open = next;
    }
    context.logger().info("model {} takes the place of {}", now.name(), model.name());
    model = now;
    refused = null;
    before.close();
  }

  private void refuse(LoadedModel now, String why) {
    refused = now;
    context
        .logger()
        .error("model {} cannot take the place of {}: {}", now.name(), model.name(), why);
    live.refuse(
        "%s goes on with model %s; %s cannot take its place: %s"
            .formatted(context.name(), model.name(), now.name(), why));
  }

  @Override
  public void save(StateOutput out) {
    open.save(out);
  }

  @Override
  public void restore(StateInput saved) {
    open.restore(saved);
  }

  @Override
  public void close() {
    ModelTransform last;
    synchronized (this) {
      closed = true;
      last = open;
    }
    last.close();
  }
}
