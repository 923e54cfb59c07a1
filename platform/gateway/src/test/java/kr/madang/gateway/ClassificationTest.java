package kr.madang.gateway;

import static kr.madang.gateway.Models.binary;
import static kr.madang.gateway.Models.floats;
import static kr.madang.gateway.Models.json;
import static kr.madang.gateway.Models.refused;
import static kr.madang.gateway.Models.tail;
import static kr.madang.gateway.Models.texts;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import kr.madang.gateway.oip.Classes;
import kr.madang.inference.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The largest elements instead of all; over gRPC see {@code check.js}. */
class ClassificationTest {
  @TempDir Path home;

  private static String request(String type, String shape, String data, String count) {
    return "{\"inputs\":[{\"name\":\"x\",\"shape\":%s,\"datatype\":\"%s\",\"data\":%s}],\"outputs\":[{\"name\":\"y\",\"parameters\":{\"classification\":%s}}]}"
        .formatted(shape, type, data, count);
  }

  @Test
  void theLargestOfEachRowComeWithTheirPlaces() throws Exception {
    try (House house = new House(home, GatewayOptions.Limits.DEFAULT)) {
      Models.install(house);
      HttpResponse<String> got =
          json(house, "echo-float32", request("FP32", "[2,3]", "[0.5,2,-1,7,7,8]", "2"));
      assertThat(got.body())
          .isEqualTo(
              Models.answered(
                  "echo-float32", "BYTES", "[2,2]", "[\"2.0:1\",\"0.5:0\",\"8.0:2\",\"7.0:0\"]"));
      assertThat(json(house, "list", request("FP32", "[4]", "[3,1,4,1]", "9")).body())
          .contains("\"shape\":[4]")
          .contains("[\"4.0:2\",\"3.0:0\",\"1.0:1\",\"1.0:3\"]");
      String large = "[-9223372036854775808,9223372036854775807,0]";
      assertThat(json(house, "echo-int64", request("INT64", "[1,3]", large, "1")).body())
          .contains("[\"9223372036854775807:1\"]");
      HttpResponse<byte[]> bytes =
          binary(
              house,
              "list",
              "{\"inputs\":[{\"name\":\"x\",\"shape\":[3],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":12}}],\"outputs\":[{\"name\":\"y\",\"parameters\":{\"classification\":1,\"binary_data\":true}}]}",
              floats(Float.NaN, -1, Float.NEGATIVE_INFINITY));
      assertThat(tail(bytes)).isEqualTo(texts("-1.0:1"));
      for (String count : List.of("0", "-1", "1001", "1.5", "\"2\"", "null", "[]")) {
        refused(
            house,
            json(house, "list", request("FP32", "[1]", "[1]", count)),
            400,
            "'classification'");
      }
      refused(
          house, json(house, "echo-bool", request("BOOL", "[1,3]", "[1,0,1]", "1")), 400, "BOOL");
      refused(house, json(house, "scalar", request("FP64", "[]", "[1]", "1")), 400, "'y'");
    }
  }

  @Test
  void theyAreThoseThatASortFinds() {
    Random random = new Random(7);
    for (int round = 0; round < 300; round++) {
      int columns = random.nextInt(40);
      float[] values = new float[columns];
      ByteBuffer data = ByteBuffer.allocate(columns * 4).order(ByteOrder.nativeOrder());
      for (int i = 0; i < columns; i++) {
        values[i] = random.nextInt(12) - 6;
        data.putFloat(i * 4, values[i]);
      }
      int count = 1 + random.nextInt(columns + 3);
      Tensor top = Classes.top(new Tensor("y", "float32", new long[] {1, columns}, data), count);
      List<String> expected =
          IntStream.range(0, columns)
              .boxed()
              .sorted(Comparator.comparingDouble(i -> -values[i]))
              .limit(count)
              .map(i -> values[i] + ":" + i)
              .toList();
      assertThat(read(top.data())).isEqualTo(expected);
    }
  }

  private static List<String> read(ByteBuffer data) {
    List<String> texts = new ArrayList<>();
    ByteBuffer bytes = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      byte[] text = new byte[bytes.getInt()];
      bytes.get(text);
      texts.add(new String(text, StandardCharsets.US_ASCII));
    }
    return texts;
  }
}
