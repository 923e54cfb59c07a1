package kr.madang.toy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.config.Secret;
import kr.madang.sdk.testkit.contract.Place;
import kr.madang.sdk.testkit.contract.TransformContract;
import kr.madang.sdk.transform.TransformFactory;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.types.pojo.Schema;

/** Not run by name: {@link TransformContractTest} does. */
final class ToyTransformContract extends TransformContract<ToyConfig> {
  @Override
  protected TransformFactory<ToyConfig> factory() {
    return new ToyTransform();
  }

  @Override
  protected Schema schema() {
    return ToyTransform.IN;
  }

  @Override
  protected Schema misfit() {
    return ToyTransform.OUT;
  }

  @Override
  protected List<Batch> input(BufferAllocator allocator) {
    List<Batch> input = new ArrayList<>();
    try (FrameWriter writer = new FrameWriter(allocator, ToyTransform.IN)) {
      for (int i = 0; i < 20; i++) {
        writer.begin(i);
        double value = i % 7 == 3 ? -1 : i % 11 == 5 ? Double.NaN : 0.1 * i;
        writer.set(0, value, i % 4 == 0 ? Quality.UNCERTAIN : Quality.GOOD);
        if (i % 6 == 5) {
          input.add(writer.take());
        }
      }
      input.add(writer.take());
    }
    return input;
  }

  @Override
  protected ToyConfig config(Place place) {
    return new ToyConfig(1, ToyConfig.Kind.LOG, Optional.empty());
  }

  @Override
  protected Map<String, Callable<ToyConfig>> wrongConfigs(Place place) {
    return Map.of(
        "password", () -> new ToyConfig(1, ToyConfig.Kind.LOG, Optional.of(new Secret(""))));
  }

  @Override
  protected Duration patience() {
    return Runs.patience();
  }
}
