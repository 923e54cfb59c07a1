package kr.madang.toy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import kr.madang.sdk.config.Secret;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.testkit.contract.Capability;
import kr.madang.sdk.testkit.contract.Device;
import kr.madang.sdk.testkit.contract.Place;
import kr.madang.sdk.testkit.contract.SourceContract;

/** Not run by name: {@link SourceContractTest} does. */
final class ToyLogContract extends SourceContract<ToyConfig> {
  @Override
  protected SourceFactory<ToyConfig> factory() {
    return new ToySource();
  }

  @Override
  protected Device device(Path folder) throws Exception {
    return new ToyServer();
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
  protected Set<Capability> lacks() {
    return Set.of(Capability.COMMANDS, Capability.BROWSING);
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
