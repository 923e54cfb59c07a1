package kr.madang.plugins.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import kr.madang.sdk.error.Blame;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class HostileServerTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  @Test
  void garbageInsteadOfAnAnswerIsRefused() throws Exception {
    Random random = new Random(3);
    try (Liar liar =
        new Liar((_, out) -> {
          byte[] garbage = new byte[1_000];
          random.nextBytes(garbage);
          out.write(garbage);
        })) {
      assertRefused(liar);
    }
  }

  @Test
  void anotherProtocolIsRefused() throws Exception {
    try (Liar liar =
        new Liar((_, out) -> out.write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes()))) {
      assertThat(assertRefused(liar)).hasMessageContaining("expected an OPC UA server");
    }
  }

  @Test
  void silenceIsLeftInTime() throws Exception {
    try (Liar liar = new Liar((_, _) -> {})) {
      assertThat(assertRefused(liar)).hasMessageContaining("Bad_Timeout");
    }
  }

  @Test
  void silenceAfterTheGreetingIsLeftInTime() throws Exception {
    try (Liar liar = new Liar(Liar::acknowledge)) {
      assertThat(assertRefused(liar)).hasMessageContaining("Bad_Timeout");
    }
  }

  @Test
  void aMessageOfGigabytesIsRefused() throws Exception {
    try (Liar liar =
        new Liar((in, out) -> {
          Liar.acknowledge(in, out);
          out.write(chunk('F', 2_000_000_000, 100));
        })) {
      assertRefused(liar);
    }
  }

  @Test
  void chunksWithoutEndAreRefused() throws Exception {
    try (Liar liar =
        new Liar((in, out) -> {
          Liar.acknowledge(in, out);
          byte[] chunk = chunk('C', 65_536, 65_536);
          while (true) {
            out.write(chunk);
          }
        })) {
      assertRefused(liar);
    }
  }

  private static byte[] chunk(char kind, int length, int written) {
    return ByteBuffer.allocate(written)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(new byte[] {'M', 'S', 'G', (byte) kind})
        .putInt(length)
        .array();
  }

  @Test
  void anArrayLargerThanAMessageEndsTheSourceAndNothingElse() throws Exception {
    try (Plant plant =
        new Plant().add("big", NodeIds.Double, 0.0).add("flow", NodeIds.Double, 1.0)) {
      Configs configs = Configs.at(plant, "big", "flow");
      try (Running running = new Running(configs.build(), arrow.get())) {
        running.awaitValue("flow", 1.0);
        Double[] huge = new Double[3_000_000];
        Arrays.fill(huge, 1.0);
        plant.set("big", huge);
        Await.until(
            "it ends or says so",
            Duration.ofSeconds(30),
            () -> running.ended() || running.count("big") > 1);
        if (running.ended()) {
          assertThat(running.failure()).isInstanceOf(PluginException.class);
        } else {
          assertThat(running.values("big").get(1).toString()).startsWith("Bad_");
        }
      }
    }
  }

  @Test
  void anArrayWithinAMessageIsOneBadSample() throws Exception {
    try (Plant plant = new Plant().add("big", NodeIds.Double, 0.0)) {
      try (Running running = new Running(Configs.at(plant, "big").build(), arrow.get())) {
        running.awaitValue("big", 0.0);
        Double[] large = new Double[100_000];
        Arrays.fill(large, 1.0);
        plant.set("big", large);
        plant.set("big", 2.0);
        running.awaitValue("big", 2.0);
        assertThat(running.values("big")).containsExactly(0.0, "Bad_TypeMismatch", 2.0);
      }
    }
  }

  private PluginException assertRefused(Liar liar) throws Exception {
    Configs configs = new Configs(liar.endpoint()).tag("x");
    configs.timeout = Duration.ofMillis(300);
    try (Running running = new Running(configs.build(), arrow.get())) {
      Await.until("it gives up", running::ended);
      PluginException failure = (PluginException) Objects.requireNonNull(running.failure());
      assertThat(failure.code().blame()).isEqualTo(Blame.EXTERNAL);
      assertThat(failure.code().retriable()).isTrue();
      assertThat(liar.connections()).isOne();
      return failure;
    }
  }
}
