package kr.madang.plugins.modbus;

import static kr.madang.plugins.modbus.Configs.config;
import static kr.madang.plugins.modbus.Configs.register;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import kr.madang.sdk.batch.Quality;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class PollerTest {
  private static final Duration TIMEOUT = Duration.ofMillis(500);

  private long now = Long.MAX_VALUE - 1000;

  @Test
  void aRefusedTagIsAskedAgainAfterAPauseAndHeals() throws Exception {
    try (ModbusDevice device = ModbusDevice.start()) {
      device.holding(1, 0, 1).holding(1, 50, 2).forbid(50);
      ModbusConfig config =
          config(
              device.port(),
              register("a", Table.HOLDING, 0, Type.UINT16),
              register("b", Table.HOLDING, 50, Type.UINT16));
      try (Connection connection = connect(config)) {
        Poller poller = poller(config, connection);
        Map<String, String> refused = Map.of("a", "good", "b", "Bad_NodeIdUnknown");
        assertThat(round(poller)).isEqualTo(refused);
        device.allowAll();
        int before = device.requests();
        now += Duration.ofSeconds(9).toNanos();
        assertThat(round(poller)).isEqualTo(refused);
        assertThat(device.requests() - before).as("only a is asked").isEqualTo(1);
        now += Duration.ofSeconds(1).toNanos();
        assertThat(round(poller)).isEqualTo(Map.of("a", "good", "b", "good"));
      }
    }
  }

  @Test
  void whatTheDeviceRefusesIsToldOnceWithItsTagsAndSoIsTheEndOfIt() throws Exception {
    List<String> told = new ArrayList<>();
    try (ModbusDevice device = ModbusDevice.start()) {
      device.holding(1, 0, 1).holding(1, 50, 2).forbid(50);
      ModbusConfig config =
          config(
              device.port(),
              register("a", Table.HOLDING, 0, Type.UINT16),
              register("b", Table.HOLDING, 50, Type.UINT16));
      try (Connection connection = connect(config)) {
        Poller poller =
            new Poller(
                ReadPlan.of(config),
                connection,
                config.target(),
                TIMEOUT,
                () -> now,
                recorder(told));
        for (int i = 0; i < 3; i++) {
          round(poller);
          now += Duration.ofSeconds(10).toNanos();
        }
        assertThat(told)
            .filteredOn(line -> line.startsWith("warn"))
            .singleElement()
            .asString()
            .contains("unit 1 holding 50", "illegal data address", "b", "check table");
        device.allowAll();
        round(poller);
        round(poller);
        assertThat(told).filteredOn(line -> line.contains("answers now")).hasSize(1);
      }
    }
  }

  /** A logger that keeps what is said, with its level before it. */
  private static Logger recorder(List<String> told) {
    return (Logger)
        Proxy.newProxyInstance(
            PollerTest.class.getClassLoader(),
            new Class<?>[] {Logger.class},
            (_, method, arguments) -> {
              told.add(method.getName() + " " + Arrays.deepToString(arguments));
              return null;
            });
  }

  @Test
  void aHoleIsFoundByOneFurtherPairOfRequests() throws Exception {
    try (ModbusDevice device = ModbusDevice.start()) {
      device.unit(1).forbid(4);
      Register[] registers = new Register[9];
      for (int i = 0; i < registers.length; i++) {
        registers[i] = register("t" + i, Table.HOLDING, i < 2 ? i : 10 + i, Type.UINT16);
      }
      ModbusConfig config = config(device.port(), TIMEOUT, 20, 125, registers);
      try (Connection connection = connect(config)) {
        assertThat(round(poller(config, connection))).hasSize(9).containsValue("good");
        assertThat(device.requests()).isEqualTo(3);
      }
    }
  }

  @Test
  void aSilentUnitIsAskedAgainAfterGrowingPausesAndHeals() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    AtomicBoolean silent = new AtomicBoolean(true);
    try (RawDevice device = new RawDevice((request, out) -> answer(request, out, asked, silent))) {
      ModbusConfig config =
          config(
              device.port(),
              TIMEOUT,
              0,
              125,
              register("a", Table.HOLDING, 0, Type.UINT16, 1),
              register("b", Table.HOLDING, 0, Type.UINT16, 2));
      try (Connection connection = connect(config)) {
        Poller poller = poller(config, connection);
        Map<String, String> away = Map.of("a", "good", "b", "Bad_Timeout");
        assertThat(round(poller)).isEqualTo(away);
        now += TIMEOUT.toNanos();
        assertThat(round(poller)).isEqualTo(away);
        assertThat(asked).as("after a pause of one time-out").hasValue(2);
        now += TIMEOUT.toNanos();
        assertThat(round(poller)).isEqualTo(away);
        assertThat(asked).as("the second pause is longer").hasValue(2);
        silent.set(false);
        now += TIMEOUT.toNanos();
        assertThat(round(poller)).isEqualTo(Map.of("a", "good", "b", "good"));
      }
    }
  }

  private static void answer(
      byte[] request, java.io.OutputStream out, AtomicInteger asked, AtomicBoolean silent)
      throws IOException {
    if (request[6] == 2) {
      asked.incrementAndGet();
      if (silent.get()) {
        return;
      }
    }
    out.write(RawDevice.answer(request));
  }

  private static Connection connect(ModbusConfig config) throws Exception {
    return Connection.open(config.host(), config.port(), config.target(), Duration.ofSeconds(5));
  }

  private Poller poller(ModbusConfig config, Connection connection) {
    return new Poller(
        ReadPlan.of(config),
        connection,
        config.target(),
        TIMEOUT,
        () -> now,
        LoggerFactory.getLogger(PollerTest.class));
  }

  private static Map<String, String> round(Poller poller) throws Exception {
    Map<String, String> result = new TreeMap<>();
    poller.round(
        new Outcome() {
          @Override
          public void good(Request request, byte[] answer, int data) {
            request.points().forEach(point -> result.put(point.tag(), "good"));
          }

          @Override
          public void bad(Request request, int status, String why) {
            request.points().forEach(point -> result.put(point.tag(), Quality.name(status)));
          }
        });
    return result;
  }
}
