package kr.madang.plugins.modbus;

import static kr.madang.plugins.modbus.Configs.register;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.testkit.contract.Capability;
import kr.madang.sdk.testkit.contract.Device;
import kr.madang.sdk.testkit.contract.Place;
import kr.madang.sdk.testkit.contract.SourceContract;

/** A register says what it holds now: no time, no status code, no past. It is not written. */
class ModbusSourceContractTest extends SourceContract<ModbusConfig> {
  @Override
  protected SourceFactory<ModbusConfig> factory() {
    return new ModbusSource();
  }

  @Override
  protected Set<Capability> lacks() {
    return Set.of(
        Capability.SOURCE_TIME,
        Capability.STATUS_CODES,
        Capability.EVERY_CHANGE,
        Capability.POSITIONS,
        Capability.REDELIVERY,
        Capability.BACKFILL,
        Capability.COMMANDS,
        Capability.BROWSING);
  }

  @Override
  protected ModbusConfig config(Place place) {
    return of(
        place.port(),
        register("a", Table.HOLDING, 0, Type.UINT16),
        register("b", Table.HOLDING, 10, Type.UINT16));
  }

  private static ModbusConfig of(int port, Register... registers) {
    return new ModbusConfig(
        "127.0.0.1",
        port,
        Duration.ofMillis(10),
        1,
        Optional.empty(),
        Order.BIG,
        Order.BIG,
        0,
        125,
        List.of(registers),
        Optional.empty());
  }

  @Override
  protected Map<String, Callable<ModbusConfig>> wrongConfigs(Place place) {
    return Map.of(
        "port",
        () -> of(0, register("a", Table.HOLDING, 0, Type.UINT16)),
        "registers",
        () -> of(place.port()),
        "address",
        () -> of(place.port(), Configs.at("a", "70001").build()));
  }

  @Override
  protected Device device(Path folder) throws Exception {
    ModbusDevice server = ModbusDevice.start().holding(1, 0, 0).holding(1, 10, 0);
    return new Device() {
      @Override
      public int port() {
        return server.port();
      }

      @Override
      public List<String> tags() {
        return List.of("a", "b");
      }

      @Override
      public void write(String tag, double value, int status, Instant time) {
        int address = tag.equals("a") ? 0 : 10;
        if (Quality.isBad(status)) {
          server.forbid(address);
        }
        server.holding(1, address, (int) value);
      }

      @Override
      public void close() throws Exception {
        server.close();
      }
    };
  }
}
