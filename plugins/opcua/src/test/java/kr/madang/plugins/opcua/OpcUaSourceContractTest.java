package kr.madang.plugins.opcua;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.testkit.contract.Capability;
import kr.madang.sdk.testkit.contract.Device;
import kr.madang.sdk.testkit.contract.Place;
import kr.madang.sdk.testkit.contract.SourceContract;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;

/** The server's history fills gaps; there are no positions and no acknowledgements. */
class OpcUaSourceContractTest extends SourceContract<OpcUaConfig> {
  @Override
  protected SourceFactory<OpcUaConfig> factory() {
    return new OpcUaSource();
  }

  @Override
  protected Set<Capability> lacks() {
    return Set.of(Capability.POSITIONS, Capability.REDELIVERY);
  }

  /** A lost connection is mended in place for 3 s before the host hears of it. */
  @Override
  protected Set<String> slow() {
    return Set.of(
        "aConnectionThatWasFinishedIsAnErrorThatCanPass",
        "aConnectionThatFallsSilentIsAnErrorThatCanPass",
        "garbageIsAnErrorThatCanPass",
        "aNewSourceGoesOnWhenTheDeviceIsBack",
        "anInterruptEndsACallThatWaits");
  }

  @Override
  protected int lives() {
    return 3;
  }

  private static Configs of(Place place, String... tags) {
    Configs configs = new Configs("opc.tcp://127.0.0.1:" + place.port() + "/plant");
    configs.pki = place.folder().resolve("pki");
    configs.timeout = Duration.ofSeconds(1);
    configs.keepAlive = Duration.ofMillis(500);
    configs.backfill = true;
    for (String tag : tags) {
      configs.tag(tag);
    }
    return configs;
  }

  @Override
  protected OpcUaConfig config(Place place) {
    return of(place, "a", "b").build();
  }

  @Override
  protected Map<String, Callable<OpcUaConfig>> wrongConfigs(Place place) {
    Configs http = of(place, "a");
    http.endpoint = "http://127.0.0.1";
    Configs noQueue = of(place, "a");
    noQueue.queueSize = 0;
    return Map.of(
        "endpoint", http::build, "queueSize", noQueue::build, "tags", () -> of(place).build());
  }

  @Override
  protected Device device(Path folder) throws Exception {
    Plant plant = new Plant().add("a", NodeIds.Double, 0.0).add("b", NodeIds.Double, 0.0);
    return new Device() {
      private final Map<String, List<DataValue>> past = new HashMap<>();

      @Override
      public int port() {
        return plant.port();
      }

      @Override
      public List<String> tags() {
        return List.of("a", "b");
      }

      @Override
      public void write(String tag, double value, int status, Instant time) {
        DateTime at = new DateTime(time);
        DataValue sample =
            new DataValue(
                new Variant(value), new StatusCode(Integer.toUnsignedLong(status)), at, at);
        List<DataValue> values = past.computeIfAbsent(tag, _ -> new ArrayList<>());
        values.add(sample);
        plant.record(tag, values);
        plant.set(tag, sample);
      }

      @Override
      public double read(String tag) {
        return ((Number) plant.node(tag).getValue().getValue().getValue()).doubleValue();
      }

      @Override
      public void close() throws Exception {
        plant.close();
      }
    };
  }
}
