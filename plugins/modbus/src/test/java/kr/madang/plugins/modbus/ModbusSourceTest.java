package kr.madang.plugins.modbus;

import static kr.madang.plugins.modbus.Configs.at;
import static kr.madang.plugins.modbus.Configs.config;
import static kr.madang.plugins.modbus.Configs.register;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Tag;
import kr.madang.sdk.testkit.CollectedVerification;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ModbusSourceTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  private ModbusDevice device;

  @BeforeEach
  void startDevice() throws Exception {
    device = ModbusDevice.start();
  }

  @AfterEach
  void stopDevice() throws Exception {
    device.close();
  }

  @Test
  void readsTheFourTablesAndEveryType() throws Exception {
    long big = 9_007_199_254_740_993L;
    device
        .holding(1, 0, 0x8000, 0xFFFF)
        .holding(1, 10, words(Float.floatToIntBits(3.25f), 2))
        .holding(1, 20, words(big, 4))
        .holding(1, 30, words(Double.doubleToLongBits(-1e300), 4))
        .holding(1, 40, 0x4D61, 0x6461, 0x6E67, 0x0000)
        .holding(1, 50, words(-5L, 4))
        .input(1, 0, words(-70_000L, 2))
        .input(1, 2, words(4_000_000_000L, 2))
        .coil(1, 7, true)
        .discrete(1, 17, true);
    ModbusConfig config =
        config(
            device.port(),
            register("int16", Table.HOLDING, 0, Type.INT16),
            register("uint16", Table.HOLDING, 1, Type.UINT16),
            register("float32", Table.HOLDING, 10, Type.FLOAT32),
            register("int64", Table.HOLDING, 20, Type.INT64),
            register("float64", Table.HOLDING, 30, Type.FLOAT64),
            at("string", Table.HOLDING, 40).type(Type.STRING).length(8).build(),
            register("none", Table.HOLDING, 50, Type.UINT64),
            at("bit15", Table.HOLDING, 0).bit(15).build(),
            at("bit0", Table.HOLDING, 0).bit(0).build(),
            register("int32", Table.INPUT, 0, Type.INT32),
            register("uint32", Table.INPUT, 2, Type.UINT32),
            register("coil7", Table.COIL, 7, Type.BOOL),
            register("coil8", Table.COIL, 8, Type.BOOL),
            register("discrete17", Table.DISCRETE, 17, Type.BOOL),
            at("scaled", "40002").scaled(0.1, -5).build());

    try (Opened opened = new Opened(config, arrow.get())) {
      assertThat(opened.round())
          .containsOnly(
              Map.entry("int16", -32768.0),
              Map.entry("uint16", 65535.0),
              Map.entry("float32", 3.25),
              Map.entry("int64", big),
              Map.entry("float64", -1e300),
              Map.entry("string", "Madang"),
              Map.entry("none", "Bad_OutOfRange"),
              Map.entry("bit15", 1.0),
              Map.entry("bit0", 0.0),
              Map.entry("int32", -70_000.0),
              Map.entry("uint32", 4e9),
              Map.entry("coil7", 1.0),
              Map.entry("coil8", 0.0),
              Map.entry("discrete17", 1.0),
              Map.entry("scaled", 65535 * 0.1 - 5));
    }
  }

  @Test
  void aNotANumberFromTheDeviceIsNoValue() throws Exception {
    device.holding(1, 0, words(Float.floatToIntBits(Float.NaN), 2));
    ModbusConfig config = config(device.port(), register("nan", Table.HOLDING, 0, Type.FLOAT32));

    try (Opened opened = new Opened(config, arrow.get())) {
      assertThat(opened.round()).containsExactly(Map.entry("nan", "Bad_OutOfRange"));
    }
  }

  @Test
  void readsSeveralUnitsOverOneConnectionAndSeesNewValues() throws Exception {
    device.holding(1, 5, 11).holding(2, 5, 22);
    ModbusConfig config =
        config(
            device.port(),
            register("a", Table.HOLDING, 5, Type.UINT16, 1),
            register("b", Table.HOLDING, 5, Type.UINT16, 2));

    try (Opened opened = new Opened(config, arrow.get())) {
      assertThat(opened.round()).containsOnly(Map.entry("a", 11.0), Map.entry("b", 22.0));
      device.holding(2, 5, 23);
      assertThat(opened.round()).containsOnly(Map.entry("a", 11.0), Map.entry("b", 23.0));
    }
  }

  @Test
  void thirtyNeighboursShareOneRequest() throws Exception {
    device.unit(1);
    Register[] registers = new Register[30];
    for (int i = 0; i < registers.length; i++) {
      registers[i] = register("t" + i, Table.HOLDING, 100 + i, Type.UINT16);
    }

    try (Opened opened = new Opened(config(device.port(), registers), arrow.get())) {
      opened.round();
      assertThat(device.requests()).isEqualTo(1);
    }
  }

  @Test
  void anAddressThatTheDeviceLacksTurnsOnlyItsTagBad() throws Exception {
    Register[] registers = new Register[30];
    Map<String, Object> expected = new LinkedHashMap<>();
    for (int i = 0; i < registers.length; i++) {
      device.holding(1, i, i);
      registers[i] = register("t" + i, Table.HOLDING, i, Type.UINT16);
      expected.put("t" + i, (double) i);
    }
    device.forbid(13);
    expected.put("t13", "Bad_NodeIdUnknown");

    try (Opened opened = new Opened(config(device.port(), registers), arrow.get())) {
      assertThat(opened.round()).containsExactlyInAnyOrderEntriesOf(expected);
      int searching = device.requests();
      assertThat(opened.round()).containsExactlyInAnyOrderEntriesOf(expected);
      assertThat(device.requests() - searching)
          .as("requests of a round once the fault is known")
          .isLessThan(searching)
          .isLessThanOrEqualTo(6);
    }
  }

  @Test
  void aHoleThatWasReadOverIsLeftOutOnceTheDeviceRefusesIt() throws Exception {
    device.holding(1, 0, 1).holding(1, 4, 2).forbid(2);
    ModbusConfig config =
        config(
            device.port(),
            Duration.ofSeconds(5),
            10,
            125,
            register("a", Table.HOLDING, 0, Type.UINT16),
            register("b", Table.HOLDING, 4, Type.UINT16));

    try (Opened opened = new Opened(config, arrow.get())) {
      assertThat(opened.round()).containsOnly(Map.entry("a", 1.0), Map.entry("b", 2.0));
    }
  }

  @Test
  void aDeviceThatAllowsOnlyShortRequestsIsReadInParts() throws Exception {
    device.longest(10);
    Register[] registers = new Register[40];
    for (int i = 0; i < registers.length; i++) {
      device.holding(1, i, i);
      registers[i] = register("t" + i, Table.HOLDING, i, Type.UINT16);
    }

    try (Opened opened = new Opened(config(device.port(), registers), arrow.get())) {
      assertThat(opened.round()).containsEntry("t0", 0.0).containsEntry("t39", 39.0).hasSize(40);
    }
  }

  @Test
  void aUnitThatTheGatewayCannotReachTurnsOnlyItsTagsBad() throws Exception {
    device.holding(1, 0, 1).holding(2, 0, 2).fail(2, 0x0B);
    ModbusConfig config =
        config(
            device.port(),
            register("here", Table.HOLDING, 0, Type.UINT16, 1),
            register("gone", Table.HOLDING, 0, Type.UINT16, 2));

    try (Opened opened = new Opened(config, arrow.get())) {
      assertThat(opened.round())
          .containsOnly(Map.entry("here", 1.0), Map.entry("gone", "Bad_NoCommunication"));
    }
  }

  @Test
  void aDeviceThatGoesAwayEndsTheRound() throws Exception {
    device.holding(1, 0, 1);
    ModbusConfig config = config(device.port(), register("a", Table.HOLDING, 0, Type.UINT16));

    try (Opened opened = new Opened(config, arrow.get())) {
      opened.round();
      device.close();
      assertThatThrownBy(opened::round)
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code().retriable()).isTrue())
          .hasMessageContaining("127.0.0.1:" + device.port());
    }
  }

  @Test
  void aHostThatRefusesIsUnreachable() throws Exception {
    try (ClosedPort closed = new ClosedPort()) {
      ModbusConfig config = config(closed.port(), register("a", Table.HOLDING, 0, Type.UINT16));

      assertThatThrownBy(() -> new Opened(config, arrow.get()))
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNREACHABLE))
          .hasMessageContaining("cannot connect to 127.0.0.1:" + closed.port())
          .hasMessageContaining("refused");
    }
  }

  @Test
  void tagsAreKnownWithoutTheDevice() throws Exception {
    assertThat(new ModbusSource().tags(config(502, register("a", Table.HOLDING, 0, Type.UINT16))))
        .containsExactly(new Tag("a", "", ""));
  }

  @Test
  void verifyNamesEachTagThatFails() {
    device.holding(1, 0, 1).forbid(40001);
    CollectedVerification verification = new CollectedVerification();
    new ModbusSource()
        .verify(
            config(
                device.port(),
                register("good", Table.HOLDING, 0, Type.UINT16),
                register("lost", Table.HOLDING, 40001, Type.UINT16)),
            verification);

    assertThat(verification.results())
        .isEqualTo(
            List.of(
                "read the list of registers: ok",
                "connect to 127.0.0.1:" + device.port() + ": ok",
                "read each register once: 1 of 2 registers cannot be read: lost (unit 1 holding"
                    + " 40001): illegal data address (with table: holding the address 40001 counts"
                    + " from 0; leave table out if the reference 40001 is meant)"));
  }

  @Test
  void verifyStopsWhereTheDeviceIsAway() throws Exception {
    CollectedVerification verification = new CollectedVerification();
    try (ClosedPort closed = new ClosedPort()) {
      new ModbusSource()
          .verify(
              config(closed.port(), register("a", Table.HOLDING, 0, Type.UINT16)), verification);
    }

    assertThat(verification.results().get(1)).contains("cannot connect to");
    assertThat(verification.results().get(2)).isEqualTo("read each register once: skipped");
  }

  private static int[] words(long value, int count) {
    int[] words = new int[count];
    for (int i = 0; i < count; i++) {
      words[i] = (int) (value >> 16 * (count - 1 - i)) & 0xFFFF;
    }
    return words;
  }
}
