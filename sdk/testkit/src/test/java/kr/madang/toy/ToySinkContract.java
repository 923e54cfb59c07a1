package kr.madang.toy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import kr.madang.sdk.config.Secret;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.testkit.Sample;
import kr.madang.sdk.testkit.contract.Place;
import kr.madang.sdk.testkit.contract.SinkContract;
import kr.madang.sdk.testkit.contract.Store;

/** Not run by name: {@link SinkContractTest} does. */
final class ToySinkContract extends SinkContract<ToyConfig> {
  @Override
  protected SinkFactory<ToyConfig> factory() {
    return new ToySink();
  }

  @Override
  protected Store store(Path folder) throws Exception {
    ToyServer server = new ToyServer();
    return new Store() {
      @Override
      public int port() {
        return server.port();
      }

      @Override
      public List<Sample> stored() {
        return server.stored().stream().map(ToySinkContract::sample).toList();
      }

      @Override
      public void close() throws Exception {
        server.close();
      }
    };
  }

  private static Sample sample(String line) {
    String[] parts = line.split(" ");
    return new Sample(
        parts[0], Double.valueOf(parts[1]), Integer.parseInt(parts[2]), Long.valueOf(parts[3]), 0);
  }

  @Override
  protected ToyConfig config(Place place) {
    return new ToyConfig(place.port(), ToyConfig.Kind.LOG, Optional.empty());
  }

  @Override
  protected Map<String, Callable<ToyConfig>> wrongConfigs(Place place) {
    return Map.of(
        "password",
        () -> new ToyConfig(place.port(), ToyConfig.Kind.LOG, Optional.of(new Secret(""))));
  }

  @Override
  protected Duration patience() {
    return Runs.patience();
  }

  @Override
  protected Duration timeout() {
    return Runs.timeout();
  }
}
