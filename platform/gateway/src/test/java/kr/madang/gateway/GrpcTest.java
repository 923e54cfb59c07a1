package kr.madang.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.CodedInputStream;
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

  /** A request of one tensor [1,3], with contents in a field or as raw bytes. */
  private static byte[] request(String model, String type, int field, byte[] data)
      throws IOException {
    ByteArrayOutputStream tensor = new ByteArrayOutputStream();
    CodedOutputStream input = CodedOutputStream.newInstance(tensor);
    input.writeString(1, "x");
    input.writeString(2, type);
    input.writeInt64(3, 1);
    input.writeInt64(3, 3);
    if (field > 0) {
      ByteArrayOutputStream contents = new ByteArrayOutputStream();
      CodedOutputStream packed = CodedOutputStream.newInstance(contents);
      packed.writeByteArray(field, data);
      packed.flush();
      input.writeByteArray(5, contents.toByteArray());
    }
    input.flush();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.writeString(1, model);
    out.writeByteArray(5, tensor.toByteArray());
    if (field == 0) {
      out.writeByteArray(7, data);
    }
    out.flush();
    return bytes.toByteArray();
  }

  /** The bytes in a field of a field of a message, as deep as said. */
  private static byte[] within(byte[] message, int... path) throws IOException {
    byte[] found = message;
    for (int field : path) {
      CodedInputStream in = CodedInputStream.newInstance(found);
      byte[] next = {};
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == (field << 3 | 2)) {
          next = in.readByteArray();
        } else {
          in.skipField(tag);
        }
      }
      found = next;
    }
    return found;
  }

  @Test
  void c9WideUnsignedIntegersComeBackExactlyTypedAndRaw() throws Exception {
    long[][] numbers = {{0, 0x8000, 0xffff}, {0, 0x8000_0000L, 0xffff_ffffL}, {0, 1L << 63, -1}};
    int bytes = 2;
    for (long[] row : numbers) {
      String type = "UINT" + 8 * bytes;
      int field = bytes == 8 ? 5 : 4;
      ByteArrayOutputStream typed = new ByteArrayOutputStream();
      CodedOutputStream out = CodedOutputStream.newInstance(typed);
      java.nio.ByteBuffer raw = Models.little(3 * bytes);
      for (long number : row) {
        out.writeUInt64NoTag(number);
        for (int i = 0; i < bytes; i++) {
          raw.put((byte) (number >>> 8 * i));
        }
      }
      out.flush();
      String model = "echo-uint" + 8 * bytes;
      byte[] said = call("ModelInfer", request(model, type, field, typed.toByteArray()));
      assertThat(within(said, 5, 5, field)).as(type).isEqualTo(typed.toByteArray());
      said = call("ModelInfer", request(model, type, 0, raw.array()));
      assertThat(within(said, 6)).as(type).isEqualTo(raw.array());
      bytes *= 2;
    }
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
