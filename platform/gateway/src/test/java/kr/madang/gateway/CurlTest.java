package kr.madang.gateway;

import static kr.madang.gateway.Models.answered;
import static kr.madang.gateway.Models.floats;
import static kr.madang.gateway.Models.request;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that knows nothing of this server: curl, as the documentation shows it. */
class CurlTest {
  private static final String JSON =
      "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,3],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":12}}],\"parameters\":{\"binary_data_output\":true}}";

  @TempDir Path folder;

  private byte[] curl(House house, String path, String... more) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "curl",
                "--silent",
                "--show-error",
                "--max-time",
                "20",
                "-H",
                "Authorization: Bearer " + house.token));
    command.addAll(List.of(more));
    command.add(house.uri(path).toString());
    Process curl = new ProcessBuilder(command).directory(folder.toFile()).start();
    byte[] out = curl.getInputStream().readAllBytes();
    assertThat(curl.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(curl.exitValue())
        .as(new String(curl.getErrorStream().readAllBytes(), StandardCharsets.UTF_8))
        .isZero();
    return out;
  }

  private static boolean isThere() {
    try {
      return new ProcessBuilder("curl", "--version")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Test
  void jsonAndBytesGoAndCome() throws Exception {
    Assumptions.assumeTrue(isThere(), "install curl to have this test run");
    try (House house = new House(folder.resolve("home"), GatewayOptions.Limits.DEFAULT)) {
      Models.install(house);
      String infer = Models.infer("echo-float32");
      assertThat(curl(house, "/v2/health/live")).asString().isEqualTo("{\"live\":true}");
      assertThat(curl(house, infer, "-d", request("FP32", "[1,3]", "[1,2,3]")))
          .asString()
          .isEqualTo(answered("echo-float32", "FP32", "[1,3]", "[1.0,2.0,3.0]"));
      byte[] tail = floats(1, 2, 3);
      byte[] body = Arrays.copyOf(JSON.getBytes(StandardCharsets.US_ASCII), JSON.length() + 12);
      System.arraycopy(tail, 0, body, JSON.length(), 12);
      Files.write(folder.resolve("body"), body);
      byte[] got =
          curl(
              house,
              infer,
              "-H",
              "Inference-Header-Content-Length: " + JSON.length(),
              "--data-binary",
              "@body");
      assertThat(Arrays.copyOfRange(got, got.length - 12, got.length)).isEqualTo(tail);
      // A body above 1 MiB makes curl wait for 100 Continue, or send it in pieces.
      int rows = 400_000;
      Files.writeString(
          folder.resolve("large"),
          request("FP32", "[" + rows + "]", "[" + "1,".repeat(rows - 1) + "1]"));
      assertThat(
              curl(
                  house,
                  Models.infer("list"),
                  "-H",
                  "Transfer-Encoding: chunked",
                  "-H",
                  "Expect: 100-continue",
                  "--data-binary",
                  "@large"))
          .asString()
          .contains("\"shape\":[400000]");
    }
  }
}
