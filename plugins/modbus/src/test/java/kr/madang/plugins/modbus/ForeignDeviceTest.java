package kr.madang.plugins.modbus;

import static kr.madang.plugins.modbus.Configs.at;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Against pymodbus, a server of another code base; see src/test/python. */
@EnabledIf("kr.madang.plugins.modbus.ForeignDevice#installed")
class ForeignDeviceTest {
  private static final Register[] REGISTERS = {
    at("float", Table.HOLDING, 0).type(Type.FLOAT32).unitId(3).build(),
    at("int", Table.HOLDING, 2).type(Type.INT32).unitId(3).build(),
    at("word", Table.HOLDING, 4).type(Type.UINT16).unitId(3).build(),
    at("swapped", Table.HOLDING, 5)
        .type(Type.INT32)
        .unitId(3)
        .orders(Order.LITTLE, Order.LITTLE)
        .build(),
    at("double", Table.INPUT, 0).type(Type.FLOAT64).unitId(3).build(),
    at("long", Table.INPUT, 4).type(Type.UINT64).unitId(3).build(),
    at("coil", Table.COIL, 0).unitId(3).build(),
    at("discrete", Table.DISCRETE, 0).unitId(3).build(),
    at("beyond", Table.HOLDING, 4_000).type(Type.UINT16).unitId(3).build(),
  };

  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  private Map<String, Object> round(ForeignDevice device) throws Exception {
    ModbusConfig config = Configs.config(device.port(), Duration.ofSeconds(2), 0, 125, REGISTERS);
    try (Opened opened = new Opened(config, arrow.get())) {
      return opened.round();
    }
  }

  @Test
  void everyTableAndTypeComesAsTheOtherSideMeansIt() throws Exception {
    try (ForeignDevice device = ForeignDevice.start()) {
      Map<String, Object> values = round(device);
      assertThat(values)
          .containsEntry("float", 12.5)
          .containsEntry("int", -7.0)
          .containsEntry("word", 65_535.0)
          .containsEntry("swapped", 70_000.0)
          .containsEntry("double", 2.5e-7)
          .containsEntry("coil", 1.0)
          .containsEntry("discrete", 0.0);
      assertThat(values.get("long").toString()).contains("4611686018427387905");
      assertThat(values.get("beyond").toString()).startsWith("Bad_");
    }
  }

  @Test
  void aDeviceThatLosesItsPowerIsNeverGoodAndComesBack() throws Exception {
    try (ForeignDevice device = ForeignDevice.start()) {
      ModbusConfig config = Configs.config(device.port(), Duration.ofSeconds(1), 0, 125, REGISTERS);
      for (int time = 0; time < 3; time++) {
        try (Opened opened = new Opened(config, arrow.get())) {
          assertThat(opened.round()).containsEntry("float", 12.5);
          device.kill();
          assertThatThrownBy(opened::round).isInstanceOf(PluginException.class);
        }
        device.startAgain();
      }
      assertThat(round(device).keySet()).containsAll(Set.of("float", "long"));
    }
  }
}
