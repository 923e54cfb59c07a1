package kr.madang.plugins.modbus;

import static kr.madang.plugins.modbus.Configs.config;
import static kr.madang.plugins.modbus.Configs.register;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import kr.madang.sdk.error.Blame;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class HostileDeviceTest {
  private static final Duration SHORT = Duration.ofMillis(200);

  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  @Test
  void anAnswerInSingleBytesIsAnAnswer() throws Exception {
    try (RawDevice device = new RawDevice(HostileDeviceTest::byteByByte);
        Opened opened = open(device, Duration.ofSeconds(10))) {
      assertThat(opened.round()).containsOnly(Map.entry("a", 7.0), Map.entry("b", 8.0));
      assertThat(opened.round()).containsOnly(Map.entry("a", 7.0), Map.entry("b", 8.0));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, 99, an answer to transaction",
    "2, 1, protocol 256",
    "4, 127, length",
    "7, 6, function 6",
    "8, 2, 2 in a frame",
    "8, 6, 6 in a frame"
  })
  void aWrongByteIsNamed(int index, int value, String named) throws Exception {
    try (RawDevice device =
            new RawDevice((request, out) -> {
              byte[] answer = RawDevice.answer(request);
              answer[index] = (byte) value;
              out.write(answer);
            });
        Opened opened = open(device, Duration.ofSeconds(10))) {
      assertThatThrownBy(opened::round)
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PROTOCOL))
          .hasMessageContaining(named);
    }
  }

  @Test
  void aStalledDeviceTimesOut() throws Exception {
    try (RawDevice device = new RawDevice((_, _) -> {});
        Opened opened = open(device, SHORT)) {
      assertThatThrownBy(opened::round)
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT))
          .hasMessageContaining("200 ms");
    }
  }

  @Test
  void aDeviceThatStopsWithinAnAnswerTimesOut() throws Exception {
    try (RawDevice device =
            new RawDevice((request, out) -> out.write(RawDevice.answer(request), 0, 10));
        Opened opened = open(device, SHORT)) {
      assertThatThrownBy(opened::round).hasMessageContaining("in the middle of an answer");
    }
  }

  @Test
  void aDeviceThatClosesIsGone() throws Exception {
    try (RawDevice device = new RawDevice((_, out) -> out.close());
        Opened opened = open(device, Duration.ofSeconds(10))) {
      assertThatThrownBy(opened::round)
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNREACHABLE));
    }
  }

  @Test
  void randomBytesAreNeverAHangAndNeverABug() throws Exception {
    Random random = new Random(42);
    for (int i = 0; i < 300; i++) {
      byte[] garbage = new byte[random.nextInt(1, 600)];
      random.nextBytes(garbage);
      boolean headed = random.nextBoolean();
      try (RawDevice device =
              new RawDevice((request, out) -> {
                if (headed && garbage.length > 8) {
                  System.arraycopy(request, 0, garbage, 0, 4);
                  garbage[4] = 0;
                  garbage[5] = (byte) Math.min(garbage.length - 6, 254);
                  garbage[7] = (byte) (garbage[7] & 1 | 3);
                }
                out.write(garbage);
              });
          Opened opened = open(device, Duration.ofMillis(50))) {
        try {
          opened.round();
        } catch (PluginException e) {
          assertThat(e.code().blame()).isEqualTo(Blame.EXTERNAL);
          assertThat(e.code().retriable()).isTrue();
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, Bad_ConfigurationError",
    "2, Bad_NodeIdUnknown",
    "3, Bad_NodeIdUnknown",
    "4, Bad_DeviceFailure",
    "5, Bad_NoData",
    "6, Bad_NoData",
    "8, Bad_DeviceFailure",
    "10, Bad_NoCommunication",
    "11, Bad_NoCommunication",
    "200, Bad"
  })
  void anExceptionTurnsTagsBad(int code, String status) throws Exception {
    try (RawDevice device = new RawDevice((request, out) -> out.write(exception(request, code)));
        Opened opened = open(device, Duration.ofSeconds(10))) {
      assertThat(opened.round()).containsOnly(Map.entry("a", status), Map.entry("b", status));
    }
  }

  @Test
  void aSilentUnitDoesNotTakeTheOthersWithIt() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    try (RawDevice device =
            new RawDevice((request, out) -> {
              if (request[6] == 2) {
                asked.incrementAndGet();
              } else {
                out.write(RawDevice.answer(request));
              }
            });
        Opened opened = new Opened(threeUnits(device), arrow.get())) {
      Map<String, Object> expected = Map.of("u1", 7.0, "u2", "Bad_Timeout", "u3", 9.0);
      assertThat(opened.round()).isEqualTo(expected);
      assertThat(opened.round()).isEqualTo(expected);
      assertThat(asked).as("rounds that waited for the silent unit").hasValue(1);
    }
  }

  @Test
  void theLateAnswerOfASilentUnitIsNotTakenForAnother() throws Exception {
    AtomicReference<byte[]> late = new AtomicReference<>(new byte[0]);
    try (RawDevice device =
            new RawDevice((request, out) -> {
              if (request[6] == 2) {
                late.set(RawDevice.answer(request));
              } else {
                out.write(late.getAndSet(new byte[0]));
                out.write(RawDevice.answer(request));
              }
            });
        Opened opened = new Opened(threeUnits(device), arrow.get())) {
      assertThat(opened.round()).isEqualTo(Map.of("u1", 7.0, "u2", "Bad_Timeout", "u3", 9.0));
    }
  }

  @Test
  void aDeviceOfWhichEveryUnitIsSilentIsAway() throws Exception {
    try (RawDevice device = new RawDevice((_, _) -> {});
        Opened opened = new Opened(threeUnits(device), arrow.get())) {
      assertThatThrownBy(opened::round)
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT))
          .hasMessageContaining("any of its units");
    }
  }

  @Test
  void anInterruptEndsTheWait() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    AtomicReference<Throwable> thrown = new AtomicReference<>(new AssertionError("nothing"));
    try (RawDevice device = new RawDevice((_, _) -> asked.incrementAndGet());
        Opened opened = open(device, Duration.ofMinutes(5))) {
      Thread reader =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  opened.round();
                } catch (Throwable e) {
                  thrown.set(e);
                }
              });
      Await.until("the request arrived", () -> asked.get() > 0);
      reader.interrupt();
      reader.join(10_000);
      assertThat(reader.isAlive()).isFalse();
      assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
    }
  }

  private Opened open(RawDevice device, Duration timeout) throws Exception {
    return new Opened(
        config(
            device.port(),
            timeout,
            0,
            125,
            register("a", Table.HOLDING, 7, Type.UINT16),
            register("b", Table.HOLDING, 8, Type.UINT16)),
        arrow.get());
  }

  private static ModbusConfig threeUnits(RawDevice device) {
    return config(
        device.port(),
        Duration.ofSeconds(1),
        0,
        125,
        register("u1", Table.HOLDING, 7, Type.UINT16, 1),
        register("u2", Table.HOLDING, 7, Type.UINT16, 2),
        register("u3", Table.HOLDING, 9, Type.UINT16, 3));
  }

  private static void byteByByte(byte[] request, OutputStream out) throws java.io.IOException {
    for (byte single : RawDevice.answer(request)) {
      out.write(single);
      out.flush();
    }
  }

  private static byte[] exception(byte[] request, int code) {
    byte[] answer = Arrays.copyOf(request, 9);
    answer[5] = 3;
    answer[7] |= (byte) 0x80;
    answer[8] = (byte) code;
    return answer;
  }
}
