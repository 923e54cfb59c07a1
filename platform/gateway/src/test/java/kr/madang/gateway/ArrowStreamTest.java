package kr.madang.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import kr.madang.sdk.testkit.TestAllocator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Record batches as the body of a request for inference. */
class ArrowStreamTest {
  private static final int MUTATIONS = Integer.getInteger("madang.mutations", 3_000);

  @TempDir static Path home;
  @RegisterExtension final TestAllocator allocator = new TestAllocator();
  private static House house;

  @BeforeAll
  static void open() throws Exception {
    house = new House(home, GatewayOptions.Limits.DEFAULT);
    Models.install(house);
  }

  @AfterAll
  static void close() throws Exception {
    house.close();
  }

  private static HttpResponse<byte[]> infer(String model, byte[] body) throws Exception {
    return house.send(
        house
            .request(Models.infer(model))
            .header("Content-Type", Tables.TYPE)
            .POST(BodyPublishers.ofByteArray(body)),
        BodyHandlers.ofByteArray());
  }

  private List<String> answer(String model, byte[] body) throws Exception {
    HttpResponse<byte[]> got = infer(model, body);
    assertThat(got.statusCode())
        .as(() -> new String(got.body(), StandardCharsets.UTF_8))
        .isEqualTo(200);
    assertThat(got.headers().firstValue("Content-Type")).contains(Tables.TYPE);
    Models.stands(house);
    return Tables.read(allocator.get(), got.body());
  }

  private static void refused(String model, byte[] body, String... words) throws Exception {
    Models.refusedBytes(house, infer(model, body), 400, words);
  }

  private interface Filler {
    void fill(FieldVector values);
  }

  private VectorSchemaRoot root(Field field, int rows, Filler filler) {
    BufferAllocator memory = allocator.get();
    FieldVector column = field.createVector(memory);
    column.setInitialCapacity(rows);
    column.allocateNew();
    FieldVector values = column;
    while (values instanceof FixedSizeListVector list) {
      for (int row = 0; row < rows; row++) {
        list.setNotNull(row);
      }
      values = list.getDataVector();
    }
    filler.fill(values);
    column.setValueCount(rows);
    VectorSchemaRoot root = VectorSchemaRoot.of(column);
    root.setRowCount(rows);
    return root;
  }

  private byte[] stream(Field field, int rows, Filler filler) {
    try (VectorSchemaRoot root = root(field, rows, filler)) {
      return Tables.stream(root);
    }
  }

  private static ArrowType floating(FloatingPointPrecision precision) {
    return new ArrowType.FloatingPoint(precision);
  }

  @Test
  void aBatchOfListsComesBackAsOne() throws Exception {
    try (VectorSchemaRoot root = Tables.floats(allocator.get(), "x", 2, 3, i -> i + 0.5)) {
      assertThat(answer("echo-float32", Tables.stream(root)))
          .containsExactly(
              "y[[0.5,1.5,2.5], [3.5,4.5,5.5]]", "{model_name=echo-float32, model_version=1.0.0}");
    }
  }

  @Test
  void batchesOfAStreamAreOneRequest() throws Exception {
    try (VectorSchemaRoot root = Tables.floats(allocator.get(), "x", 2, 3, i -> i)) {
      byte[] three = Tables.stream(root, new DictionaryProvider.MapDictionaryProvider(), 3);
      assertThat(answer("echo-float32", three).getFirst())
          .isEqualTo(
              "y[[0.0,1.0,2.0], [3.0,4.0,5.0], [0.0,1.0,2.0], [3.0,4.0,5.0], [0.0,1.0,2.0],"
                  + " [3.0,4.0,5.0]]");
      byte[] none = Tables.stream(root, new DictionaryProvider.MapDictionaryProvider(), 0);
      assertThat(answer("echo-float32", none).getFirst()).isEqualTo("y[]");
    }
  }

  @Test
  void everyTypeIsExact() throws Exception {
    Filler longs =
        values -> {
          BigIntVector of = (BigIntVector) values;
          of.allocateNew(3);
          of.set(0, Long.MIN_VALUE);
          of.set(1, 9_007_199_254_740_993L);
          of.set(2, Long.MAX_VALUE);
          of.setValueCount(3);
        };
    Field three = Tables.list("x", new ArrowType.Int(64, true), 3);
    assertThat(answer("echo-int64", stream(three, 1, longs)).getFirst())
        .isEqualTo("y[[-9223372036854775808,9007199254740993,9223372036854775807]]");
    assertThat(answer("to-uint64", stream(three, 1, longs)).getFirst())
        .isEqualTo("y[[-9223372036854775808,9007199254740993,9223372036854775807]]");
    assertThat(
            answer(
                    "echo-bool",
                    stream(
                        Tables.list("x", ArrowType.Bool.INSTANCE, 3),
                        3,
                        values -> {
                          BitVector of = (BitVector) values;
                          of.allocateNew(9);
                          for (int i = 0; i < 9; i++) {
                            of.set(i, i % 4 == 0 ? 1 : 0);
                          }
                          of.setValueCount(9);
                        }))
                .getFirst())
        .isEqualTo("y[[true,false,false], [false,true,false], [false,false,true]]");
    assertThat(
            answer(
                    "echo-float16",
                    stream(
                        Tables.list("x", floating(FloatingPointPrecision.HALF), 3),
                        1,
                        values -> {
                          Float2Vector of = (Float2Vector) values;
                          of.allocateNew(3);
                          for (int i = 0; i < 3; i++) {
                            of.setWithPossibleTruncate(i, 1.5f * i);
                          }
                          of.setValueCount(3);
                        }))
                .getFirst())
        .isEqualTo("y[[%d,%d,%d]]".formatted(0, 0x3E00, 0x4200));
    assertThat(
            answer(
                    "echo-float64",
                    stream(
                        Tables.list("x", floating(FloatingPointPrecision.DOUBLE), 3),
                        1,
                        values -> {
                          Float8Vector of = (Float8Vector) values;
                          of.allocateNew(3);
                          of.set(0, Double.NaN);
                          of.set(1, 5e-324);
                          of.set(2, Double.NEGATIVE_INFINITY);
                          of.setValueCount(3);
                        }))
                .getFirst())
        .isEqualTo("y[[\"NaN\",4.9E-324,\"-Infinity\"]]");
  }

  private static void texts(FieldVector values, String... texts) {
    VarCharVector of = (VarCharVector) values;
    of.allocateNew(texts.length);
    for (int i = 0; i < texts.length; i++) {
      of.setSafe(i, texts[i].getBytes(StandardCharsets.UTF_8));
    }
    of.setValueCount(texts.length);
  }

  @Test
  void textsComePlainAndByDictionary() throws Exception {
    Field plain = Field.notNullable("x", ArrowType.Utf8.INSTANCE);
    assertThat(answer("texts", stream(plain, 3, values -> texts(values, "", "한글", "a\0b"))))
        .first()
        .isEqualTo("y[, 한글, a\0b]");
    DictionaryEncoding encoding = new DictionaryEncoding(7, false, null);
    try (VarCharVector words = new VarCharVector("words", allocator.get());
        IntVector codes =
            new IntVector(
                "x",
                new FieldType(false, new ArrowType.Int(32, true), encoding),
                allocator.get())) {
      texts(words, "good", "bad");
      codes.allocateNew(4);
      for (int i = 0; i < 4; i++) {
        codes.set(i, i / 2);
      }
      codes.setValueCount(4);
      DictionaryProvider known =
          new DictionaryProvider.MapDictionaryProvider(new Dictionary(words, encoding));
      byte[] sent = Tables.stream(VectorSchemaRoot.of(codes), known, 1);
      assertThat(answer("texts", sent).getFirst()).isEqualTo("y[good, good, bad, bad]");
      codes.set(2, 2);
      refused(
          "texts",
          Tables.stream(VectorSchemaRoot.of(codes), known, 1),
          "column 'x'",
          "row 2",
          "expected 0 to 1",
          "got 2");
    }
  }

  @Test
  void aRowOfHigherRankIsAListOfItsValuesAndItsFieldSaysTheShape() throws Exception {
    Filler numbers =
        values -> {
          IntVector of = (IntVector) values;
          of.allocateNew(8);
          for (int i = 0; i < 8; i++) {
            of.set(i, i);
          }
          of.setValueCount(8);
        };
    ArrowType number = new ArrowType.Int(32, true);
    String expected = "y[[0,1,2,3], [4,5,6,7]]";
    assertThat(answer("cube", stream(Tables.list("x", number, 4), 2, numbers)).getFirst())
        .isEqualTo(expected);
    Field nested =
        new Field(
            "x",
            FieldType.notNullable(new ArrowType.FixedSizeList(2)),
            List.of(Tables.list("item", number, 2)));
    byte[] sent;
    try (VectorSchemaRoot root =
        VectorSchemaRoot.create(new Schema(List.of(nested)), allocator.get())) {
      FixedSizeListVector outer = (FixedSizeListVector) root.getVector(0);
      FixedSizeListVector inner = (FixedSizeListVector) outer.getDataVector();
      numbers.fill(inner.getDataVector());
      inner.allocateNew();
      numbers.fill(inner.getDataVector());
      for (int i = 0; i < 4; i++) {
        inner.setNotNull(i);
      }
      inner.setValueCount(4);
      for (int i = 0; i < 2; i++) {
        outer.setNotNull(i);
      }
      outer.setValueCount(2);
      root.setRowCount(2);
      sent = Tables.stream(root);
    }
    HttpResponse<byte[]> got = infer("cube", sent);
    assertThat(Tables.read(allocator.get(), got.body()).getFirst()).isEqualTo(expected);
    assertThat(new String(got.body(), StandardCharsets.ISO_8859_1))
        .contains("arrow.fixed_shape_tensor")
        .contains("{\"shape\":[2, 2]}");
    refused(
        "cube",
        stream(Tables.list("x", number, 8), 1, numbers),
        "column 'x'",
        "rows of 4 values",
        "fixed_size_list<int32>[8]");
  }

  private byte[] pair(Map<String, String> metadata) {
    Schema schema = new Schema(List.of(Tables.floats("b", 2), Tables.floats("a", 2)), metadata);
    try (VectorSchemaRoot root = VectorSchemaRoot.create(schema, allocator.get())) {
      Tables.fill((FixedSizeListVector) root.getVector(0), 1, i -> i);
      Tables.fill((FixedSizeListVector) root.getVector(1), 1, i -> 10 + i);
      root.setRowCount(1);
      return Tables.stream(root);
    }
  }

  @Test
  void whatIsWantedStandsInTheMetadataOfTheSchema() throws Exception {
    assertThat(answer("pair", pair(Map.of())))
        .containsExactly(
            "sum[[10.0,12.0]]",
            "difference[[10.0,10.0]]",
            "{model_name=pair, model_version=1.2.0}");
    assertThat(answer("pair", pair(Map.of("outputs", "[\"difference\"]", "id", "me"))))
        .containsExactly(
            "difference[[10.0,10.0]]", "{id=me, model_name=pair, model_version=1.2.0}");
    refused("pair", pair(Map.of("outputs", "[\"no\"]")), "no output 'no'");
    refused("pair", pair(Map.of("outputs", "sum")), "'outputs'", "JSON list");
    refused("pair", pair(Map.of("timeout", "soon")), "'timeout'", "got 'soon'");
  }

  @Test
  void whatDoesNotFitIsSaidWithColumnExpectedAndGot() throws Exception {
    Field one = Field.nullable("x", floating(FloatingPointPrecision.SINGLE));
    refused(
        "echo-float32",
        stream(Field.nullable("z", floating(FloatingPointPrecision.SINGLE)), 1, values -> {}),
        "inputs [x]",
        "got [z]",
        "missing [x]");
    refused("list", stream(one, 1, values -> {}), "row 0", "expected a value, got null");
    refused(
        "echo-float64", stream(one, 1, values -> {}), "expected values of float64, got float32");
    refused(
        "echo-float32",
        stream(new Field("x", FieldType.nullable(ArrowType.Null.INSTANCE), null), 1, v -> {}),
        "column 'x'",
        "got Null");
    refused(
        "echo-float32",
        stream(
            new Field(
                "x",
                FieldType.nullable(ArrowType.Struct.INSTANCE),
                List.of(Field.nullable("a", new ArrowType.Int(8, true)))),
            1,
            v -> {}),
        "column 'x'",
        "got Struct");
    try (VectorSchemaRoot four = Tables.floats(allocator.get(), "x", 1, 4, i -> i)) {
      refused(
          "echo-float32", Tables.stream(four), "input 'x'", "expected shape [n, 3]", "got [1, 4]");
    }
    refused("echo-float32", new byte[0], "expected a schema first");
    refused("echo-float32", "{\"inputs\":[]}".getBytes(StandardCharsets.UTF_8), "metadata");
    assertThat(infer("nobody", new byte[0]).statusCode()).isEqualTo(404);
  }

  /** Whatever bytes come: an answer or a refusal, no incident, and all memory is back. */
  @Test
  void bytesThatWereTurnedOverAreAnsweredOrRefused() throws Exception {
    byte[] numbers;
    try (VectorSchemaRoot root = Tables.floats(allocator.get(), "x", 5, 3, i -> i)) {
      numbers = Tables.stream(root);
    }
    byte[] texts =
        stream(
            Field.nullable("x", ArrowType.Utf8.INSTANCE),
            3,
            values -> texts(values, "one", "two", "three"));
    Random random = new Random(11);
    int answered = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      boolean first = random.nextBoolean();
      byte[] sent = (first ? numbers : texts).clone();
      for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
        int at = random.nextInt(sent.length);
        switch (random.nextInt(3)) {
          case 0 -> sent[at] = (byte) random.nextInt();
          case 1 -> sent[at] ^= (byte) (1 << random.nextInt(8));
          default -> sent[at] = (byte) (random.nextBoolean() ? 0xFF : 0x7F);
        }
      }
      if (random.nextInt(8) == 0) {
        sent = java.util.Arrays.copyOf(sent, random.nextInt(sent.length));
      }
      HttpResponse<byte[]> got = infer(first ? "echo-float32" : "texts", sent);
      String said = new String(got.body(), StandardCharsets.UTF_8);
      assertThat(got.statusCode()).as(said).isIn(200, 400, 504);
      if (got.statusCode() == 200) {
        answered++;
        Tables.read(allocator.get(), got.body());
      } else {
        assertThat(said).doesNotContain("Exception").doesNotContain("java.");
      }
    }
    assertThat(answered).isBetween(1, MUTATIONS - 1);
    Models.stands(house);
  }
}
