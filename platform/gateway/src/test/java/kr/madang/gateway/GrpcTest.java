package kr.madang.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedOutputStream;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import kr.madang.sdk.testkit.Await;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Open Inference Protocol over gRPC; the conformance list itself is in {@code check.js}. */
class GrpcTest {
  @TempDir static Path home;
  private static House house;
  private static GrpcClient client;

  @BeforeAll
  static void open() throws Exception {
    house = new House(home, GatewayOptions.Limits.DEFAULT);
    Models.install(house);
    client = new GrpcClient(house);
  }

  @AfterAll
  static void close() throws Exception {
    client.close();
    house.close();
  }

  private static byte[] call(String method, byte[] message) {
    return client.call(method, message);
  }

  private static void stillWell() throws Exception {
    assertThat(call("ServerLive", new byte[0])).containsExactly(8, 1);
    Await.until("all memory is back", () -> house.control.serving().memory().taken() == 0);
  }

  private static byte[] request(String model, byte[] raw) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.writeString(1, model);
      ByteArrayOutputStream tensor = new ByteArrayOutputStream();
      CodedOutputStream input = CodedOutputStream.newInstance(tensor);
      input.writeString(1, "x");
      input.writeString(2, "FP32");
      input.writeInt64(3, raw.length / 12);
      input.writeInt64(3, 3);
      input.flush();
      out.writeByteArray(5, tensor.toByteArray());
      out.writeByteArray(7, raw);
      out.flush();
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void stubsOfAnotherCodeBaseFindTheConformanceListKept() throws Exception {
    Path folder = Path.of("src/test/node").toAbsolutePath();
    Assumptions.assumeTrue(
        Files.isDirectory(folder.resolve("node_modules/@grpc/grpc-js")),
        "run 'npm install' in " + folder + " to have this test run");
    Process node =
        new ProcessBuilder(
                "node",
                "check.js",
                "127.0.0.1:" + house.gateway.grpcPort().orElseThrow(),
                house.token,
                Path.of("src/main/proto/open_inference.proto").toAbsolutePath().toString())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(node.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(said).contains("all is well");
    assertThat(node.exitValue()).isZero();
    stillWell();
  }

  @Test
  void aMessageThatIsNoneIsRefusedAndTheServerGoesOn() throws Exception {
    byte[] good = request("echo-float32", new byte[12]);
    assertThat(call("ModelInfer", good)).isNotEmpty();
    Random random = new Random(5);
    for (int i = 0; i < 2_000; i++) {
      byte[] bad = good.clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        bad[random.nextInt(bad.length)] = (byte) random.nextInt();
      }
      try {
        call("ModelInfer", bad);
      } catch (StatusRuntimeException e) {
        assertThat(e.getStatus().getCode())
            .as("%s", e.getStatus())
            .isIn(
                Status.Code.INVALID_ARGUMENT, Status.Code.NOT_FOUND, Status.Code.DEADLINE_EXCEEDED);
        assertThat(e.getStatus().getDescription()).doesNotContain("java").doesNotContain("at kr.");
      }
    }
    stillWell();
  }

  @Test
  void c15AMessageBeyondTheLimitIsRefused() throws Exception {
    assertThatThrownBy(() -> call("ModelInfer", request("echo-float32", new byte[65 << 20])))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e ->
                assertThat(e.getStatus().getCode())
                    .isIn(Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED));
    stillWell();
  }

  @Test
  void c19ACallThatTheClientGivesUpFreesItsPlace() throws Exception {
    byte[] rows = new byte[512 * 4 * 3_000];
    assertThatThrownBy(() -> client.call("ModelInfer", slow(rows), 300))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
    stillWell();
  }

  private static byte[] slow(byte[] raw) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeString(1, "slow");
    ByteArrayOutputStream tensor = new ByteArrayOutputStream();
    CodedOutputStream input = CodedOutputStream.newInstance(tensor);
    input.writeString(1, "x");
    input.writeString(2, "FP32");
    input.writeInt64(3, raw.length / 4 / 512);
    input.writeInt64(3, 512);
    input.flush();
    out.writeByteArray(5, tensor.toByteArray());
    out.writeByteArray(7, raw);
    out.flush();
    return bytes.toByteArray();
  }
}
