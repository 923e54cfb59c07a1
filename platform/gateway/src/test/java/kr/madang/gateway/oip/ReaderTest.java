package kr.madang.gateway.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import kr.madang.inference.Inference;
import kr.madang.inference.InferenceOptions;
import kr.madang.inference.Slabs;
import kr.madang.inference.Tensor;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** What is read is what was sent, and what makes no sense is refused and keeps no memory. */
class ReaderTest {
  private static Inference inference;
  private static Slabs slabs;

  @BeforeContainer
  static void open() {
    inference = Inference.open(InferenceOptions.defaults());
    slabs = inference.slabs();
  }

  @AfterContainer
  static void close() {
    inference.close();
  }

  private static Asked read(String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return RequestReader.read(bytes, bytes.length, bytes.length, slabs);
  }

  private static String body(Datatype type, List<?> data) {
    return "{\"inputs\":[{\"name\":\"x\",\"shape\":[%d],\"datatype\":\"%s\",\"data\":%s}]}"
        .formatted(data.size(), type, data);
  }

  /** Reads data and writes them again as an output. */
  private static String there(Datatype type, List<?> data) {
    try (Asked asked = read(body(type, data))) {
      AnswerWriter.Written written = AnswerWriter.write("m", "1", asked, asked.inputs);
      String json = new String(written.bytes(), 0, written.length(), StandardCharsets.UTF_8);
      return json.substring(json.indexOf("\"data\":") + 7, json.length() - 3);
    }
  }

  private static String flat(List<?> data) {
    return data.stream().map(String::valueOf).collect(Collectors.joining(",", "[", "]"));
  }

  @Property(tries = 300)
  void floatsComeBackAsTheSameBits(@ForAll List<Float> values) {
    List<Float> data = values.stream().filter(Float::isFinite).toList();
    assertThat(there(Datatype.FP32, data)).isEqualTo(flat(data));
    try (Asked asked = read(body(Datatype.FP32, data))) {
      ByteBuffer bytes = asked.inputs.getFirst().data();
      for (int i = 0; i < data.size(); i++) {
        assertThat(bytes.getInt(i * 4)).isEqualTo(Float.floatToRawIntBits(data.get(i)));
      }
    }
    assertThat(slabs.taken()).isZero();
  }

  @Property(tries = 300)
  void decimalsBecomeTheNearestFloat(@ForAll List<Double> values) {
    List<String> data = new ArrayList<>();
    List<Float> expected = new ArrayList<>();
    for (double value : values) {
      String text = String.format(Locale.ROOT, "%.17e", value);
      float nearest = Float.parseFloat(text);
      if (Float.isFinite(nearest)) {
        data.add(text);
        expected.add(nearest);
      }
    }
    assertThat(there(Datatype.FP32, data)).isEqualTo(flat(expected));
  }

  @Property(tries = 300)
  void doublesComeBackAsTheSame(@ForAll List<Double> values) {
    List<Double> data = values.stream().filter(Double::isFinite).toList();
    assertThat(there(Datatype.FP64, data)).isEqualTo(flat(data));
  }

  @Property(tries = 300)
  void longsComeBackAsTheSame(@ForAll List<Long> values) {
    assertThat(there(Datatype.INT64, values)).isEqualTo(flat(values));
    List<String> unsigned = values.stream().map(Long::toUnsignedString).toList();
    assertThat(there(Datatype.UINT64, unsigned)).isEqualTo(flat(unsigned));
  }

  @Property(tries = 200)
  void smallIntegersComeBackOrAreRefused(@ForAll List<Integer> values) {
    for (Datatype type :
        List.of(
            Datatype.INT8,
            Datatype.UINT8,
            Datatype.INT16,
            Datatype.UINT16,
            Datatype.INT32,
            Datatype.UINT32)) {
      boolean signed = type.name().startsWith("I");
      int bits = type.size() * 8;
      long least = signed ? -(1L << bits - 1) : 0;
      long most = signed ? (1L << bits - 1) - 1 : (1L << bits) - 1;
      if (values.stream().allMatch(value -> value >= least && value <= most)) {
        assertThat(there(type, values)).isEqualTo(flat(values));
      } else {
        assertThatThrownBy(() -> read(body(type, values)))
            .isInstanceOf(Refusal.class)
            .hasMessageContaining("within " + type);
      }
    }
    assertThat(slabs.taken()).isZero();
  }

  @Property(tries = 300)
  void textsComeBackAsTheSame(@ForAll List<String> values) throws Exception {
    boolean unicode =
        values.stream().allMatch(text -> StandardCharsets.UTF_8.newEncoder().canEncode(text));
    List<String> data = values.stream().map(ReaderTest::quoted).toList();
    if (!unicode) {
      assertThatThrownBy(() -> read(body(Datatype.BYTES, data)))
          .isInstanceOf(Refusal.class)
          .hasMessageContaining("Unicode");
      return;
    }
    try (Asked asked = read(body(Datatype.BYTES, data))) {
      Tensor tensor = asked.inputs.getFirst();
      ByteBuffer bytes = tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN);
      for (String text : values) {
        byte[] utf8 = new byte[bytes.getInt()];
        bytes.get(utf8);
        assertThat(new String(utf8, StandardCharsets.UTF_8)).isEqualTo(text);
      }
      assertThat(bytes.hasRemaining()).isFalse();
    }
    List<String> again =
        new ObjectMapper().readValue(there(Datatype.BYTES, data), new TypeReference<>() {});
    assertThat(again).isEqualTo(values);
  }

  /** All of it escaped, so that half of a pair can be written too. */
  private static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      out.append(String.format("\\u%04x", (int) c));
    }
    return out.append('"').toString();
  }

  @Provide
  Arbitrary<byte[]> damaged() {
    Arbitrary<String> seeds =
        Arbitraries.of(
            body(Datatype.FP32, List.of(1.5, -2, 3e-7)),
            body(Datatype.INT64, List.of(Long.MAX_VALUE)),
            body(Datatype.BYTES, List.of("\"a\"", "\"\\u0000é\"")),
            body(Datatype.BOOL, List.of(true, false)),
            "{\"id\":\"a\",\"parameters\":{\"priority\":1,\"timeout\":5,\"binary_data_output\":true},\"outputs\":[{\"name\":\"y\",\"parameters\":{\"binary_data\":false}}],\"inputs\":[{\"data\":[[1,2],[3,4]],\"shape\":[2,2],\"name\":\"x\",\"datatype\":\"UINT8\"},{\"name\":\"b\",\"shape\":[2],\"datatype\":\"FP16\",\"parameters\":{\"binary_data_size\":4}}]}");
    Arbitrary<List<Integer>> places = Arbitraries.integers().list().ofMinSize(1).ofMaxSize(6);
    return Combinators.combine(seeds, places, Arbitraries.bytes().list().ofSize(6))
        .as((seed, at, values) -> {
          byte[] bytes = seed.getBytes(StandardCharsets.UTF_8);
          for (int i = 0; i < at.size(); i++) {
            int where = Math.floorMod(at.get(i), bytes.length);
            byte[] likely = "[]{}:,\"0-.eE\\utn".getBytes(StandardCharsets.US_ASCII);
            bytes[where] =
                values.get(i) % 3 == 0
                    ? values.get(i)
                    : likely[Math.floorMod(values.get(i), likely.length)];
          }
          return bytes;
        });
  }

  @Property(tries = 2_000)
  void damageIsRefusedOrRead(@ForAll("damaged") byte[] body, @ForAll byte cut) {
    int json = Math.clamp(body.length - Math.floorMod(cut, 8), 0, body.length);
    try (Asked asked = RequestReader.read(body, body.length, json, slabs)) {
      assertThat(asked.inputs).isNotNull();
    } catch (Refusal refusal) {
      assertThat(refusal.status()).isEqualTo(Status.INVALID);
      assertThat(refusal.getMessage()).isNotBlank();
    }
    assertThat(slabs.taken()).isZero();
  }
}
